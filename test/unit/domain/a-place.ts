import type { PolicyDecision } from '../../../src/domain/policy.ts';
import { aChannel } from './a-policy.ts';

export const PROD = { app: 'my-app', environment: 'prod' };
export const STAGING = { app: 'my-app', environment: 'staging' };
export const deploys = aChannel();
export const elsewhere = aChannel({ id: 'C0RANDOM1' });

/** One word for a table: `allow`, `ask 1`, or the code of the reason why not. */
export function word(decision: PolicyDecision): string {
  if (decision.verdict === 'allow') return 'allow';
  return decision.verdict === 'ask' ? `ask ${decision.votes}` : decision.because.code;
}
