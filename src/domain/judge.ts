import { podsOfJob, runsLater } from './cron-run.ts';
import { evidenceByPod, seconds } from './evidence.ts';
import type { Failure } from './failure.ts';
import { inReach, stampedRevision, podsOf } from './generation.ts';
import { byFrequency, livePods, nodeOf } from './identity.ts';
import { digestOf } from './image-text.ts';
import { judgePod } from './judge-pod.ts';
import type { ContainerPlan, Plan, WorkloadPlan } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import { shortName } from './select.ts';
import type { ContainerVerdict, PodVerdict, PullEvidence, VerdictWord } from './verdict.ts';
import { sameWorkload } from './workload.ts';
import type { NodeFacts, Pod, WorkloadView } from './workload.ts';

export interface JudgeInput {
  view: WorkloadView;
  container: ContainerPlan;
  /** Pods are replaced by evictions of ours, not by a controller: they carry no revision of this request. */
  evicts: boolean;
  /** The Job of a CronJob that this request started: its pods count, also when they have ended. */
  job?: string;
  request: string;
  evidence: readonly PullEvidence[];
  answer: RegistryAnswer;
  nodes: readonly NodeFacts[];
  /** API server's clock, milliseconds, when the first write left. */
  startedAt: number;
  /** Uids of the pods that were there before (`WorkloadPlan.pods`): with evict they are not judged. */
  before?: readonly string[];
}

/** Worst first: a container is as good as the worst of its pods. */
export const WORST_FIRST: readonly VerdictWord[] = [
  'wrong image',
  'from node cache',
  'unverifiable',
  'inferred',
  'cache, but correct',
  'pulled, unchanged',
  'pulled new',
];

/** Whether one container was really fetched again, pod by pod, and which event and digest prove it. */
export function judge(input: JudgeInput): ContainerVerdict {
  const { container, answer, nodes, evidence } = input;
  const byPod = evidenceByPod(evidence);
  const pods = judgedPods(input).map((pod) => judgePod(pod, container, answer, nodeOf(pod, nodes), byPod.get(pod.uid) ?? []));
  return {
    workload: container.workload,
    container: container.container,
    image: container.imageAfter,
    before: container.running,
    ...(answer.known ? { registry: answer.digest } : {}),
    after: byFrequency(pods.flatMap((pod) => pod.after ?? [])),
    word: worst(pods),
    pods,
  };
}

/** Nobody to judge proves nothing. */
const worst = (pods: readonly PodVerdict[]): VerdictWord =>
  WORST_FIRST.find((word) => pods.some((pod) => pod.word === word)) ?? 'unverifiable';

function judgedPods({ view, evicts, job, request, startedAt, before }: JudgeInput): Pod[] {
  if (job !== undefined) return podsOfJob(view, job);
  if (!evicts) {
    const revision = stampedRevision(view, request);
    return revision === undefined ? [] : podsOf(view, revision);
  }
  // creationTimestamp has whole seconds.
  const since = Math.floor(startedAt / 1000) * 1000;
  // Half-way through an update of Argo Rollouts some pods come back with the template before: nothing was promised about those.
  const current = view.workload.argo?.currentHash;
  return livePods(view.pods).filter(
    (pod) =>
      pod.createdAt >= since &&
      before?.includes(pod.uid) !== true &&
      inReach(view.workload, pod) &&
      (current === undefined || pod.revision === current),
  );
}

/** All verdicts in one: `cache`: bits came out of a node's cache and nothing was fetched, right or not. */
export function overall(verdicts: readonly ContainerVerdict[]): 'proven' | 'cache' | 'wrong' | 'unproven' {
  const words = new Set(verdicts.flatMap((verdict) => (verdict.pods.length === 0 ? [verdict.word] : verdict.pods.map((pod) => pod.word))));
  if (words.has('wrong image')) return 'wrong';
  if (words.has('from node cache')) return 'cache';
  if (words.size === 0 || words.has('unverifiable') || words.has('inferred')) return 'unproven';
  return words.has('pulled new') || words.has('pulled, unchanged') ? 'proven' : 'cache';
}

export type Conclusion = { ok: true; note?: string } | { ok: false; failure: Failure };

/** Whether a finished rollout did the job. One that fetched nothing is never a plain success (product.md §7). */
export function concludes(verdicts: readonly ContainerVerdict[], plan: Omit<Plan, 'hash'>): Conclusion {
  const judged = verdicts.filter((verdict) => planned(verdict, plan)?.concerned === true);
  const failure = judged.map((verdict) => failureOf(verdict, planned(verdict, plan))).find((each) => each !== undefined);
  if (failure !== undefined) return { ok: false, failure };
  const later = plan.workloads
    .filter(runsLater)
    .map((each) => `${shortName(each.workload)}: nothing was pulled yet; it takes effect at the next run`);
  if (later.length < plan.workloads.length && judged.every((verdict) => verdict.pods.length === 0)) {
    const subject = plan.workloads.map((each) => shortName(each.workload)).join(', ');
    return {
      ok: false,
      failure: { code: 'no-replicas', subject, evidence: 'no pod ran at the end, so nothing was pulled and nothing is proven' },
    };
  }
  const volumes = plan.workloads.flatMap((each) => (each.imageVolumes ?? []).map((volume) => volumeNote(each, volume)));
  const notes = [...later, ...judged.flatMap((verdict) => noteOf(verdict)), ...volumes];
  return notes.length === 0 ? { ok: true } : { ok: true, note: notes.join('\n') };
}

const volumeNote = (workload: WorkloadPlan, { name, reference }: { name: string; reference: string }): string =>
  `${shortName(workload.workload)}: image volume ${name} (${reference}) came with the new pods; what it holds is unverifiable, nothing shows it`;

const planned = (verdict: ContainerVerdict, plan: Omit<Plan, 'hash'>): ContainerPlan | undefined =>
  plan.containers.find((each) => each.container === verdict.container && sameWorkload(each.workload, verdict.workload));

function failureOf(verdict: ContainerVerdict, plan: ContainerPlan | undefined): Failure | undefined {
  const bad = verdict.pods.filter((pod) => pod.word === 'wrong image' || pod.word === 'from node cache');
  const [first] = bad;
  if (first === undefined) return undefined;
  const of = `${bad.length} of ${verdict.pods.length} ${verdict.pods.length === 1 ? 'pod' : 'pods'}`;
  const subject = `${shortName(verdict.workload)}/${verdict.container}`;
  const said = first.evidence === undefined ? '' : `; ${first.pod}: ${first.evidence.message}`;
  if (verdict.registry === undefined && plan?.registry.known === false && first.word === 'from node cache') {
    return {
      code: 'registry-unknown',
      subject,
      evidence: `${of} started from the node's cache and nothing was fetched; whether that is what ${verdict.image} holds now, nobody could be asked (${plan.registry.because})${said}`,
      remedy: 'ask again when the registry answers, or with --via always',
    };
  }
  return {
    code: 'wrong-image',
    subject,
    evidence: `${of} ${bad.length === 1 ? 'runs' : 'run'} ${first.after ?? 'an unknown digest'}, the registry holds ${verdict.registry ?? verdict.image}${said}`,
    remedy:
      first.word === 'from node cache' ||
      (first.evidence === undefined && first.after !== undefined && verdict.before.includes(first.after))
        ? "those are the old bits, as a node's cache or a mirror keeps them: ask again without --via, or with --pin"
        : 'the nodes fetch from somewhere else than repull asks (a mirror, a pull-through cache), or the tag moved meanwhile: ask again, or with --pin',
  };
}

function noteOf(verdict: ContainerVerdict): string[] {
  const name = `${shortName(verdict.workload)}/${verdict.container}`;
  const count = (word: VerdictWord): number => verdict.pods.filter((pod) => pod.word === word).length;
  const all = verdict.pods.length;
  const cached = count('cache, but correct');
  const inferred = count('inferred');
  // Right bits of an unknown way: a pin whose pull event was lost, for example.
  const right = verdict.pods.filter((pod) => pod.word === 'unverifiable' && pod.after !== undefined && isWanted(verdict, pod.after)).length;
  const unverifiable = count('unverifiable') - right;
  const pulled = verdict.pods.flatMap((pod) => pod.tookMs ?? []);
  const slowest = pulled.length === 0 ? '' : ` (slowest ${seconds(Math.max(...pulled))})`;
  return [
    ...(cached === all && all > 0 ? [`${name}: nothing was pulled, every node had the right image already`] : []),
    ...(cached > 0 && cached < all ? [`${name}: ${cached} of ${all} pods took the right image from their node's cache`] : []),
    ...(inferred > 0
      ? [
          `${name}: no pull event was seen for ${inferred} of ${all} pods; the policy Always leaves no other way to start, but it is not proven`,
        ]
      : []),
    ...(right > 0 ? [`${name}: ${right} of ${all} pods run the right digest, but no event says whether they fetched it`] : []),
    ...(unverifiable > 0 ? [`${name}: what ${unverifiable} of ${all} pods run could not be verified`] : []),
    ...(count('pulled, unchanged') === all && all > 0
      ? [`${name}: every pod asked the registry, and got the same image as before${slowest}`]
      : []),
    ...(verdict.registry === undefined && count('pulled new') > 0
      ? [`${name}: fetched by the nodes; the registry could not be asked what it holds, so the digest is the nodes' word`]
      : []),
  ];
}

const isWanted = (verdict: ContainerVerdict, digest: string): boolean => digest === verdict.registry || digest === digestOf(verdict.image);
