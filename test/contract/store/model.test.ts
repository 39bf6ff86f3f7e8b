import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { isTerminal, OPEN_STATUSES, STATUSES } from '../../../src/domain/lifecycle.ts';
import type { Status } from '../../../src/domain/lifecycle.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { keys } from '../../../src/store/keys.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { readAudit } from '../../support/audit.ts';
import { ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { Checked, CLAIMS, Create, find, MoveTo, Repeat, WORKLOADS } from './transition-model.ts';
import type { Command, Model } from './transition-model.ts';

let server: TestRedis;
let redis: Redis;
let store: RedisRequestStore;
beforeAll(async () => {
  // Nothing is killed here, and every one of some thousand writes would wait for the disk.
  server = await startRedis(['--appendfsync', 'everysec']);
  redis = connectProducer(server.url);
  await ready(redis);
  store = new RedisRequestStore(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Invariants over everything that Redis holds, after every command (research: reliability §6.11). */
async function holds(model: Model): Promise<void> {
  const records = (await Promise.all(model.requests.map(({ id }) => store.load(id)))) as RequestRecord[];
  for (const [n, one] of model.requests.entries()) {
    const record = records[n] as RequestRecord;
    expect({ status: record.state.status, version: record.version }).toEqual({ status: one.status, version: one.version });
    expect(record.milestones.map(({ seq }) => seq)).toEqual(Array.from({ length: one.milestones }, (_, seq) => seq + 1));
    expect(record.endedAt !== undefined).toBe(isTerminal(one.status));
  }
  // One holder per workload, in the order of arrival, and nobody in a line who does not stand in it.
  for (const line of WORKLOADS) {
    expect(await redis.zrange(keys.line(line), '0', '-1')).toEqual(model.order.filter((id) => find(model, id).lines.includes(line)));
    const running = model.requests.filter((one) => one.status === 'rolling-out' && one.lines.includes(line));
    expect(running.length).toBeLessThanOrEqual(1);
  }
  expect(new Set((await store.open()).map(({ id }) => id))).toEqual(
    new Set(model.requests.filter((one) => OPEN_STATUSES.includes(one.status)).map(({ id }) => id)),
  );
  const claims = model.requests.flatMap((one) => (one.claim === undefined ? [] : [[one.claim, one.id]]));
  expect(await redis.hgetall(keys.claims)).toEqual(Object.fromEntries(claims));
  // Audit = history: per request an unbroken chain of statuses that ends where the record is.
  const audit = await readAudit(redis);
  for (const one of model.requests) {
    const entries = audit.filter(({ id }) => id === one.id);
    expect(entries).toHaveLength(one.audited);
    expect(entries.map(({ from }) => from)).toEqual(['', ...entries.slice(0, -1).map(({ to }) => to)]);
    expect(entries.at(-1)).toMatchObject({ to: one.status, version: String(one.version) });
  }
}

describe('the transition script', () => {
  it('keeps what it promises through any sequence of requests, moves and repetitions', async () => {
    let moved = 0;
    const lines = fc.shuffledSubarray(WORKLOADS, { minLength: 1 });
    // Weighted towards the queue, where the interesting things happen.
    const target = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<Status[]>('queued', 'rolling-out', 'succeeded') },
      { weight: 3, arbitrary: fc.constantFrom<Status[]>('planning', 'awaiting-approval', 'cancelled') },
      { weight: 1, arbitrary: fc.constantFrom(...STATUSES) },
    );
    const stale = fc.integer({ min: 0, max: 9 }).map((n) => n === 0);
    const claim = fc.option(fc.constantFrom(...CLAIMS), { nil: undefined, freq: 3 });
    const commands = [
      fc.constant(new Create()),
      fc.tuple(fc.nat(7), target, lines, stale, claim).map((of) => new MoveTo(...of)),
      fc.tuple(fc.nat(7), target, lines, stale, fc.constant(undefined)).map((of) => new MoveTo(...of)),
      fc.constant(new Repeat()),
    ].map((command: fc.Arbitrary<Command>) => command.map((one: Command) => new Checked(one, holds)));
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { size: 'large', maxCommands: 60 }), async (sequence) => {
        await redis.flushall();
        const model: Model = { requests: [], order: [], actions: 0, moved: 0 };
        await fc.asyncModelRun(() => ({ model, real: store }), sequence);
        moved += model.moved;
      }),
      { numRuns: 40, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
    // A slow machine interrupts the run, but not before it has shown something.
    expect(moved).toBeGreaterThan(10);
  });
});
