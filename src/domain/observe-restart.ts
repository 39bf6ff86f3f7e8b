import { templateChangedBy } from './generation.ts';
import { notesFor, type Look, waitsForEnd } from './look.ts';
import { blocking, budgetSymptom } from './observe-eviction.ts';
import type { RestartAt } from './plan.ts';
import { replacing, type Replacing } from './replacing.ts';
import type { Observation, WorkloadProgress } from './rollout.ts';

/**
 * A restart that Argo Rollouts does itself. Done when no pod is older than the time, when its controller says so, and when those that came are
 * ready; the phase of an update that is half-way (Paused, Degraded) does not matter.
 */
export function observeRestart(look: Look, write: RestartAt): WorkloadProgress {
  const { view, plan, containers } = look;
  const known = new Set(plan.pods.map((pod) => pod.uid));
  const pods = replacing(look, known, ({ uid }) => known.has(uid));
  const { remaining, going, trouble, progress } = pods;
  // A blue-green update that is half-way has twice the pods; an autoscaler may want fewer meanwhile.
  const needed = Math.min(plan.pods.length, view.workload.replicas);
  const budget = going.length > 0 ? undefined : blocking(view, remaining);
  const base = { ...progress, desired: needed, ...(budget === undefined ? {} : { blockedBy: budget.name }) };
  const by = supersededBy(look, write) ?? templateChangedBy(view, containers);
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const observation = phase(look, write, pods, needed);
  const blocked = budget === undefined ? undefined : budgetSymptom(look, budget);
  const because = trouble.because ?? blocked?.because;
  if (observation.phase !== 'complete' && because !== undefined) return { ...base, observation: { phase: 'stalled', because } };
  const notes = [...trouble.notes, ...(blocked?.notes ?? [])];
  return { ...base, observation, ...notesFor(look, observation, { ...trouble, notes }, going) };
}

/** Another restart, or a new template, takes the place of this one. */
function supersededBy({ view, request }: Look, { at }: RestartAt): string | undefined {
  const { argo } = view.workload;
  if (argo?.stamp !== undefined && argo.stamp !== request) return `request ${argo.stamp}`;
  return argo?.restartAt === at ? undefined : 'somebody who asked for another restart or took this one back';
}

function phase(look: Look, write: RestartAt, { remaining, going, successors, settled }: Replacing, needed: number): Observation {
  const { view, plan } = look;
  const { argo, observedGeneration, generation } = view.workload;
  if (observedGeneration < generation) return { phase: 'unobserved' };
  const all = plan.pods.length;
  if (remaining.length > 0) return { phase: 'updating', updated: all - remaining.length - going.length, desired: all };
  if (argo?.restartedAt !== write.at) return { phase: 'updating', updated: all - going.length, desired: all };
  if (settled < Math.max(needed, successors.length)) return { phase: 'settling', available: settled, desired: needed };
  if (waitsForEnd(look, going)) return { phase: 'retiring', old: going.length };
  return { phase: 'complete' };
}
