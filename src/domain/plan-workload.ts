import { asSeen, candidates, type Candidate } from './candidate.ts';
import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import { livePods, runsOn } from './identity.ts';
import { parseImage } from './image.ts';
import { withoutDigest } from './image-text.ts';
import { argoWarnings, restartAt, restartsByController } from './plan-argo.ts';
import { cronJobObstacle, cronJobWarnings, cronJobWrites } from './plan-cron-job.ts';
import { downtimeOf } from './plan-downtime.ts';
import { chooseMethod } from './plan-method.ts';
import { obstacle, replacesItself } from './plan-obstacle.ts';
import type { PlanInput } from './plan-repull.ts';
import { hosts, warningsFor } from './plan-warnings.ts';
import { afterPatch, containerPlans, evictionFor, patchFor, placed } from './plan-write.ts';
import type { ContainerPlan, WorkloadPlan } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { Ask } from './request.ts';
import { concernedContainers, shortName } from './select.ts';
import type { NodeFacts, WorkloadView } from './workload.ts';

/**
 * `idle`: nothing to do here, which is no reason to leave the app's other workloads alone. `refused`: a person must decide first.
 * `elsewhere`: the words of the request mean none of its containers.
 */
export type WorkloadOutcome =
  | { outcome: 'planned'; plan: WorkloadPlan; containers: ContainerPlan[]; warnings: string[] }
  | { outcome: 'idle' | 'refused'; because: Failure; containers: ContainerPlan[] }
  | { outcome: 'elsewhere'; because?: Failure };

export function planWorkload(input: PlanInput, view: WorkloadView): WorkloadOutcome {
  const { ask, snapshot, answers } = input;
  const asked = concernedContainers(ask, view);
  if (!asked.ok)
    return asked.failure.code === 'unknown-container'
      ? { outcome: 'elsewhere', because: asked.failure }
      : { outcome: 'refused', because: asked.failure, containers: [] };
  if (asked.value.length === 0) return { outcome: 'elsewhere' };
  const all = candidates(ask, view, asked.value, answers, snapshot.nodes);
  const seen = all.map((candidate) => asSeen(view, candidate));
  const blocked = obstacle(view);
  if (blocked !== undefined) return { outcome: blocked.code === 'no-replicas' ? 'idle' : 'refused', because: blocked, containers: seen };
  const broken = all.map((candidate) => imageProblem(view, candidate, snapshot.nodes)).find((failure) => failure !== undefined);
  if (broken !== undefined) return { outcome: 'refused', because: broken, containers: seen };
  const targets = targetsOf(ask, all);
  if (targets.length === 0) return { outcome: 'idle', because: nothingToDo(ask, view, all), containers: seen };
  const choice = chooseMethod({ ask, view, targets, allowed: input.allowed });
  if ('refused' in choice) return { outcome: 'refused', because: choice.refused, containers: seen };
  const { method, why } = choice;
  const isCronJob = view.workload.kind === 'CronJob';
  if (ask.now === true && !isCronJob) return { outcome: 'refused', because: notACronJob(ask, view), containers: seen };
  const nothing = isCronJob ? cronJobObstacle(ask, view, method) : undefined;
  if (nothing !== undefined) return { outcome: nothing.code === 'next-run' ? 'idle' : 'refused', because: nothing, containers: seen };
  const containers = containerPlans(ask, view, all, targets, method);
  const { kind, namespace, name, uid, replicas, strategy, owners } = view.workload;
  const volumes = view.workload.imageVolumes.map((each) => ({ name: each.name, reference: each.reference }));
  return {
    outcome: 'planned',
    containers,
    warnings: [
      ...(isCronJob ? cronJobWarnings(ask, view, targets).map((text) => `${shortName(view.workload)}: ${text}`) : []),
      ...argoWarnings(view, method).map((text) => `${shortName(view.workload)}: ${text}`),
      ...warningsFor({ ask, view, all, targets, containers, method, nodes: snapshot.nodes }),
    ],
    plan: {
      workload: { kind, namespace, name },
      uid,
      method,
      why,
      ...(isCronJob
        ? cronJobWrites(ask, view, containers, method, input.request, input.at)
        : method === 'evict'
          ? { write: evictionFor(ask, view) }
          : restartsByController(view, method)
            ? { write: restartAt(view, input.request, snapshot.at) }
            : { write: patchFor(view, containers, input.request, input.at), ...afterPatch(ask, view) }),
      replicas,
      pods: livePods(view.pods).map((pod) => ({ ...placed(pod), ready: pod.ready })),
      budgets: view.budgets.map((budget) => ({ name: budget.name, allowed: budget.allowed })),
      downtime: downtimeOf(view.workload, method === 'evict' || !replacesItself(view), restartsByController(view, method)),
      owners,
      strategy,
      ...(volumes.length === 0 ? {} : { imageVolumes: volumes }),
    },
  };
}

const notACronJob = (ask: Ask, view: WorkloadView): Failure => ({
  code: 'bad-usage',
  subject: '--now',
  evidence: `${shortName(view.workload)} is no CronJob: its pods are replaced at once anyway`,
  remedy: commandLine(ask, { now: undefined }),
});

/** Those with something to fetch; with `--force` all that can fetch at all. */
function targetsOf(ask: Ask, all: readonly Candidate[]): Candidate[] {
  return all.filter(({ standing }) => {
    switch (standing) {
      case 'new':
      case 'unknown':
        return true;
      case 'current':
      case 'immutable':
        return ask.force;
      case 'never':
      case 'neighbour':
        return false;
    }
  });
}

/** What would certainly leave new pods without an image. */
function imageProblem(view: WorkloadView, candidate: Candidate, nodes: readonly NodeFacts[]): Failure | undefined {
  const { target, answer, standing, spec } = candidate;
  if (standing === 'neighbour') return undefined;
  if (parseImage(target) === undefined) return { code: 'invalid-image', subject: target, evidence: `image of container ${spec.name}` };
  if (!answer.known) {
    if (answer.because !== 'not-found') return undefined;
    return {
      code: 'image-not-found',
      subject: target,
      evidence: answer.detail,
      remedy: target === spec.image ? 'push it again, or name another tag with --tag' : `check the tag; it runs ${spec.image} now`,
    };
  }
  const now = hosts(view, nodes);
  if (answer.platforms.length === 0 || now.length === 0) return undefined;
  if (now.some((node) => answer.platforms.some((platform) => runsOn(platform, node)))) return undefined;
  return {
    code: 'no-matching-platform',
    subject: target,
    evidence: `it offers ${answer.platforms.join(', ')}; its pods run on ${[...new Set(now.map((node) => `${node.os}/${node.architecture}`))].join(', ')}`,
    remedy: 'build and push it for the platform of the nodes',
  };
}

/** Digests differ and the code does not: said, or whoever compares digests would not believe it. */
function byAnotherName(running: readonly string[], answer: RegistryAnswer): string {
  if (!answer.known) return '';
  const others = running.filter((digest) => answer.identities.some((each) => each.digest === digest && each.sameConfig === true));
  return others.length === 0 ? '' : `; ${others.join(', ')} is the same image under another digest (equal config)`;
}

/** Why none of the containers that were asked about is worth replacing a pod for. */
function nothingToDo(ask: Ask, view: WorkloadView, all: readonly Candidate[]): Failure {
  const asked = all.filter(({ standing }) => standing !== 'neighbour');
  const current = asked.filter(({ standing }) => standing === 'current');
  if (current.length > 0) {
    return {
      code: 'nothing-new',
      subject: shortName(view.workload),
      evidence: [
        ...current.map(
          ({ spec, target, answer, running }) =>
            `${spec.name}: every pod runs what the registry holds as ${target}${answer.known ? ` (${answer.digest})` : ''}${byAnotherName(running, answer)}`,
        ),
        ...view.workload.imageVolumes.map(
          (volume) => `image volume ${volume.name}: whether the pods hold what ${volume.reference} is now, nothing shows`,
        ),
      ].join('; '),
      remedy: commandLine(ask, { force: true }),
    };
  }
  const immutable = asked.find(({ standing }) => standing === 'immutable');
  if (immutable !== undefined) {
    const movable = withoutDigest(immutable.spec.image) !== undefined;
    return {
      code: 'immutable-reference',
      subject: immutable.spec.image,
      evidence: 'its image is named by digest, and a digest always means the same bytes',
      remedy: movable
        ? `to move the pin to what the tag holds now: ${commandLine(ask, { via: 'pin', pod: undefined })}`
        : `name another image with --tag or --image, or replace the pods all the same: ${commandLine(ask, { force: true })}`,
    };
  }
  const never = asked.map(({ spec }) => spec.name).join(', ');
  return {
    code: 'would-not-pull',
    subject: never,
    evidence: `the pull policy of ${never} is Never: the node may only use an image it has`,
    remedy: `to change the policy to Always: ${commandLine(ask, { via: 'always', tag: undefined, image: undefined, pod: undefined })}`,
  };
}
