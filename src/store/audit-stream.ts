import type { Redis } from 'ioredis';
import { asked } from '../ops/redis-errors.ts';
import { keys } from './keys.ts';

/** An entry of the audit stream; empty fields left out. */
export interface AuditEntry {
  /** Of the stream: unique, and in the order in which things happened. */
  entry: string;
  /** Redis ms. */
  at: number;
  /** The request, or the environment or channel of a switch. */
  id: string;
  from?: string;
  to?: string;
  actor?: string;
  because?: string;
  version?: number;
  /** What was said in the thread with it. */
  said?: unknown[];
}

const PAGE = 500;

/** Oldest first, from `since` (ms). */
export async function* readAudit(redis: Redis, since = 0): AsyncGenerator<AuditEntry> {
  for (let from = String(since); ; ) {
    const page = await asked(() => redis.xrange(keys.audit, from, '+', 'COUNT', PAGE));
    for (const [entry, flat] of page) yield read(entry, flat);
    const last = page.at(-1)?.[0];
    if (page.length < PAGE || last === undefined) return;
    from = `(${last}`;
  }
}

function read(entry: string, flat: readonly string[]): AuditEntry {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '');
  const { from, to, actor, because, said } = Object.fromEntries([...fields].filter(([, value]) => value !== ''));
  return {
    entry,
    at: Number(fields.get('at')),
    id: fields.get('id') ?? '',
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(actor === undefined ? {} : { actor }),
    ...(because === undefined ? {} : { because }),
    ...(fields.get('version') === '0' ? {} : { version: Number(fields.get('version')) }),
    ...(said === undefined ? {} : { said: JSON.parse(said) as unknown[] }),
  };
}
