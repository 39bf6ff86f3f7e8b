import { asSeen, candidates, notAsked, ofWorkload, type Candidate } from './candidate.ts';
import type { Failure } from './failure.ts';
import { livePods } from './identity.ts';
import { digestOf, sameRepository } from './image-text.ts';
import { argoWarnings } from './plan-argo.ts';
import { downtimeOf } from './plan-downtime.ts';
import { isGitOps, named, ownsTemplate } from './plan-method.ts';
import { obstacle, replacesItself, templateObstacle } from './plan-obstacle.ts';
import type { PlanInput, UnhashedPlan } from './plan-repull.ts';
import { afterPatch, patchFor, placed } from './plan-write.ts';
import type { ContainerPlan, Plan, Refusal, WorkloadPlan } from './plan.ts';
import { shortName } from './select.ts';
import { restorable, restoredImage } from './way-back.ts';
import { sameWorkload, STAMP } from './workload.ts';
import type { Pod, PullPolicy, WorkloadView } from './workload.ts';

export type RollbackInput = Omit<PlanInput, 'allowed'> & { undone: { id: string; plan: Plan } };

/** The pull policy that was recorded, where the request changed it and nobody has changed it since. */
const restoredPolicy = (before: ContainerPlan, now: PullPolicy): PullPolicy =>
  before.pullPolicyAfter !== before.pullPolicy && now === before.pullPolicyAfter ? before.pullPolicy : now;

/** The image texts whose registry answers `planRollback` looks at: whether the old bits can still be fetched. */
export const imagesToRestore = (undone: Plan): string[] => [
  ...new Set(undone.containers.filter((each) => each.concerned).flatMap(restorable)),
];

/** Back to the recorded digests, never to the tag: the tag holds the new bits (product.md §5). */
export function planRollback(input: RollbackInput): { plan: UnhashedPlan } | Refusal {
  const { snapshot, undone } = input;
  const recorded = undone.plan.containers.filter((each) => each.concerned && restorable(each).length > 0);
  const views = snapshot.workloads.filter((view) => ofWorkload(recorded, view.workload).length > 0);
  if (views.length === 0) {
    return {
      refused: {
        code: 'nothing-recorded',
        subject: undone.id,
        evidence: `no digest was recorded before ${undone.id}, or its workloads are gone`,
        remedy: 'name the image to go back to: --image REF or --tag T',
      },
      containers: [],
    };
  }
  const parts = views.map((view) => undoWorkload(input, view, ofWorkload(recorded, view.workload)));
  const containers = parts.flatMap((part) => part.containers);
  const planned = parts.filter((part) => part.plan !== undefined);
  // One that was scaled to nothing meanwhile is no reason to leave the app's others on what failed.
  const idle = parts.filter((part) => part.refused?.code === 'no-replicas' && planned.length > 0);
  const refused = parts.find((part) => part.refused !== undefined && !idle.includes(part))?.refused;
  if (refused !== undefined) return { refused, containers };
  if (planned.length === 0) {
    return {
      refused: {
        code: 'nothing-new',
        subject: undone.id,
        evidence: `everything runs the digests that were recorded before ${undone.id} already`,
      },
      containers,
    };
  }
  const gone = undone.plan.workloads.filter((each) => !snapshot.workloads.some((view) => sameWorkload(view.workload, each.workload)));
  return {
    plan: {
      hash: '',
      cluster: snapshot.cluster,
      at: snapshot.at,
      workloads: planned.flatMap((part) => part.plan ?? []),
      containers: planned.flatMap((part) => part.containers),
      warnings: [
        ...parts.flatMap((part) => part.warnings),
        ...idle.map((part) => `${part.refused?.subject ?? ''} has no pods now and keeps its template`),
        ...gone.map((each) => `${shortName(each.workload)} is gone and is not brought back`),
      ],
    },
  };
}

interface Part {
  plan?: WorkloadPlan;
  refused?: Failure;
  containers: ContainerPlan[];
  warnings: string[];
}

function undoWorkload(input: RollbackInput, view: WorkloadView, recorded: readonly ContainerPlan[]): Part {
  const { ask, snapshot, undone } = input;
  const pairs = view.workload.containers.flatMap((spec) => {
    const before = recorded.find((each) => each.container === spec.name);
    return before === undefined ? [] : [{ spec, before }];
  });
  const seen = candidates(
    { ...ask, via: 'set-image' },
    view,
    pairs.map(({ spec }) => spec),
    input.answers,
    snapshot.nodes,
  );
  const containers = seen.map((candidate) => restored(input, view, candidate, recorded));
  const blocked = obstacle(view) ?? templateObstacle(ask, view, false);
  if (blocked !== undefined) return { refused: blocked, containers, warnings: [] };
  const lost = containers.find((each) => each.concerned && !each.registry.known && each.registry.because === 'not-found');
  if (lost !== undefined && !ask.force) return { refused: garbageCollected(lost), containers, warnings: [] };
  if (containers.every((each) => !each.concerned || isBack(each))) return { containers, warnings: [] };
  const { kind, namespace, name, uid, replicas, strategy, owners } = view.workload;
  return {
    containers,
    warnings: [...argoWarnings(view, 'pin').map((text) => `${shortName(view.workload)}: ${text}`), ...warnings(input, view, containers)],
    plan: {
      workload: { kind, namespace, name },
      uid,
      method: 'pin',
      why: `back to the digests recorded before ${undone.id}; the tag itself holds other bits now`,
      write: patchFor(view, containers, input.request, input.at),
      replicas,
      pods: livePods(view.pods).map((pod) => ({ ...placed(pod), ready: pod.ready })),
      budgets: view.budgets.map((budget) => ({ name: budget.name, allowed: budget.allowed })),
      ...afterPatch(ask, view),
      downtime: downtimeOf(view.workload, !replacesItself(view)),
      owners,
      strategy,
    },
  };
}

function restored(input: RollbackInput, view: WorkloadView, candidate: Candidate, recorded: readonly ContainerPlan[]): ContainerPlan {
  const seen = asSeen(view, candidate);
  const before = recorded.find((each) => each.container === candidate.spec.name);
  const image = before === undefined ? undefined : restoredImage(before, input.answers);
  if (before === undefined || image === undefined) return { ...seen, concerned: false };
  const pullPolicyAfter = restoredPolicy(before, candidate.policy);
  return { ...seen, concerned: true, imageAfter: image, pullPolicyAfter, registry: input.answers.get(image) ?? notAsked(image) };
}

/** The template says it, and every pod shows it, by whichever of its digests. */
function isBack(each: ContainerPlan): boolean {
  if (each.image !== each.imageAfter || each.pullPolicy !== each.pullPolicyAfter || each.running.length === 0) return false;
  const wanted = digestOf(each.imageAfter);
  const names = each.registry.known && each.registry.digest === wanted ? each.registry.identities.map(({ digest }) => digest) : [];
  return each.running.every((digest) => digest === wanted || names.includes(digest));
}

const garbageCollected = ({ imageAfter, registry }: ContainerPlan): Failure => ({
  code: 'image-not-found',
  subject: imageAfter,
  evidence: registry.known ? '' : registry.detail,
  remedy: 'the registry has thrown the old image away; push it again, or name another one with --tag or --image',
});

function warnings(input: RollbackInput, view: WorkloadView, containers: readonly ContainerPlan[]): string[] {
  const subject = shortName(view.workload);
  const before = input.undone.plan.workloads.find((each) => sameWorkload(each.workload, view.workload));
  const mixed = ofWorkload(input.undone.plan.containers, view.workload).filter((each) => each.concerned && each.running.length > 1);
  const unknown = containers.filter((each) => each.concerned && !each.registry.known);
  const never = containers.filter((each) => each.concerned && each.pullPolicyAfter === 'Never');
  const vague = containers.filter((each) => each.concerned && digestOf(each.imageAfter) === undefined);
  const recorded = ofWorkload(input.undone.plan.containers, view.workload);
  const elsewhere = containers.filter(
    (each) => each.concerned && recorded.some((old) => old.container === each.container && !sameRepository(each.imageAfter, old.image)),
  );
  const reverting = view.workload.owners.find((owner) => isGitOps(owner) || ownsTemplate(owner));
  return [
    ...(before !== undefined && before.uid !== view.workload.uid ? ['it was deleted and created again since'] : []),
    ...unknown.map(
      (each) => `the registry could not be asked whether it still has ${each.imageAfter}; a node that has it needs no registry`,
    ),
    ...mixed.map(
      (each) => `its pods ran ${each.running.length} different digests of ${each.container}; this goes back to the one most of them ran`,
    ),
    ...elsewhere.map(
      (each) => `the own repository of ${each.container} has no such digest; it goes back to ${each.imageAfter}, as its node named it`,
    ),
    ...vague.map(
      (each) => `no pod of ${each.container} showed its digest then; this goes back to ${each.imageAfter}, whatever it holds now`,
    ),
    ...never.map((each) => `the pull policy of ${each.container} is Never: a node that has thrown the old image away cannot start it`),
    ...(reverting === undefined ? [] : [`${named(reverting)} will probably take this back (${reverting.evidence}): change it there too`]),
  ].map((text) => `${subject}: ${text}`);
}

/**
 * Pods that keep a StatefulSet from rolling back: it waits for the first pod that is not ready before it touches the next, and a pod that cannot
 * start never becomes ready, whatever the template says now (https://github.com/kubernetes/kubernetes/issues/67250). They must be deleted.
 */
export function stuckPods(view: WorkloadView, request: string): Pod[] {
  const { workload } = view;
  const { updateRevision } = workload.status;
  if (workload.kind !== 'StatefulSet' || workload.templateAnnotations[STAMP] !== request || updateRevision === undefined) return [];
  if (workload.observedGeneration < workload.generation) return [];
  const partition = workload.strategy.type === 'RollingUpdate' ? (workload.strategy.partition ?? 0) : 0;
  return view.pods.filter((pod) => !pod.ready && !pod.deleting && pod.revision !== updateRevision && (pod.ordinal ?? 0) >= partition);
}
