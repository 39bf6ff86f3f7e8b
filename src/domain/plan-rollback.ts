import type { UnhashedPlan, PlanInput } from './plan-repull.ts';
import type { Plan, Refusal } from './plan.ts';
import type { Pod, WorkloadView } from './workload.ts';

export type RollbackInput = Omit<PlanInput, 'allowed'> & { undone: { id: string; plan: Plan } };

/** The image texts whose registry answers `planRollback` needs. */
export function imagesToRestore(_undone: Plan): string[] {
  throw new Error('signature only');
}

export function planRollback(_input: RollbackInput): { plan: UnhashedPlan } | Refusal {
  throw new Error('signature only');
}

export function stuckPods(_view: WorkloadView, _request: string): Pod[] {
  throw new Error('signature only');
}
