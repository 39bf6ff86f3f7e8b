import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BackendAway } from '../../../src/app/ports.ts';
import { BullQueues } from '../../../src/queue/producer.ts';
import type { RunningWorker, Trouble, WorkerOptions } from '../../../src/queue/run-worker.ts';
import { BUG_ATTEMPTS, PREFIX } from '../../../src/queue/settings.ts';
import { startClusterWorker, startSlackWorker } from '../../../src/queue/workers.ts';
import type { ClusterHandlers, ClusterWorker } from '../../../src/queue/workers.ts';
import { connectWorker } from '../../../src/store/connect.ts';
import { gate } from '../../support/gate.ts';
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

const idle: ClusterHandlers = { plan: async () => {}, rollOut: async () => {}, inquire: async () => {}, grace: async () => {} };
function cluster(handlers: Partial<ClusterHandlers>, options: WorkerOptions = {}): ClusterWorker {
  const worker = startClusterWorker(redis, 'prod-eu', { ...idle, ...handlers }, options);
  workers.push(worker);
  return worker;
}

async function counts(name = 'cluster-prod-eu'): Promise<Record<string, number>> {
  const queue = new Queue(name, { connection: redis, prefix: PREFIX });
  const found = await queue.getJobCounts();
  await queue.close();
  return Object.fromEntries(Object.entries(found).filter(([, count]) => count > 0));
}
const isEmpty = async (): Promise<boolean> => Object.keys(await counts()).length === 0;

describe('a roll-out step', () => {
  it('comes again after its pause until it says that it is done, and leaves nothing behind', async () => {
    const looks: number[] = [];
    const ends: string[] = [];
    const rollOut = async (): Promise<'done' | { again: number }> => (looks.push(performance.now()) < 5 ? { again: 40 } : 'done');
    cluster({ rollOut }, { onRun: (_queue, job, _took, ended) => ends.push(`${job} ${ended}`) });
    await queues.rollOut('prod-eu', 'R1');
    await until(() => looks.length === 5, { what: 'five looks' });
    await until(isEmpty, { what: 'the queue is empty' });
    expect(ends).toEqual([...Array<string>(4).fill('roll-out again'), 'roll-out done']);
    const pauses = looks.slice(1).map((at, n) => at - (looks[n] as number));
    // Spread by half to both sides, so that the steps of many requests do not fall on the same moment.
    expect(Math.min(...pauses)).toBeGreaterThan(15);
    expect(new Set(pauses.map(Math.round)).size).toBeGreaterThan(1);
  });

  it('looks at once when the cluster says that something changed', async () => {
    let looks = 0;
    const worker = cluster({ rollOut: async () => (++looks < 2 ? { again: 60_000 } : 'done') });
    await queues.rollOut('prod-eu', 'R1');
    await until(async () => (await counts())['delayed'] === 1, { what: 'the next look is put off by a minute' });
    const began = performance.now();
    await worker.promote('R1');
    await until(() => looks === 2, { what: 'the second look' });
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('is followed by another at once when the news came while it was being taken', async () => {
    const first = gate();
    let looks = 0;
    const worker = cluster({
      rollOut: async () => {
        looks += 1;
        if (looks === 1) await first.opened;
        return looks < 2 ? { again: 60_000 } : 'done';
      },
    });
    await queues.rollOut('prod-eu', 'R1');
    await until(() => looks === 1, { what: 'the first look begins' });
    await worker.promote('R1');
    first.open();
    await until(isEmpty, { what: 'the second look ends it' });
    expect(looks).toBe(2);
  });

  it('is not made by news about a request that nobody rolls out', async () => {
    let looks = 0;
    const worker = cluster({ rollOut: async () => void (looks += 1) });
    await worker.promote('R1');
    await queues.rollOut('prod-eu', 'R2');
    await until(isEmpty, { what: 'the other request is done' });
    expect(looks).toBe(1);
  });

  it('that takes longer than its budget is stopped and comes again', async () => {
    const stopped: unknown[] = [];
    let looks = 0;
    const rollOut = async (_: string, signal: AbortSignal): Promise<'done'> => {
      looks += 1;
      if (looks > 1) return 'done';
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped', { cause: signal.reason }))),
      );
      return 'done';
    };
    cluster(
      { rollOut },
      { settings: { budgetMs: 50 }, onAway: (_, id, error) => stopped.push(error.message), onBug: (trouble) => stopped.push(trouble) },
    );
    await queues.rollOut('prod-eu', 'R1');
    await until(() => looks === 2, { what: 'the second look' });
    expect(stopped).toEqual(['no end after 50 ms']);
  });
});

describe('a backend that is away', () => {
  it('costs no attempt, however often, and its own waiting time is kept', async () => {
    const bugs: unknown[] = [];
    const pauses: number[] = [];
    let tries = 0;
    const plan = async (): Promise<void> => {
      tries += 1;
      if (tries <= BUG_ATTEMPTS + 2) throw new BackendAway('kubernetes', 'connection refused');
    };
    const worker = cluster(
      { plan },
      { onBug: (trouble) => bugs.push(trouble), onAway: (_queue, _job, _error, again) => pauses.push(again) },
    );
    await queues.plan('prod-eu', 'R1', '1');
    const queue = new Queue('cluster-prod-eu', { connection: redis, prefix: PREFIX });
    // The pauses themselves are seconds; whoever waits for them here learns nothing more.
    await until(
      async () => {
        for (const job of await queue.getDelayed()) await job.promote().catch(() => undefined);
        return tries === BUG_ATTEMPTS + 3 && (await isEmpty());
      },
      { what: 'the plan is made in the end', withinMs: 10_000 },
    );
    await queue.close();
    expect(bugs).toEqual([]);
    expect(pauses).toHaveLength(BUG_ATTEMPTS + 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15_000 * 1.5);
    expect(Math.max(...pauses)).toBeGreaterThan(7_500 - 1);
    expect(worker).toBeDefined();
  });

  it('is not asked again before it said', async () => {
    const again: number[] = [];
    cluster(
      { plan: () => Promise.reject(new BackendAway('registry', '429', { retryAfterMs: 90_000 })) },
      { onAway: (_q, _j, _e, ms) => again.push(ms) },
    );
    await queues.plan('prod-eu', 'R1', '1');
    await until(() => again.length === 1, { what: 'the first try' });
    expect(again[0]).toBeGreaterThanOrEqual(90_000);
  });

  it('that asks Slack to pause is never asked early', async () => {
    const began: number[] = [];
    const sync = async (): Promise<'done' | { again: number }> => (began.push(performance.now()) < 2 ? { again: 300 } : 'done');
    workers.push(startSlackWorker(redis, { sync, answer: async () => {}, announce: async () => {} }));
    await queues.sync('R1', true);
    await until(() => began.length === 2, { what: 'the second try' });
    expect((began[1] as number) - (began[0] as number)).toBeGreaterThanOrEqual(295);
  });
});

describe('a bug', () => {
  it('is tried a few times, reported with a reference, given up in words, and does not block the next request', async () => {
    const reported: [Trouble, boolean][] = [];
    const given: Trouble[] = [];
    const plan = async (id: string): Promise<void> => {
      if (id === 'R1') throw new TypeError('undefined is not a function');
    };
    const gaveUp = async (trouble: Trouble): Promise<void> => void given.push(trouble);
    cluster({ plan }, { onBug: (trouble, last) => reported.push([trouble, last]), gaveUp });
    await queues.plan('prod-eu', 'R1', '1');
    const queue = new Queue('cluster-prod-eu', { connection: redis, prefix: PREFIX });
    await until(
      async () => {
        for (const job of await queue.getDelayed()) await job.promote().catch(() => undefined);
        return given.length === 1 && (await isEmpty());
      },
      { what: 'it is given up', withinMs: 10_000 },
    );
    await queue.close();
    expect(reported.map(([, last]) => last)).toEqual([false, false, false, false, true]);
    expect(given[0]).toMatchObject({ queue: 'cluster-prod-eu', job: 'plan', data: { id: 'R1' } });
    expect(given[0]?.reference).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}$/);
  });

  it('of an entry that nobody understands is reported and not carried out', async () => {
    const reported: Trouble[] = [];
    let plans = 0;
    const queue = new Queue('cluster-prod-eu', { connection: redis, prefix: PREFIX });
    await queue.add('plan', { identity: 'R1' }, { attempts: 1, removeOnFail: true });
    await queue.add('dance', { id: 'R1' }, { attempts: 1, removeOnFail: true });
    await queue.close();
    cluster({ plan: async () => void (plans += 1) }, { onBug: (trouble) => reported.push(trouble) });
    await until(isEmpty, { what: 'both are dealt with' });
    expect(reported.map((trouble) => trouble.job).toSorted()).toEqual(['dance', 'plan']);
    expect(plans).toBe(0);
  });
});
