import type { WorkloadPlan } from './plan.ts';
import type { WorkloadView } from './workload.ts';

export type NextEviction = { evict: { name: string; uid: string } } | { wait: string } | { done: true };

export function nextEviction(_view: WorkloadView, _plan: WorkloadPlan, _evicted: readonly string[]): NextEviction {
  throw new Error('signature only');
}
