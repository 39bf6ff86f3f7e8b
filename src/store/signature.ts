import { createHmac, timingSafeEqual } from 'node:crypto';

/** Keys in order, so that what went through Redis signs like what did not. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, canonical(one)]));
}

/** HMAC-SHA256, hex, over plain JSON. */
export function sign(jobKey: string, signed: unknown): string {
  return createHmac('sha256', jobKey)
    .update(JSON.stringify(canonical(signed)))
    .digest('hex');
}

/** False for a missing signature, too: with a key, what is unsigned is refused. */
export function isSigned(jobKey: string, signed: unknown, signature: string | undefined): boolean {
  if (signature === undefined) return false;
  const expected = Buffer.from(sign(jobKey, signed));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
