import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BullQueues } from '../../../src/queue/producer.ts';
import type { RunningWorker } from '../../../src/queue/run-worker.ts';
import { PREFIX } from '../../../src/queue/settings.ts';
import { startClockWorker } from '../../../src/queue/workers.ts';
import { connectWorker } from '../../../src/store/connect.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

let server: TestRedis;
let redis: Redis;
let queues: BullQueues;
const workers: RunningWorker[] = [];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  redis = connectWorker(server.url);
  await redis.flushall();
  queues = new BullQueues(redis);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await queues.close();
  redis.disconnect();
});

describe('the clock', () => {
  it('rings an alarm at its time, and again where Redis says that it was early', async () => {
    const rung: number[] = [];
    const expire = async (): Promise<'done' | { again: number }> => (rung.push(Date.now()) < 2 ? { again: 30 } : 'done');
    workers.push(startClockWorker(redis, { expire, release: async () => {}, reconcile: async () => {} }));
    const at = Date.now() + 300;
    await queues.expire('R1', at);
    await until(() => rung.length === 2, { what: 'it rings twice' });
    expect(rung[0]).toBeGreaterThanOrEqual(at - 5);
  });

  it('lets a handler that was woken early set the same alarm again', async () => {
    const rung: number[] = [];
    const at = Date.now() + 700;
    // The clock of whoever added it was ahead.
    const early = new Queue('clock', { connection: redis, prefix: PREFIX });
    await early.add('expire', { id: 'R1' }, { deduplication: { id: `expire-R1-${at}`, keepLastIfActive: true }, removeOnComplete: true });
    await early.close();
    const expire = async (id: string): Promise<void> => {
      if (rung.push(Date.now()) === 1) await queues.expire(id, at);
    };
    workers.push(startClockWorker(redis, { expire, release: async () => {}, reconcile: async () => {} }));
    await until(() => rung.length === 2, { what: 'it rings again' });
    expect(rung[1]).toBeGreaterThanOrEqual(at - 5);
  });

  it('reconciles once per interval, however many bots there are', async () => {
    const every = 300;
    const runs: number[] = [];
    const reconcile = async (): Promise<void> => void runs.push(performance.now());
    for (let n = 0; n < 3; n++) {
      workers.push(startClockWorker(redis, { expire: async () => {}, release: async () => {}, reconcile }, { reconcileEveryMs: every }));
    }
    await until(() => runs.length >= 6, { what: 'six reconciliations' });
    const lasted = (runs[5] as number) - (runs[0] as number);
    // Three bots that each made their own would be done in two intervals.
    expect(lasted).toBeGreaterThan(3.5 * every);
  });

  it('goes on reconciling when bots put the schedule right more often than it fires', async () => {
    const every = 400;
    let runs = 0;
    const handlers = { expire: async () => {}, release: async () => {}, reconcile: async () => void (runs += 1) };
    workers.push(startClockWorker(redis, handlers, { reconcileEveryMs: every }));
    await until(() => runs >= 1, { what: 'the first reconciliation' });
    const queue = new Queue('clock', { connection: redis, prefix: PREFIX });
    const template = { name: 'reconcile', data: {}, opts: { removeOnComplete: true, removeOnFail: true } };
    const again = setInterval(() => void queue.upsertJobScheduler('reconcile', { every }, template), 100);
    await until(() => runs >= 4, { what: 'three more' }).finally(() => clearInterval(again));
    await queue.close();
    expect(runs).toBeGreaterThanOrEqual(4);
  });
});
