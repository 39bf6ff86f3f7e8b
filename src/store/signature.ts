import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PolicyDecision } from '../domain/policy.ts';

/** What the bot vouches for with `REPULL_JOB_KEY`: this request may carry out this plan, by this decision. */
export interface Signed {
  id: string;
  planHash: string;
  decision: PolicyDecision;
}

/** Keys in order, so that a decision that went through Redis signs like the one that did not. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, canonical(one)]));
}

/** HMAC-SHA256, hex. */
export function sign(jobKey: string, signed: Signed): string {
  const text = JSON.stringify(canonical([signed.id, signed.planHash, signed.decision]));
  return createHmac('sha256', jobKey).update(text).digest('hex');
}

/** False for a missing signature, too: with a key, what is unsigned is refused. */
export function isSigned(jobKey: string, signed: Signed, signature: string | undefined): boolean {
  if (signature === undefined) return false;
  const expected = Buffer.from(sign(jobKey, signed));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
