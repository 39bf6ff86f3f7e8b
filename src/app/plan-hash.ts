import { createHash } from 'node:crypto';
import { planFingerprint } from '../domain/plan-fingerprint.ts';
import type { Plan } from '../domain/plan.ts';
import { workloadKey } from '../domain/workload.ts';

/** The plan with its hash: what an approval is for. */
export function withHash(plan: Plan): Plan {
  return { ...plan, hash: shortHash(planFingerprint(plan)) };
}

export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The lines a request stands in from `queued` until it ends: one per workload it changes. */
export const linesOf = (plan: Plan): string[] => plan.workloads.map((each) => `${plan.cluster}/${workloadKey(each.workload)}`);
