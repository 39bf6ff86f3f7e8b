import { evidenceFor, seconds } from './evidence.ts';
import type { ContainerPlan } from './plan.ts';
import type { Symptom } from './symptom.ts';
import type { PodProgress } from './rollout.ts';
import type { PullEvidence } from './verdict.ts';
import type { Pod } from './workload.ts';

/** One pod on the card: how far it is, and what its kubelet said about the pull. `detail` stands alone: "pulled in 2.1 s", "ErrImagePull". */
export function podProgress(
  pod: Pod,
  plans: readonly ContainerPlan[],
  evidence: readonly PullEvidence[],
  symptoms: readonly Symptom[],
): PodProgress {
  const base = { pod: pod.name, uid: pod.uid, ...(pod.node === undefined ? {} : { node: pod.node }) };
  const concerned = new Set(plans.filter((plan) => plan.concerned).map((plan) => plan.container));
  const pulls = pod.containers.filter(({ name }) => concerned.has(name)).map(({ name }) => lastWord(evidenceFor(evidence, pod, name)));
  const fetched = pullText(pulls);
  const detail = fetched === undefined ? {} : { detail: fetched };
  if (pod.ready) return { ...base, phase: 'ready', ...detail };
  const failing = symptoms.find((symptom) => symptom.failure.code !== 'probe-failing' || symptom.seen >= symptom.fatalAt);
  if (failing !== undefined) return { ...base, phase: 'failed', detail: failing.detail };
  const started = pod.containers.some(({ role, state }) => role !== 'init' && (state?.is === 'running' || state?.is === 'terminated'));
  if (started) {
    const probe = symptoms[0]?.detail;
    return { ...base, phase: 'starting', ...(probe === undefined ? detail : { detail: probe }) };
  }
  if (pulls.some((pull) => pull?.is === 'pulling')) return { ...base, phase: 'pulling' };
  return fetched === undefined ? { ...base, phase: 'waiting' } : { ...base, phase: 'pulled', ...detail };
}

const lastWord = (evidence: readonly PullEvidence[]): PullEvidence['what'] | undefined => evidence.at(-1)?.what;

/** The slowest of several containers; a pull beats the cache, because one fetched image is what was asked for. */
function pullText(pulls: readonly (PullEvidence['what'] | undefined)[]): string | undefined {
  const pulled = pulls.flatMap((pull) => (pull?.is === 'pulled' ? [pull.tookMs] : []));
  if (pulled.length > 0) {
    const known = pulled.filter((took) => took !== undefined);
    return known.length === 0 ? 'pulled' : `pulled in ${seconds(Math.max(...known))}`;
  }
  return pulls.some((pull) => pull?.is === 'already-present') ? 'from node cache' : undefined;
}
