import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { BackendAway } from '../../../src/app/ports.ts';
import type { Intake } from '../../../src/app/ports.ts';
import { BullQueues } from '../../../src/queue/producer.ts';
import { PREFIX } from '../../../src/queue/settings.ts';
import { startClusterWorker, startIntakeWorker, startSlackWorker } from '../../../src/queue/workers.ts';
import type { RunningWorker } from '../../../src/queue/run-worker.ts';
import { connectProducer, connectWorker } from '../../../src/store/connect.ts';
import { gate } from '../../support/gate.ts';
import { ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

let server: TestRedis;
let producing: Redis;
let working: Redis;
let queues: BullQueues;
const workers: RunningWorker[] = [];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  producing = connectProducer(server.url);
  working = connectWorker(server.url);
  await ready(producing);
  await producing.flushall();
  queues = new BullQueues(producing);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await queues.close();
  producing.disconnect();
  working.disconnect();
});

const command: Intake = { kind: 'command', text: 'my-app prod', user: 'U1', team: 'T1', channel: 'C1' };
const soonMs = 60_000;

async function jobsIn(name: string): Promise<number> {
  const queue = new Queue(name, { connection: working, prefix: PREFIX });
  const counts = await queue.getJobCounts();
  await queue.close();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('adding to a queue', () => {
  it.each([
    ['intake', 'intake', (q: BullQueues) => q.intake(command, '1700000000.123:Ev01')],
    ['plan', 'cluster-prod-eu', (q: BullQueues) => q.plan('prod-eu', '0VKZ4C-7QXM', '1')],
    ['roll-out', 'cluster-prod-eu', (q: BullQueues) => q.rollOut('prod-eu', '0VKZ4C-7QXM')],
    ['inquire', 'cluster-prod-eu', (q: BullQueues) => q.inquire('prod-eu', 'Q1')],
    ['grace', 'cluster-prod-eu', (q: BullQueues) => q.grace('prod-eu', '0VKZ4C-7QXM')],
    ['sync', 'slack', (q: BullQueues) => q.sync('0VKZ4C-7QXM', true)],
    ['sync of progress', 'slack', (q: BullQueues) => q.sync('0VKZ4C-7QXM', false)],
    ['answer', 'slack', (q: BullQueues) => q.answer('Q1')],
    ['expire', 'clock', (q: BullQueues) => q.expire('0VKZ4C-7QXM', 1_900_000_000_000)],
    ['release', 'clock', (q: BullQueues) => q.release('0VKZ4C-7QXM', 1_900_000_000_000)],
  ])('%s five times at once leaves one entry', async (_, name, add) => {
    await Promise.all([add(queues), add(queues), add(queues), add(queues), add(queues)]);
    expect(await jobsIn(name)).toBe(1);
  });

  it('keeps an alarm apart from the same alarm at another time', async () => {
    await queues.expire('R1', Date.now() + soonMs);
    await queues.expire('R1', Date.now() + 2 * soonMs);
    expect(await jobsIn('clock')).toBe(2);
  });

  it('takes clusters and keys with characters that BullMQ forbids', async () => {
    await queues.plan('arn:aws:eks:eu-1:cluster/prod', 'R1', '1');
    await queues.intake(command, '12345');
    await queues.intake(command, ':');
    expect(await jobsIn('cluster-arn%3Aaws%3Aeks%3Aeu-1%3Acluster%2Fprod')).toBe(1);
    expect(await jobsIn('intake')).toBe(2);
  });

  it('says that Redis is away, within three seconds, when it is gone and when it hangs', async () => {
    server.freeze();
    const began = performance.now();
    await expect(queues.intake(command, 'frozen')).rejects.toThrow(BackendAway);
    expect(performance.now() - began).toBeLessThan(3_000);
    server.thaw();
    // What timed out has happened all the same, and the repetition changes nothing.
    await until(
      () =>
        queues.intake(command, 'frozen').then(
          () => true,
          () => false,
        ),
      { what: 'Redis answers again' },
    );
    expect(await jobsIn('intake')).toBe(1);

    await server.kill();
    const gone = performance.now();
    await expect(queues.intake(command, 'gone')).rejects.toThrow(BackendAway);
    expect(performance.now() - gone).toBeLessThan(3_000);
    await server.restart();
    await until(
      () =>
        queues.intake(command, 'gone').then(
          () => true,
          () => false,
        ),
      { what: 'Redis is back' },
    );
    expect(await jobsIn('intake')).toBe(2);
  });

  it('counts what waits, runs and is put off', async () => {
    await queues.sync('R1', true);
    await queues.sync('R2', false);
    expect(await queues.depths(['prod-eu'])).toEqual({
      intake: { waiting: 0, active: 0, delayed: 0 },
      slack: { waiting: 1, active: 0, delayed: 1 },
      clock: { waiting: 0, active: 0, delayed: 0 },
      'cluster-prod-eu': { waiting: 0, active: 0, delayed: 0 },
    });
  });
});

describe('a delivery from Slack', () => {
  it('that comes again after it was dealt with is not dealt with again', async () => {
    const seen: string[] = [];
    workers.push(startIntakeWorker(working, { intake: async (_, key) => void seen.push(key) }));
    await queues.intake(command, 'Ev1');
    await until(() => seen.length === 1, { what: 'the first delivery is handled' });
    await queues.intake(command, 'Ev1');
    await queues.intake(command, 'Ev2');
    await until(() => seen.includes('Ev2'), { what: 'the next delivery is handled' });
    expect(seen).toEqual(['Ev1', 'Ev2']);
  });

  it('arrives as it was sent', async () => {
    const seen: Intake[] = [];
    workers.push(startIntakeWorker(working, { intake: async (intake) => void seen.push(intake) }));
    const all: Intake[] = [
      { ...command, thread: '1.2', handle: 'h', mention: true },
      { kind: 'click', action: 'approve', value: 'R1', user: 'U', team: 'T', channel: 'C', message: '1.2' },
      { kind: 'submit', callback: 'reject', metadata: 'R1', values: { reason: 'no' }, user: 'U', team: 'T' },
      { kind: 'home', user: 'U', team: 'T' },
      { kind: 'channel-changed', channel: 'C' },
    ];
    for (const [n, intake] of all.entries()) await queues.intake(intake, `Ev${n}`);
    await until(() => seen.length === all.length, { what: 'all are handled' });
    expect(seen).toEqual(expect.arrayContaining(all));
  });
});

describe('showing a request in Slack', () => {
  it('runs once more, and only once, for fifty changes during a run', async () => {
    const first = gate();
    let runs = 0;
    let changes = 0;
    const seen: number[] = [];
    workers.push(
      startSlackWorker(working, {
        sync: async () => {
          runs += 1;
          seen.push(changes);
          if (runs === 1) await first.opened;
        },
        answer: async () => undefined,
        announce: async () => undefined,
      }),
    );
    await queues.sync('R1', true);
    await until(() => runs === 1, { what: 'the first run begins' });
    for (; changes < 50; changes++) await queues.sync('R1', true);
    first.open();
    await until(() => runs === 2, { what: 'the second run' });
    await until(async () => (await jobsIn('slack')) === 0, { what: 'the queue is empty' });
    expect(seen).toEqual([0, 50]);
  });

  it('brings progress that was put off forward when an end must be shown', async () => {
    const ran = gate();
    workers.push(
      startSlackWorker(working, { sync: async () => ran.open(), answer: async () => undefined, announce: async () => undefined }),
    );
    await queues.sync('R1', false);
    const began = performance.now();
    await queues.sync('R1', true);
    await ran.opened;
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('is not put off further by more progress', async () => {
    const ran = gate();
    workers.push(
      startSlackWorker(working, { sync: async () => ran.open(), answer: async () => undefined, announce: async () => undefined }),
    );
    const began = performance.now();
    const more = setInterval(() => void queues.sync('R1', false), 100);
    await queues.sync('R1', false);
    await ran.opened;
    clearInterval(more);
    expect(performance.now() - began).toBeLessThan(2_500);
  });
});

describe('a roll-out', () => {
  const others = { plan: async () => undefined, inquire: async () => undefined, grace: async () => undefined };

  it('that was asked for during its own last look gets another one', async () => {
    const first = gate();
    let looks = 0;
    workers.push(
      startClusterWorker(working, 'prod-eu', {
        ...others,
        rollOut: async () => {
          looks += 1;
          if (looks === 1) await first.opened;
          return 'done';
        },
      }),
    );
    await queues.rollOut('prod-eu', 'R1');
    await until(() => looks === 1, { what: 'the first look begins' });
    await queues.rollOut('prod-eu', 'R1');
    first.open();
    await until(() => looks === 2, { what: 'the look that was asked for meanwhile' });
    await until(async () => (await jobsIn('cluster-prod-eu')) === 0, { what: 'nothing is left' });
    expect(looks).toBe(2);
  });

  it('can be asked for again after its end, and so can a plan', async () => {
    let looks = 0;
    let plans = 0;
    const handlers = { ...others, plan: async () => void (plans += 1), rollOut: async () => void (looks += 1) };
    workers.push(startClusterWorker(working, 'prod-eu', handlers));
    for (const n of [1, 2]) {
      await queues.rollOut('prod-eu', 'R1');
      await queues.plan('prod-eu', 'R1', 'first');
      await until(() => looks === n && plans === n, { what: `look and plan number ${n}` });
      await until(async () => (await jobsIn('cluster-prod-eu')) === 0, { what: 'nothing is kept' });
    }
    expect([looks, plans]).toEqual([2, 2]);
  });
});
