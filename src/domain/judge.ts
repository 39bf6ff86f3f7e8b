import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import type { ContainerPlan, Plan } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { ContainerVerdict, PullEvidence } from './verdict.ts';
import type { NodeFacts, WorkloadView } from './workload.ts';

export interface JudgeInput {
  view: WorkloadView;
  container: ContainerPlan;
  method: Exclude<Method, 'auto'>;
  request: string;
  evidence: readonly PullEvidence[];
  answer: RegistryAnswer;
  nodes: readonly NodeFacts[];
  /** API server's clock, milliseconds, when the first write left. */
  startedAt: number;
  /** Uids of the pods that were there before (`WorkloadPlan.pods`): with evict they are not judged. */
  before?: readonly string[];
}

export function judge(_input: JudgeInput): ContainerVerdict {
  throw new Error('signature only');
}

export function overall(_verdicts: readonly ContainerVerdict[]): 'proven' | 'cache' | 'wrong' | 'unproven' {
  throw new Error('signature only');
}

export function concludes(
  _verdicts: readonly ContainerVerdict[],
  _plan: Omit<Plan, 'hash'>,
): { ok: true; note?: string } | { ok: false; failure: Failure } {
  throw new Error('signature only');
}
