import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import type { Move, MoveResult } from '../../../src/app/ports.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { keys } from '../../../src/store/keys.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { aState, ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { aRequest } from '../../support/requests.ts';

let server: TestRedis;
let redis: Redis;
let store: RedisRequestStore;
beforeAll(async () => {
  server = await startRedis();
  redis = connectProducer(server.url);
  await ready(redis);
  store = new RedisRequestStore(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});

let actions = 0;
const move = (id: string, rest: Partial<Move>): Promise<MoveResult> =>
  store.transition({
    id,
    from: { statuses: ['planning', 'awaiting-approval', 'scheduled', 'queued', 'rolling-out'] },
    actor: 'test',
    actionId: `action-${++actions}`,
    ...rest,
  });
const aNew = async (): Promise<string> => (await store.create(aRequest(), `create-${++actions}`)).id;
const queue = (id: string, ...lines: string[]): Promise<MoveResult> => move(id, { to: aState('queued'), lines });
const start = (id: string): Promise<MoveResult> => move(id, { to: aState('rolling-out'), mustBeFirst: true });
const end = (id: string): Promise<MoveResult> => move(id, { to: aState('cancelled') });
const queued = async (...lines: string[]): Promise<string> => {
  const id = await aNew();
  await queue(id, ...lines);
  return id;
};

describe('the line of a workload', () => {
  it('is served in the order in which requests were queued, not in which they were made', async () => {
    const [made1, made2, made3] = [await aNew(), await aNew(), await aNew()];
    for (const id of [made3, made1, made2]) await queue(id, 'a');
    expect(await start(made1)).toMatchObject({ moved: false, because: 'not-first', other: made3 });
    expect(await start(made3)).toMatchObject({ moved: true });
    expect(await end(made3)).toMatchObject({ moved: true, woken: [made1] });
    expect(await start(made2)).toMatchObject({ moved: false, because: 'not-first', other: made1 });
    expect(await start(made1)).toMatchObject({ moved: true });
    expect(await end(made1)).toMatchObject({ woken: [made2] });
  });

  it('is taken once however many try at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => queued('a')));
    const started = await Promise.all(ids.map(start));
    expect(started.filter((result) => result.moved)).toHaveLength(1);
  });

  it('shows where a request stands and who is before it', async () => {
    const first = await queued('a');
    const other = await queued('b');
    const second = await queued('a', 'b');
    const third = await queued('b');
    expect(await store.position(first)).toEqual({ position: 1 });
    expect(await store.position(other)).toEqual({ position: 1 });
    expect(await store.position(second)).toEqual({ position: 2, holder: first });
    expect(await store.position(third)).toEqual({ position: 3, holder: other });
    await end(first);
    expect(await store.position(second)).toEqual({ position: 2, holder: other });
    expect(await store.position(first)).toBeUndefined();
    expect(await store.position('nobody')).toBeUndefined();
  });

  it('lets a request that needs several workloads start only when it is first in all, and wakes it exactly then', async () => {
    const a = await queued('a');
    const b = await queued('b');
    const both = await queued('a', 'b');
    expect(await end(a)).toMatchObject({ woken: [] });
    expect(await start(both)).toMatchObject({ moved: false, because: 'not-first', other: b });
    expect(await end(b)).toMatchObject({ woken: [both] });
    expect(await start(both)).toMatchObject({ moved: true });
  });

  it('never lets two requests wait for each other, whatever the order in which they name their workloads', async () => {
    const one = await queued('a', 'b', 'c');
    const two = await queued('c', 'b', 'a');
    const three = await queued('b');
    expect(await start(one)).toMatchObject({ moved: true });
    expect(await end(one)).toMatchObject({ woken: [two] });
    expect(await start(two)).toMatchObject({ moved: true });
    expect(await end(two)).toMatchObject({ woken: [three] });
  });

  it('wakes several at once where several workloads come free', async () => {
    const both = await queued('a', 'b');
    const [a, b] = [await queued('a'), await queued('b')];
    const result = await end(both);
    expect(result.moved && result.woken.toSorted()).toEqual([a, b].toSorted());
  });

  it('is left by a waiting request that is cancelled, without waking anybody', async () => {
    const [first, second, third] = [await queued('a'), await queued('a'), await queued('a')];
    expect(await end(second)).toMatchObject({ woken: [] });
    expect(await store.position(third)).toEqual({ position: 2, holder: first });
  });

  it('is left by a request that is planned again, which later stands at its end', async () => {
    const [first, second] = [await queued('a'), await queued('a')];
    expect(await move(first, { to: aState('planning') })).toMatchObject({ moved: true, woken: [second] });
    expect(await store.position(first)).toBeUndefined();
    await queue(first, 'a');
    expect(await store.position(first)).toEqual({ position: 2, holder: second });
  });

  it('keeps its place while it is updated', async () => {
    const [first, second] = [await queued('a'), await queued('a')];
    await move(first, { to: aState('queued'), milestones: [{ kind: 'waiting', text: 'still waiting' }] });
    await start(first);
    await move(first, { to: aState('rolling-out') });
    expect(await store.position(first)).toEqual({ position: 1 });
    expect(await store.position(second)).toEqual({ position: 2, holder: first });
  });

  it('leaves no key behind when the last one has gone', async () => {
    await end(await queued('a', 'b'));
    expect(await redis.keys(`${keys.line('')}*`)).toEqual([]);
  });

  it('cannot be passed by a request that names no workload', async () => {
    const id = await aNew();
    const before = await store.load(id);
    await expect(queue(id)).rejects.toThrow(/needs the workloads/);
    expect(await store.load(id)).toEqual(before);
  });

  it('answers a repeated end with whom the first one woke', async () => {
    const [first, second] = [await queued('a'), await queued('a')];
    const cancel: Partial<Move> = { to: aState('cancelled'), actionId: 'cancel' };
    expect(await move(first, cancel)).toMatchObject({ moved: true, replayed: false, woken: [second] });
    await end(second);
    expect(await move(first, cancel)).toMatchObject({ moved: true, replayed: true, woken: [second] });
  });
});

describe('the same thing asked twice', () => {
  const claim = 'sha256-of-what-is-asked';
  const claimIt = (id: string, rest: Partial<Move> = {}): Promise<MoveResult> =>
    move(id, { to: aState('awaiting-approval'), claim, ...rest });

  it('names the request that asks for it already', async () => {
    const [first, second] = [await aNew(), await aNew()];
    expect(await claimIt(first)).toMatchObject({ moved: true });
    const before = await store.load(second);
    expect(await claimIt(second)).toMatchObject({ moved: false, because: 'same', other: first });
    expect(await store.load(second)).toEqual(before);
  });

  it('has one winner when all ask at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, aNew));
    const results = await Promise.all(ids.map((id) => claimIt(id)));
    const winner = ids.find((_, n) => results[n]?.moved);
    expect(results.filter((result) => result.moved)).toHaveLength(1);
    expect(results.filter((result) => !result.moved && result.other === winner)).toHaveLength(19);
  });

  it('is free again when the first has ended, and it may claim it again while it is open', async () => {
    const [first, second] = [await aNew(), await aNew()];
    await claimIt(first);
    expect(await claimIt(first)).toMatchObject({ moved: true });
    await end(first);
    expect(await claimIt(second)).toMatchObject({ moved: true });
  });

  it('is something else after drift: the old claim is given up for the new one', async () => {
    const [first, second] = [await aNew(), await aNew()];
    await claimIt(first);
    await claimIt(first, { claim: 'another plan' });
    expect(await claimIt(second)).toMatchObject({ moved: true });
    await end(first);
    await end(second);
    expect(await redis.hgetall(keys.claims)).toEqual({});
  });
});
