import { livePods } from './identity.ts';
import { evictionOf, type WorkloadPlan } from './plan.ts';
import type { ProgressNote } from './rollout.ts';
import type { WorkloadView } from './workload.ts';

/** Pods that this request was never to replace: at the end they are told apart from those that were. */
export function keptNote(view: WorkloadView, plan: WorkloadPlan): ProgressNote[] {
  const { workload } = view;
  const live = livePods(view.pods);
  const eviction = evictionOf(plan);
  const stay = (count: number, why: string): ProgressNote[] =>
    count === 0
      ? []
      : [{ key: 'kept', text: `${count} of ${live.length} pods ${count === 1 ? 'stays as it is' : 'stay as they are'}: ${why}` }];
  if (eviction !== undefined) {
    const known = new Set(plan.pods.map(({ uid }) => uid));
    const targets = new Set(eviction.pods.map(({ uid }) => uid));
    return stay(
      live.filter(({ uid }) => known.has(uid) && !targets.has(uid)).length,
      `only ${eviction.pods.map(({ name }) => name).join(', ')} was asked for`,
    );
  }
  const partition = workload.strategy.type === 'RollingUpdate' ? (workload.strategy.partition ?? 0) : 0;
  return stay(live.filter(({ ordinal }) => (ordinal ?? 0) < partition).length, `its partition is ${partition}`);
}
