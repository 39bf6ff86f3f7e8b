import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim, Rank } from '../../src/app/ports-budget.ts';
import { makeSharedBudget } from '../../src/slack/shared-budget.ts';
import { connectProducer } from '../../src/store/connect.ts';
import { slackKeys } from '../../src/store/keys.ts';
import { RedisSlackBudget, type SlackLimits } from '../../src/store/slack-budget.ts';
import { ready } from '../support/moves.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const claim = (of: string, rank: Rank, since = 0): Claim => ({ of, rank, since });

describe('the budget of Slack that all bots share', () => {
  let server: TestRedis;
  let one: Redis;
  let other: Redis;
  beforeAll(async () => {
    server = await startRedis();
    one = connectProducer(server.url);
    other = connectProducer(server.url);
    await Promise.all([ready(one), ready(other)]);
  });
  afterAll(async () => {
    one.disconnect();
    other.disconnect();
    await server.stop();
  });
  /** Two bots, on a budget that nobody has used. */
  const bots = async (limits: Partial<SlackLimits> = {}): Promise<[RedisSlackBudget, RedisSlackBudget]> => {
    await one.flushall();
    return [new RedisSlackBudget(one, limits), new RedisSlackBudget(other, limits)];
  };
  const fill = async (budget: RedisSlackBudget, rank: Rank, tries: number): Promise<number> => {
    let gone = 0;
    for (let n = 0; n < tries; n++) if ((await budget.takeUpdate(claim(`${rank}-${n}`, rank))) === 0) gone += 1;
    return gone;
  };

  it('lets both together update no more often than one alone, in any window', async () => {
    const both = await bots({ updates: 5, windowMs: 400 });
    let granted = 0;
    const began = Date.now();
    for (let n = 0; Date.now() - began < 2_000; n++) {
      const budget = both[n % 2] as RedisSlackBudget;
      if ((await budget.takeUpdate(claim(`R${n % 10}`, 'terminal'))) === 0) granted += 1;
      expect(await one.zcard(slackKeys('update', 'spent'))).toBeLessThanOrEqual(5);
    }
    expect(granted, 'all that there is').toBeGreaterThanOrEqual(15);
    expect(granted, 'and no more').toBeLessThanOrEqual(30);
  });

  it('keeps room for one end of each request that is under way: progress stops first, then states', async () => {
    const [budget] = await bots({ updates: 40, windowMs: 60_000, progressEveryMs: 0, progressLongestMs: 1 });
    expect(await fill(budget, 'progress', 100), 'progress').toBeLessThan(27);
    expect(await fill(budget, 'state', 100), 'states').toBeLessThan(10);
    const ends = await fill(budget, 'terminal', 100);
    expect(ends, 'ends').toBeGreaterThanOrEqual(10);
    expect(await one.zcard(slackKeys('update', 'spent')), 'and all of it is used').toBe(40);
  });

  it('leaves nothing to progress while as many requests are under way as there are updates', async () => {
    const [budget] = await bots({ updates: 40, windowMs: 60_000 });
    for (let n = 0; n < 40; n++) await budget.takeUpdate(claim(`R${n}`, 'progress'));
    expect(await budget.takeUpdate(claim('R1', 'progress'))).toBeGreaterThan(1_000);
    expect(await budget.takeUpdate(claim('R1', 'terminal'))).toBe(0);
  });

  it('gives the next free turn to an end before a state, and to the older of two ends, from whichever bot', async () => {
    const [here, there] = await bots({ updates: 2, windowMs: 1_500 });
    expect(await fill(here, 'terminal', 2)).toBe(2);
    expect(await here.takeUpdate(claim('state', 'state', 1))).toBeGreaterThan(0);
    expect(await here.takeUpdate(claim('newer', 'terminal', 300))).toBeGreaterThan(0);
    expect(await there.takeUpdate(claim('older', 'terminal', 200))).toBeGreaterThan(0);
    const order: string[] = [];
    const wants: [RedisSlackBudget, Claim][] = [
      [here, claim('state', 'state', 1)],
      [here, claim('newer', 'terminal', 300)],
      [there, claim('older', 'terminal', 200)],
    ];
    const all = async () => {
      for (const [budget, wanted] of wants)
        if (!order.includes(wanted.of) && (await budget.takeUpdate(wanted)) === 0) order.push(wanted.of);
      return order.length === 3;
    };
    await until(all, { what: 'all three had their turn', withinMs: 10_000, everyMs: 20 });
    expect(order.slice(0, 2).toSorted()).toEqual(['newer', 'older']);
    expect(order[2]).toBe('state');
  });

  it('gives up the place of one who does not come back', async () => {
    const [here, there] = await bots({ updates: 1, windowMs: 300 });
    expect(await here.takeUpdate(claim('first', 'terminal', 1))).toBe(0);
    expect(await here.takeUpdate(claim('killed', 'terminal', 2))).toBeGreaterThan(0);
    expect(await there.takeUpdate(claim('waits', 'terminal', 3))).toBeGreaterThan(0);
    const got = async () => (await there.takeUpdate(claim('waits', 'terminal', 3))) === 0;
    await until(got, { what: 'the next one in line has its turn', withinMs: 15_000, everyMs: 50 });
  });

  it('is paused for all by the one that hears a 429, the channel or all updates, and for the longest time that was said', async () => {
    const [here, there] = await bots();
    await here.pause({ channel: 'C1' }, 5_000);
    await here.pause({ channel: 'C1' }, 10);
    expect(await there.takePost('C1', claim('R1', 'terminal'))).toBeGreaterThan(4_000);
    expect(await there.takePost('C2', claim('R1', 'terminal'))).toBe(0);
    expect(await there.takeUpdate(claim('R1', 'terminal'))).toBe(0);
    await here.pause('update', 2_000);
    expect(await there.takeUpdate(claim('R2', 'terminal'))).toBeGreaterThan(1_000);
    expect(await there.takeUpdate(claim('R2', 'progress'))).toBeGreaterThan(1_000);
  });

  it('posts to a channel once a second after a short burst, whoever posts; ends before other threads, and new cards before both', async () => {
    const [here, there] = await bots({ postEveryMs: 200 });
    const began = Date.now();
    const order: string[] = [];
    const wants = [
      ...Array.from({ length: 4 }, (_, n) => claim(`progress-${n}`, 'progress', n)),
      ...Array.from({ length: 3 }, (_, n) => claim(`end-${n}`, 'state', 10 + n)),
      ...Array.from({ length: 3 }, (_, n) => claim(`card-${n}`, 'terminal', 20 + n)),
    ];
    for (const wanted of wants) await here.takePost('C1', wanted).then((ms) => void (ms === 0 && order.push(wanted.of)));
    const burst = order.length;
    const all = async () => {
      for (const [n, wanted] of wants.entries()) {
        if (!order.includes(wanted.of) && (await (n % 2 === 0 ? here : there).takePost('C1', wanted)) === 0) order.push(wanted.of);
      }
      return order.length === wants.length;
    };
    await until(all, { what: 'everything was posted', withinMs: 20_000, everyMs: 5 });
    expect(burst).toBeLessThanOrEqual(3);
    expect(Date.now() - began).toBeGreaterThanOrEqual((wants.length - 3) * 200 - 50);
    expect(order.slice(burst).map((each) => each.split('-')[0])).toEqual([
      ...wants.filter((each) => each.of.startsWith('card') && !order.slice(0, burst).includes(each.of)).map(() => 'card'),
      'end',
      'end',
      'end',
      ...wants.filter((each) => each.of.startsWith('progress') && !order.slice(0, burst).includes(each.of)).map(() => 'progress'),
    ]);
  });

  it('counts the posts of all channels together too, and keeps the last of them for new cards and what a whole channel is to know', async () => {
    const [here, there] = await bots({ allPostsBurst: 10, allPostsEveryMs: 60_000 });
    const post = (n: number, rank: Rank) => (n % 2 === 0 ? here : there).takePost(`C${n}`, claim(`R${n}`, rank));
    const took = [];
    for (let n = 0; n < 20; n++) took.push(await post(n, 'progress'));
    expect(took.filter((ms) => ms === 0)).toHaveLength(5);
    const first = [];
    for (let n = 20; n < 40; n++) first.push(await post(n, 'terminal'));
    expect(first.filter((ms) => ms === 0)).toHaveLength(5);
  });

  it('is a small one of each bot while Redis does not answer: nobody waits for it, nothing breaks, and it is not generous', async () => {
    const [here] = await bots();
    const budget = makeSharedBudget(here, log);
    expect(await budget.update(claim('R1', 'terminal'))).toEqual({ go: true });
    server.freeze();
    try {
      const began = performance.now();
      expect(await budget.update(claim('R2', 'terminal'))).toEqual({ go: true });
      expect(await budget.post('C1', claim('R2', 'terminal'))).toEqual({ go: true });
      expect(performance.now() - began, 'milliseconds').toBeLessThan(6_000);
      await budget.pause('update', 60_000);
      expect(await budget.update(claim('R3', 'terminal'))).toMatchObject({ go: false });
    } finally {
      server.thaw();
    }
    await until(async () => (await budget.post('C2', claim('R4', 'terminal'))).go, { what: 'it goes on', withinMs: 10_000 });
  });
});
