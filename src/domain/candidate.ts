import { podsOfLastRun } from './cron-run.ts';
import { containerIn, digestIn, livePods, matches, nodeOf, runningDigests } from './identity.ts';
import { digestOf, withoutDigest } from './image-text.ts';
import type { ContainerPlan } from './plan.ts';
import { effectivePullPolicy } from './pull-policy.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { Ask } from './request.ts';
import { questionFor, targetImage } from './select.ts';
import { shownAs } from './way-back.ts';
import { sameWorkload } from './workload.ts';
import type { ContainerSpec, NodeFacts, Pod, PullPolicy, WorkloadView } from './workload.ts';

/**
 * How a container stands towards the request: `new`: the registry holds something that not every pod runs; `current`: every pod runs what the
 * registry holds; `unknown`: the registry could not be asked; `immutable`: its reference is a digest, which can hold nothing new;
 * `never`: its policy forbids fetching; `neighbour`: the request does not mean it, it merely restarts with the others.
 */
type Standing = 'new' | 'current' | 'unknown' | 'immutable' | 'never' | 'neighbour';

export interface Candidate {
  spec: ContainerSpec;
  policy: PullPolicy;
  running: string[];
  shownAs: Record<string, string>;
  /** What the request would write, before any pin. */
  target: string;
  answer: RegistryAnswer;
  standing: Standing;
}

export function candidates(
  ask: Ask,
  view: WorkloadView,
  asked: readonly ContainerSpec[],
  answers: ReadonlyMap<string, RegistryAnswer>,
  nodes: readonly NodeFacts[],
): Candidate[] {
  const pods = view.workload.kind === 'CronJob' ? podsOfLastRun(view) : livePods(view.pods);
  const current = currentPods(view);
  return view.workload.containers.map((spec) => {
    const meant = asked.includes(spec);
    const question = meant ? questionFor(ask, spec) : spec.image;
    const answer = answers.get(question) ?? notAsked(question);
    const policy = effectivePullPolicy(spec, current);
    const target = meant ? targetImage(ask, spec) : spec.image;
    const standing = meant ? standingOf({ ask, spec, policy, target, answer, pods, nodes }) : 'neighbour';
    const shown = { running: runningDigests(pods, spec.name), shownAs: shownAs(pods, spec.name, spec.image) };
    return { spec, policy, ...shown, target, answer, standing };
  });
}

/**
 * Pods that were made from the template as it is now: they show what admission does to it. Pods of an older revision would speak for an
 * older template.
 */
export function currentPods(view: WorkloadView): Pod[] {
  const hash = view.workload.status.updateRevision ?? view.revisions[0]?.hash;
  const pods = livePods(view.pods);
  return hash === undefined ? pods : pods.filter((pod) => pod.revision === hash);
}

interface Facts {
  ask: Ask;
  spec: ContainerSpec;
  policy: PullPolicy;
  target: string;
  answer: RegistryAnswer;
  pods: readonly Pod[];
  nodes: readonly NodeFacts[];
}

function standingOf(facts: Facts): Standing {
  const { ask, spec, policy, target, answer } = facts;
  const changes = target !== spec.image;
  if (!changes && digestOf(spec.image) !== undefined && !(ask.via === 'pin' && withoutDigest(spec.image) !== undefined)) return 'immutable';
  if (policy === 'Never' && ask.via !== 'always') return 'never';
  if (!answer.known) return 'unknown';
  return changes || !allRun(facts) ? 'new' : 'current';
}

/** Nothing new: every digest that a pod shows belongs to the registry's answer. Where no pod shows any, nobody can say so. */
function allRun({ spec, answer, pods, nodes }: Facts): boolean {
  const shown = pods.filter((pod) => (containerIn(pod, spec.name)?.imageId ?? '') !== '');
  // The tag's own answer is compared, whatever digest the template names: a pin that moves must see what it leaves.
  const image = withoutDigest(spec.image) ?? spec.image;
  return shown.length > 0 && shown.every((pod) => matches(digestIn(pod, spec.name), image, answer, nodeOf(pod, nodes)) === 'same');
}

export const notAsked = (reference: string): RegistryAnswer => ({
  known: false,
  reference,
  because: 'unsupported',
  detail: 'the registry was not asked about this image',
  at: 0,
});

/** What was seen, for a refusal or as the base of a plan: nothing changed yet. */
export const asSeen = (view: WorkloadView, { spec, policy, running, shownAs: as, answer, standing }: Candidate): ContainerPlan => ({
  workload: { kind: view.workload.kind, namespace: view.workload.namespace, name: view.workload.name },
  container: spec.name,
  role: spec.role,
  image: spec.image,
  imageAfter: spec.image,
  pullPolicy: policy,
  pullPolicyAfter: policy,
  running,
  ...(Object.keys(as).length === 0 ? {} : { shownAs: as }),
  registry: answer,
  concerned: standing !== 'neighbour',
});

export const ofWorkload = (containers: readonly ContainerPlan[], ref: ContainerPlan['workload']): ContainerPlan[] =>
  containers.filter((container) => sameWorkload(container.workload, ref));
