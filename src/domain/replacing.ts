import { isSettled } from './generation.ts';
import { livePods } from './identity.ts';
import { listed, type Look } from './look.ts';
import type { WorkloadProgress } from './rollout.ts';
import { stall, type Stall } from './stall.ts';
import type { Pod } from './workload.ts';

/** The pods of a workload whose template stays, while others take the place of those that are to go. */
export interface Replacing {
  /** Still serving, and to go. */
  remaining: Pod[];
  /** Told to go, and not gone. */
  going: Pod[];
  /** Came since the plan. */
  successors: Pod[];
  /** Of these, ready for long enough. */
  settled: number;
  trouble: Stall;
  progress: Omit<WorkloadProgress, 'observation' | 'desired'>;
}

/** @param targets uids of the pods that are to go. @param ours whether the end of a pod is of this request. */
export function replacing(look: Look, targets: ReadonlySet<string>, ours: (pod: Pod) => boolean): Replacing {
  const { view, plan, now } = look;
  const live = livePods(view.pods);
  const known = new Set(plan.pods.map((pod) => pod.uid));
  const remaining = live.filter((pod) => targets.has(pod.uid));
  const going = view.pods.filter((pod) => pod.deleting && ours(pod));
  const successors = live.filter((pod) => !known.has(pod.uid));
  const settled = successors.filter((pod) => isSettled(pod, view.workload, now)).length;
  const counts = [remaining.length, going.length, successors.length, settled].join('/');
  const trouble = stall({ ...look, revision: undefined, pods: successors, inTheWay: going, counts });
  const progress = { workload: plan.workload, pods: listed(successors, look, trouble), old: remaining.length + going.length };
  return { remaining, going, successors, settled, trouble, progress };
}
