import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BullQueues } from '../../../src/queue/producer.ts';
import type { RunningWorker } from '../../../src/queue/run-worker.ts';
import { PREFIX } from '../../../src/queue/settings.ts';
import { startClusterWorker } from '../../../src/queue/workers.ts';
import { connectWorker } from '../../../src/store/connect.ts';
import { childProgram } from '../../support/child.ts';
import type { Child } from '../../support/child.ts';
import { gate } from '../../support/gate.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

const LOCK = 1_000;
const INTERVAL = 500;
/** What a machine that is busy with other tests may add to a measured time. */
const NOISE = 3_000;

let server: TestRedis;
let redis: Redis;
let queues: BullQueues;
let program: Awaited<ReturnType<typeof childProgram>>;
const workers: RunningWorker[] = [];
const children: Child[] = [];
beforeAll(async () => {
  [server, program] = await Promise.all([startRedis(), childProgram(new URL('./worker-child.ts', import.meta.url))]);
});
afterAll(async () => {
  await program.clear();
  await server.stop();
});
beforeEach(async () => {
  redis = connectWorker(server.url);
  await redis.flushall();
  queues = new BullQueues(redis);
});
afterEach(async () => {
  for (const child of children) child.signal('SIGKILL');
  await Promise.all(children.splice(0).map((child) => child.ended));
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await queues.close();
  redis.disconnect();
});

interface Look {
  name: string;
  what: 'begin' | 'end' | 'stopped';
  at: number;
}
const looksAt = async (id: string): Promise<Look[]> =>
  (await redis.zrange(`looks-at:${id}`, '0', '-1')).map((text) => JSON.parse(text) as Look);
function start(name: string, takesMs: number, through = server.url): Child {
  const child = program.start(through, name, String(takesMs), String(LOCK), String(INTERVAL));
  children.push(child);
  return child;
}
async function isEmpty(): Promise<boolean> {
  const queue = new Queue('cluster-prod-eu', { connection: redis, prefix: PREFIX });
  const found = await queue.getJobCounts();
  await queue.close();
  return Object.values(found).every((count) => count === 0);
}

describe('a worker that is killed in the middle of a look', () => {
  it('is followed by another one within lock and two intervals, however often', async () => {
    await redis.set('looks:R1', 3);
    await queues.rollOut('prod-eu', 'R1');
    // Twice, because BullMQ's own default gives a job up at the second time.
    for (const name of ['first', 'second']) {
      const child = start(name, 60_000);
      await until(async () => (await looksAt('R1')).some((look) => look.name === name), { what: `${name} begins`, withinMs: 40_000 });
      child.signal('SIGKILL');
      await child.ended;
    }
    const third = start('third', 10);
    await until(() => third.output().includes('started'), { what: 'the third runs', withinMs: 40_000 });
    const began = Date.now();
    await until(isEmpty, { what: 'the roll-out ends', withinMs: 40_000 });
    const looks = await looksAt('R1');
    const takenOver = looks.find((look) => look.name === 'third');
    // With room for a loaded machine; BullMQ's own settings would take half a minute at least.
    expect((takenOver?.at ?? Infinity) - began).toBeLessThan(LOCK + 2 * INTERVAL + 8_000);
    expect(looks.filter((look) => look.what === 'end').map((look) => look.name)).toContain('third');
  });
});

describe('a worker that is told to stop', () => {
  it('ends within two seconds and hands over what it has in hand at once', async () => {
    await redis.set('looks:R1', 1);
    const first = start('first', 60_000);
    await queues.rollOut('prod-eu', 'R1');
    await until(async () => (await looksAt('R1')).length === 1, { what: 'the look begins', withinMs: 40_000 });
    const told = Date.now();
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(Date.now() - told).toBeLessThan(2_000 + NOISE);
    expect((await looksAt('R1')).at(-1)).toMatchObject({ name: 'first', what: 'stopped' });
    start('second', 10);
    await until(isEmpty, { what: 'the other one ends it', withinMs: 40_000 });
    expect((await looksAt('R1')).at(-1)).toMatchObject({ name: 'second', what: 'end' });
  });

  it('ends within two seconds while Redis does not answer', async () => {
    const child = start('only', 10);
    await until(() => child.output().includes('started'), { what: 'the worker runs', withinMs: 40_000 });
    server.freeze();
    const told = Date.now();
    child.signal('SIGTERM');
    const ended = await child.ended;
    const took = Date.now() - told;
    server.thaw();
    expect(ended).toBe(0);
    expect(took).toBeLessThan(2_000 + NOISE);
  });
});

describe('a Redis that', () => {
  it('is killed and started again goes on where it was, without a word lost', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `R${n}`);
    for (const id of ids) {
      await redis.set(`looks:${id}`, 10);
      await queues.rollOut('prod-eu', id);
    }
    start('a', 20);
    start('b', 20);
    await until(async () => (await looksAt('R0')).length > 2, { what: 'the roll-outs are under way', withinMs: 40_000 });
    await server.kill();
    await server.restart();
    await until(isEmpty, { what: 'all end', withinMs: 50_000 });
    for (const id of ids) expect((await looksAt(id)).filter((look) => look.what === 'end').length).toBeGreaterThanOrEqual(10);
  });

  it('hangs for longer than the lock does not let two workers look at the same time', async () => {
    await redis.set('looks:R1', 1);
    const overlapping = { now: 0, most: 0 };
    let starts = 0;
    // Local effects, as those on a cluster are: they do not stop because Redis hangs.
    const rollOut = async (_: string, signal: AbortSignal): Promise<'done'> => {
      starts += 1;
      overlapping.now += 1;
      overlapping.most = Math.max(overlapping.most, overlapping.now);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, starts === 1 ? 60_000 : 10);
        signal.addEventListener('abort', () => (clearTimeout(timer), resolve()));
      });
      overlapping.now -= 1;
      signal.throwIfAborted();
      return 'done';
    };
    const none = async (): Promise<void> => undefined;
    const lost: string[] = [];
    for (let n = 0; n < 2; n++) {
      const options = {
        settings: { lockDuration: LOCK, stalledInterval: INTERVAL },
        onLockLost: (_: string, id: string) => void lost.push(id),
      };
      workers.push(startClusterWorker(redis, 'prod-eu', { plan: none, inquire: none, grace: none, rollOut }, options));
    }
    await queues.rollOut('prod-eu', 'R1');
    await until(() => starts === 1, { what: 'the first look begins', withinMs: 20_000 });
    server.freeze();
    await until(() => overlapping.now === 0, {
      what: 'the watchdog ends the look although nothing says that the lock is lost',
      withinMs: 20_000,
    });
    server.thaw();
    await until(isEmpty, { what: 'it is looked at again and done', withinMs: 40_000 });
    expect(overlapping.most).toBe(1);
    expect(starts).toBe(2);
    expect(lost).not.toHaveLength(0);
  });

  it('answers READONLY while a look ends does not turn success into failure, nor run it again, nor spin', async () => {
    const end = gate();
    let looks = 0;
    const bugs: unknown[] = [];
    let errors = 0;
    const none = async (): Promise<void> => undefined;
    const rollOut = async (): Promise<'done'> => {
      looks += 1;
      await end.opened;
      return 'done';
    };
    const options = { onBug: (trouble: unknown) => void bugs.push(trouble), onError: () => void (errors += 1) };
    workers.push(startClusterWorker(redis, 'prod-eu', { plan: none, inquire: none, grace: none, rollOut }, options));
    await queues.rollOut('prod-eu', 'R1');
    await until(() => looks === 1, { what: 'the look begins', withinMs: 20_000 });

    const admin = connectWorker(server.url);
    // A primary that has just been demoted, as in a failover.
    await admin.replicaof('127.0.0.1', 1);
    end.open();
    const refused = async (): Promise<number> => Number(/total_error_replies:(\d+)/.exec(await admin.info('stats'))?.[1] ?? 0);
    await until(async () => (await refused()) > 3, { what: 'the end of the look is refused a few times', withinMs: 20_000 });
    await admin.call('REPLICAOF', 'NO', 'ONE');
    admin.disconnect();
    await until(isEmpty, { what: 'the look ends after all', withinMs: 40_000 });
    expect({ looks, bugs }).toEqual({ looks: 1, bugs: [] });
    expect(errors).toBeLessThan(20);
  });
});
