import type { ContainerPlan, WorkloadPlan } from './plan.ts';
import type { Symptoms, WorkloadProgress } from './rollout.ts';
import type { PullEvidence } from './verdict.ts';
import type { WorkloadView } from './workload.ts';

export interface ObserveInput {
  /** Undefined: the workload is not there any more. */
  view: WorkloadView | undefined;
  plan: WorkloadPlan;
  /** All containers of the plan; those of other workloads are passed over. */
  containers: ContainerPlan[];
  request: string;
  evidence: PullEvidence[];
  symptoms: Symptoms;
  /** Evict: pods (uid) this request has asked to go. */
  evicted: readonly string[];
  /** API server's clock, milliseconds. */
  now: number;
}

export function observe(_input: ObserveInput): { progress: WorkloadProgress; symptoms: Symptoms } {
  throw new Error('signature only');
}
