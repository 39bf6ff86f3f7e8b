import { livePods } from './identity.ts';
import { evictionOf, type WorkloadPlan } from './plan.ts';
import type { Pod, WorkloadView } from './workload.ts';

export type NextEviction = { evict: { name: string; uid: string } } | { wait: string } | { done: true };

/**
 * Which pod may go now. One at a time: the next one only when the last one is gone, its successor is ready, and has been for minReadySeconds.
 * Told from live pods each time, so a worker that died in between goes on where the cluster stands. `done`: every pod of the plan is gone.
 */
export function nextEviction(view: WorkloadView, plan: WorkloadPlan, evicted: readonly string[]): NextEviction {
  const eviction = evictionOf(plan);
  if (eviction === undefined) return { done: true };
  const { workload } = view;
  const targets = eviction.pods;
  const going = view.pods.find((pod) => pod.deleting && isOurs(pod, plan, evicted));
  if (going !== undefined) return { wait: `${going.name} is terminating` };
  const live = livePods(view.pods);
  const known = new Set(plan.pods.map((pod) => pod.uid));
  const successors = live.filter((pod) => !known.has(pod.uid));
  const remaining = targets.filter((target) => live.some((pod) => pod.uid === target.uid));
  // Nothing of ours has gone yet: whatever is missing or unready was so before, and must not hold the first eviction back for ever.
  const begun = remaining.length < targets.length;
  if (begun) {
    if (live.length < workload.replicas)
      return { wait: `${workload.replicas - live.length} of ${workload.replicas} pods are still to be created` };
    const unready = successors.find((pod) => !pod.ready);
    if (unready !== undefined) return { wait: `${unready.name} is not ready` };
    const ready = live.filter((pod) => pod.ready).length;
    if (workload.minReadySeconds > 0 && workload.status.available < Math.min(ready, workload.replicas)) {
      return { wait: `the newest pod has not been ready for ${workload.minReadySeconds} s` };
    }
  }
  if (remaining.length === 0) return { done: true };
  const next = first(remaining, live, evicted);
  return { evict: { name: next.name, uid: next.uid } };
}

const isOurs = (pod: Pod, plan: WorkloadPlan, evicted: readonly string[]): boolean =>
  evicted.includes(pod.uid) || plan.pods.some((each) => each.uid === pod.uid);

type Target = { name: string; uid: string };

/** One that was asked to go and is still there is asked again; then those that cannot serve; then the order of the plan. */
function first(remaining: readonly Target[], live: readonly Pod[], evicted: readonly string[]): Target {
  const isReady = (target: Target): boolean => live.some((pod) => pod.uid === target.uid && pod.ready);
  const [head] = remaining.toSorted(
    (a, b) => Number(evicted.includes(b.uid)) - Number(evicted.includes(a.uid)) || Number(isReady(a)) - Number(isReady(b)),
  );
  if (head === undefined) throw new Error('a first of none was asked for');
  return head;
}
