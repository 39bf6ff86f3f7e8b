import type { Redis } from 'ioredis';
import { keys } from '../../src/store/keys.ts';

/** The audit stream, oldest first, each entry as its fields. */
export async function readAudit(redis: Redis): Promise<Record<string, string>[]> {
  const entries = await redis.xrange(keys.audit, '-', '+');
  return entries.map(([, fields]) => {
    const entry: Record<string, string> = {};
    for (let i = 0; i + 1 < fields.length; i += 2) entry[fields[i] as string] = fields[i + 1] as string;
    return entry;
  });
}
