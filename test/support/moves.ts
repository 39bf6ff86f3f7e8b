import type { Redis } from 'ioredis';
import type { Status } from '../../src/domain/lifecycle.ts';
import { MOVES } from '../../src/domain/lifecycle.ts';
import type { Failure } from '../../src/domain/failure.ts';
import type { State } from '../../src/domain/request.ts';

const because: Failure = { code: 'rollout-stalled' };

/** Some state of each status. */
const STATES: { [S in Status]: Extract<State, { status: S }> } = {
  planning: { status: 'planning' },
  'awaiting-approval': { status: 'awaiting-approval', expiresAt: 2_000_000_000_000 },
  scheduled: { status: 'scheduled', at: 2_000_000_000_000 },
  queued: { status: 'queued', deadline: 2_000_000_000_000 },
  'rolling-out': { status: 'rolling-out', deadline: 2_000_000_000_000 },
  refused: { status: 'refused', because },
  denied: { status: 'denied', because },
  rejected: { status: 'rejected', by: 'U0APPROVER' },
  expired: { status: 'expired', because: 'approval' },
  cancelled: { status: 'cancelled', by: 'U0DEVELOPER', changed: false },
  succeeded: { status: 'succeeded' },
  failed: { status: 'failed', because, changed: true },
  superseded: { status: 'superseded', by: 'somebody' },
};
export const aState = (status: Status): State => STATES[status];

/** Shortest legal way from `planning`, without `planning` itself. */
export function pathTo(status: Status): Status[] {
  const ways = new Map<Status, Status[]>([['planning', []]]);
  const next: Status[] = ['planning'];
  for (let from = next.shift(); from !== undefined; from = next.shift()) {
    for (const to of MOVES[from]) {
      if (ways.has(to)) continue;
      ways.set(to, [...(ways.get(from) ?? []), to]);
      next.push(to);
    }
  }
  const way = ways.get(status);
  if (way === undefined) throw new Error(`no way leads to ${status}`);
  return way;
}

/** A producer's connection queues nothing, so a test waits for it once. */
export async function ready(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve) => redis.once('ready', () => resolve()));
}
