import { isSettled, templateChangedBy } from './generation.ts';
import { livePods } from './identity.ts';
import { listed, TERMINATING, type Look } from './look.ts';
import type { Write } from './plan.ts';
import type { Observation, WorkloadProgress } from './rollout.ts';
import { stall } from './stall.ts';
import type { Failure } from './failure.ts';
import type { Pod, WorkloadView } from './workload.ts';

/** A disruption budget may say no this long before it counts as never. */
const BLOCKED = 10 * 60_000;

type Evict = Extract<Write, { action: 'evict' }>;

/** Done when every pod of the plan is gone and as many others are ready as it takes. */
export function observeEviction(look: Look, write: Evict): WorkloadProgress {
  const { view, plan, containers, notebook, now } = look;
  const { workload } = view;
  const live = livePods(view.pods);
  const known = new Set(plan.pods.map((pod) => pod.uid));
  const targets = new Set(write.pods.map((pod) => pod.uid));
  const remaining = live.filter((pod) => targets.has(pod.uid));
  const going = view.pods.filter((pod) => pod.deleting && (targets.has(pod.uid) || look.evicted.includes(pod.uid)));
  const successors = live.filter((pod) => !known.has(pod.uid));
  // An autoscaler may want fewer pods meanwhile: then some of those that went get no successor.
  const others = live.filter((pod) => known.has(pod.uid) && !targets.has(pod.uid)).length;
  const needed = Math.max(0, Math.min(targets.size, workload.replicas - others));
  const settled = successors.filter((pod) => isSettled(pod, workload, now)).length;
  const counts = [remaining.length, going.length, successors.length, settled].join('/');
  const trouble = stall({ view, revision: undefined, pods: successors, containers, evidence: look.evidence, notebook, counts, now });
  const blockedBy = blocking(view, remaining);
  const base = {
    workload: plan.workload,
    pods: listed(successors, look, trouble),
    old: remaining.length + going.length,
    desired: needed,
    ...(blockedBy === undefined || going.length > 0 ? {} : { blockedBy }),
  };
  const by = templateChangedBy(view, containers);
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const observation = phase(look, remaining, going, settled, needed, targets.size);
  const because = trouble.because ?? budgetFailure(look, blockedBy);
  if (observation.phase !== 'complete' && because !== undefined) return { ...base, observation: { phase: 'stalled', because } };
  return { ...base, observation };
}

function phase(look: Look, remaining: readonly Pod[], going: readonly Pod[], settled: number, needed: number, all: number): Observation {
  if (remaining.length > 0) return { phase: 'updating', updated: all - remaining.length - going.length, desired: all };
  if (settled < needed) return { phase: 'settling', available: settled, desired: needed };
  if (going.length > 0) {
    const noted = look.notebook.note('terminating', 1, going.map((pod) => pod.name).join(' '));
    if (look.now - noted.since < TERMINATING) return { phase: 'retiring', old: going.length };
  }
  return { phase: 'complete' };
}

/** The budget that allows no eviction right now, of those over the pods that are still to go. */
function blocking(view: WorkloadView, remaining: readonly Pod[]): string | undefined {
  return view.budgets.find((budget) => budget.allowed <= 0 && remaining.some((pod) => budget.pods.includes(pod.name)))?.name;
}

function budgetFailure({ notebook, now, plan }: Look, blockedBy: string | undefined): Failure | undefined {
  if (blockedBy === undefined || (plan.write.action === 'evict' && plan.write.forceDelete)) return undefined;
  const noted = notebook.note('blocked', 1, blockedBy);
  if (now - noted.since < BLOCKED) return undefined;
  return {
    code: 'disruption-budget',
    subject: blockedBy,
    evidence: `it allowed no eviction for ${Math.round((now - noted.since) / 60_000)} minutes`,
    transient: true,
    remedy: `kubectl -n ${plan.workload.namespace} describe pdb ${blockedBy}`,
    at: now,
  };
}
