import type { Method } from './method.ts';
import type { Plan, Refusal } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { Ask } from './request.ts';
import type { Snapshot } from './workload.ts';

export interface PlanInput {
  ask: Ask;
  /** Request id: the stamp. */
  request: string;
  /** Milliseconds, the record's `createdAt`: the patch must be the same however often it is made. */
  at: number;
  snapshot: Snapshot;
  /** By image text, as `imagesToResolve` gave it. */
  answers: ReadonlyMap<string, RegistryAnswer>;
  allowed: readonly Method[];
}

/** A plan whose hash the caller has yet to compute from `planFingerprint`. */
export type UnhashedPlan = Omit<Plan, 'hash'> & { hash: '' };

export function planRepull(_input: PlanInput): { plan: UnhashedPlan } | Refusal {
  throw new Error('signature only');
}
