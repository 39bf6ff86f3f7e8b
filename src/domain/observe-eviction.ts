import { supersededBy, templateChangedBy } from './generation.ts';
import { livePods } from './identity.ts';
import { notesFor, type Look, waitsForEnd } from './look.ts';
import { evictionOf, type Evict } from './plan.ts';
import { replacing } from './replacing.ts';
import type { Observation, ProgressNote, WorkloadProgress } from './rollout.ts';
import type { Failure } from './failure.ts';
import type { Budget, Pod, WorkloadView } from './workload.ts';

/** A disruption budget may say no this long before it counts as never. */
const BLOCKED = 10 * 60_000;
const BLOCKED_SAID = 30_000;

/** Done when every pod of the plan is gone and as many others are ready as it takes. */
export function observeEviction(look: Look, write: Evict): WorkloadProgress {
  const { view, plan, containers } = look;
  const targets = new Set(write.pods.map((pod) => pod.uid));
  const { remaining, going, settled, trouble, progress } = replacing(
    look,
    targets,
    ({ uid }) => targets.has(uid) || look.evicted.includes(uid),
  );
  // An autoscaler may want fewer pods meanwhile: then some of those that went get no successor.
  const known = new Set(plan.pods.map((pod) => pod.uid));
  const others = livePods(view.pods).filter((pod) => known.has(pod.uid) && !targets.has(pod.uid)).length;
  const needed = Math.max(0, Math.min(targets.size, view.workload.replicas - others));
  const blockedBy = blocking(view, remaining);
  const base = { ...progress, desired: needed, ...(blockedBy === undefined || going.length > 0 ? {} : { blockedBy: blockedBy.name }) };
  const by = plan.write.action === 'evict' ? templateChangedBy(view, containers) : supersededBy(view, containers, look.request);
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const observation = phase(look, remaining, going, settled, needed, targets.size);
  const blocked = blockedBy === undefined ? undefined : budgetSymptom(look, blockedBy);
  // That nothing moves is what a budget does: it has more patience than a rollout has, and better words.
  const still = trouble.because?.code === 'rollout-stalled' && trouble.because.transient !== true;
  const because = blocked !== undefined && still ? blocked.because : (trouble.because ?? blocked?.because);
  if (observation.phase !== 'complete' && because !== undefined) return { ...base, observation: { phase: 'stalled', because } };
  const notes = blocked?.notes === undefined ? trouble.notes : [...trouble.notes, ...blocked.notes];
  return { ...base, observation, ...notesFor(look, observation, { ...trouble, notes }, going) };
}

function phase(look: Look, remaining: readonly Pod[], going: readonly Pod[], settled: number, needed: number, all: number): Observation {
  if (remaining.length > 0) return { phase: 'updating', updated: all - remaining.length - going.length, desired: all };
  if (settled < needed) return { phase: 'settling', available: settled, desired: needed };
  if (waitsForEnd(look, going)) return { phase: 'retiring', old: going.length };
  return { phase: 'complete' };
}

/** The budget that allows no eviction right now, of those over the pods that are still to go. */
export function blocking(view: WorkloadView, remaining: readonly Pod[]): Budget | undefined {
  return view.budgets.find((budget) => budget.allowed <= 0 && remaining.some((pod) => budget.pods.includes(pod.name)));
}

/** Between two evictions a budget always says no; only one that keeps saying so is told, and in the end believed. */
export function budgetSymptom({ notebook, now, plan }: Look, budget: Budget): { because?: Failure; notes?: ProgressNote[] } {
  if (evictionOf(plan)?.forceDelete === true) return {};
  const { name, desiredHealthy, currentHealthy, expectedPods } = budget;
  const lasted = now - notebook.note('blocked', 1, name).since;
  const healthy = `it wants ${desiredHealthy} healthy pods, and ${currentHealthy} of ${expectedPods} are`;
  if (lasted < BLOCKED) {
    const text = `disruption budget ${name} lets no pod go: ${healthy}. This may pass: repull waits ${BLOCKED / 60_000} min for it.`;
    return lasted < BLOCKED_SAID ? {} : { notes: [{ key: 'disruption-budget', text }] };
  }
  const because: Failure = {
    code: 'disruption-budget',
    subject: name,
    evidence: `it allowed no eviction for ${Math.round(lasted / 60_000)} minutes: ${healthy}`,
    transient: true,
    look: `kubectl -n ${plan.workload.namespace} describe pdb ${name}`,
    at: now,
  };
  return { because };
}
