import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import type { Move, MoveResult, NewRequest } from '../../../src/app/ports.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import type { Ask } from '../../../src/domain/request.ts';
import { readAudit } from '../../support/audit.ts';
import { aState, pathTo, ready } from '../../support/moves.ts';
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
const aNew = async (ask: Partial<Ask> = {}, request: Partial<NewRequest> = {}): Promise<string> =>
  (await store.create(aRequest(request, ask), `create-${++actions}`)).id;
const move = (id: string, rest: Partial<Move>): Promise<MoveResult> =>
  store.transition({
    id,
    from: { statuses: ['planning', 'awaiting-approval', 'scheduled', 'queued', 'rolling-out'] },
    actor: 'test',
    actionId: `action-${++actions}`,
    lines: [`line-${id}`],
    ...rest,
  });
async function walk(id: string, to: Parameters<typeof pathTo>[0]): Promise<void> {
  for (const step of pathTo(to)) await move(id, { to: aState(step), ...(step === 'rolling-out' ? { patch: { writing: { at: 1 } } } : {}) });
}
async function succeed(id: string): Promise<void> {
  await walk(id, 'rolling-out');
  await move(id, { to: aState('succeeded') });
}
const ids = (records: { id: string }[]): string[] => records.map((record) => record.id);

describe('making a request', () => {
  it('happens once however often the same action is repeated, and gives the first one back', async () => {
    const asks = Array.from({ length: 10 }, () => store.create(aRequest(), 'the same command'));
    const made = await Promise.all(asks);
    expect(new Set(ids(made)).size).toBe(1);
    expect(await store.open()).toHaveLength(1);
    expect(await readAudit(redis)).toHaveLength(1);
  });

  it('gives it Redis time, version 1 and nothing that was not asked', async () => {
    const before = await store.now();
    const request = aRequest({ thread: '1.2', handle: 'h1', incident: true });
    const record = await store.create(request, 'a');
    expect(record).toEqual({
      ...request,
      version: 1,
      since: record.createdAt,
      createdAt: record.createdAt,
      approvals: [],
      decisions: [],
      followers: [],
      milestones: [],
    });
    expect(record.createdAt).toBeGreaterThanOrEqual(before);
    expect(record.createdAt).toBeLessThanOrEqual(await store.now());
    expect(await store.load(record.id)).toEqual(record);
  });

  it('may end in the same moment: a denied one is history, and nothing waits for it', async () => {
    const id = await aNew({}, { state: aState('denied') });
    expect((await store.load(id))?.endedAt).toBeDefined();
    expect(await store.open()).toEqual([]);
    expect(ids(await store.list({ limit: 10 }))).toEqual([id]);
  });

  it('refuses an id that is in use, and to begin in the middle', async () => {
    const request = aRequest();
    const first = await store.create(request, 'a');
    await expect(store.create({ ...aRequest(), id: request.id }, 'b')).rejects.toThrow(/in use/);
    await expect(store.create(aRequest({ state: aState('queued') }), 'c')).rejects.toThrow(/cannot begin as queued/);
    expect(await store.load(request.id)).toEqual(first);
    expect(await store.open()).toEqual([first]);
  });
});

describe('the lists', () => {
  it('of open requests are oldest first, by cluster, and forget what has ended', async () => {
    const eu = await aNew({ cluster: 'eu' });
    const us = await aNew({ cluster: 'us' });
    const ended = await aNew({ cluster: 'eu' });
    await move(ended, { to: aState('refused') });
    expect(ids(await store.open('eu'))).toEqual([eu]);
    expect(ids(await store.open('us'))).toEqual([us]);
    expect(new Set(ids(await store.open()))).toEqual(new Set([eu, us]));
  });

  it('are newest first and filtered by every property', async () => {
    const all = [
      await aNew({ app: 'a', environment: 'prod', cluster: 'eu' }),
      await aNew({ app: 'a', environment: 'stage', cluster: 'eu' }, { requester: 'U2' }),
      await aNew({ app: 'b', environment: 'prod', cluster: 'us' }, { requester: 'U2' }),
    ] as const;
    await move(all[2], { to: aState('refused') });
    const find = async (filter: object): Promise<number[]> =>
      (await store.list({ limit: 10, ...filter })).map((record) => all.indexOf(record.id)).toSorted((a, b) => a - b);
    expect(await find({})).toEqual([0, 1, 2]);
    expect(await find({ app: 'a' })).toEqual([0, 1]);
    expect(await find({ environment: 'prod' })).toEqual([0, 2]);
    expect(await find({ app: 'a', environment: 'prod' })).toEqual([0]);
    expect(await find({ cluster: 'eu' })).toEqual([0, 1]);
    expect(await find({ requester: 'U2' })).toEqual([1, 2]);
    expect(await find({ requester: 'U2', app: 'b' })).toEqual([2]);
    expect(await find({ status: 'refused' })).toEqual([2]);
    expect(await find({ app: 'c' })).toEqual([]);
  });

  it('are read page by page without a gap or a repetition, also where many were made in one millisecond', async () => {
    await Promise.all(Array.from({ length: 250 }, () => aNew()));
    const seen: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await store.list({ limit: 7, ...(before === undefined ? {} : { before }) });
      seen.push(...ids(page));
      before = page.at(-1)?.id;
      if (before === undefined) break;
      // News between two pages must not shift them.
      if (seen.length < 30) await aNew();
    }
    const times = await Promise.all(seen.map(async (id) => (await store.load(id))?.createdAt ?? 0));
    expect(seen).toHaveLength(250);
    expect(new Set(seen).size).toBe(250);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('find a rare one among many', async () => {
    const rare = await aNew({ cluster: 'rare' });
    await Promise.all(Array.from({ length: 230 }, () => aNew()));
    expect(ids(await store.list({ cluster: 'rare', limit: 5 }))).toEqual([rare]);
    expect(await store.list({ limit: 5, before: 'nobody' })).toEqual([]);
  });

  it('keep names apart that look alike when put together', async () => {
    const one = await aNew({ app: 'a/b', environment: 'c' });
    await aNew({ app: 'a', environment: 'b/c' });
    expect(ids(await store.list({ app: 'a/b', environment: 'c', limit: 5 }))).toEqual([one]);
  });
});

describe('what a rollback undoes', () => {
  it('is the newest request that ended after it changed the cluster', async () => {
    const changed = await aNew();
    await succeed(changed);
    const untouched = await aNew();
    await move(untouched, { to: aState('refused') });
    const cancelled = await aNew();
    await walk(cancelled, 'queued');
    await move(cancelled, { to: { status: 'cancelled', by: 'U1', changed: false } });
    const elsewhere = await aNew({ environment: 'stage' });
    await succeed(elsewhere);
    const open = await aNew();
    await walk(open, 'rolling-out');
    expect((await store.lastChange('my-app', 'prod'))?.id).toBe(changed);
    await move(open, { to: { status: 'failed', because: { code: 'pull-failed' }, changed: true } });
    expect((await store.lastChange('my-app', 'prod'))?.id).toBe(open);
    expect(await store.lastChange('other', 'prod')).toBeUndefined();
  });

  it('is not one that found that there was nothing to do', async () => {
    const id = await aNew();
    await walk(id, 'queued');
    await move(id, { to: aState('succeeded') });
    expect(await store.lastChange('my-app', 'prod')).toBeUndefined();
  });
});

describe('the audit stream', () => {
  it('tells the whole life of a request, refusals and what was said included', async () => {
    const id = await aNew();
    await move(id, { to: aState('awaiting-approval'), actor: 'repull:worker', milestones: [{ kind: 'planned', text: 'a plan' }] });
    await move(id, { to: aState('rejected'), actor: 'U0APPROVER', because: 'not today', actionId: 'reject' });
    await move(id, { to: aState('rejected'), actor: 'U0APPROVER', because: 'not today', actionId: 'reject' });
    const record = await store.load(id);
    const entries = await readAudit(redis);
    expect(entries.map(({ from, to, actor, because, version }) => [from, to, actor, because, version])).toEqual([
      ['', 'planning', 'U0DEVELOPER', '', '1'],
      ['planning', 'awaiting-approval', 'repull:worker', '', '2'],
      ['awaiting-approval', 'rejected', 'U0APPROVER', 'not today', '3'],
    ]);
    expect(JSON.parse(entries[1]?.['said'] ?? '')).toEqual([{ kind: 'planned', text: 'a plan' }]);
    expect(entries[2]).toMatchObject({ id, actionId: 'reject', at: String(record?.endedAt) });
  });

  it('is not filled by progress, but by everything else that is written', async () => {
    const id = await aNew();
    await walk(id, 'rolling-out');
    const before = (await readAudit(redis)).length;
    await move(id, { patch: { progress: { at: 1, workloads: [] } } });
    expect(await readAudit(redis)).toHaveLength(before);
    await move(id, { patch: { cancelAsked: { by: 'U1', at: 1 } } });
    await move(id, { patch: { progress: { at: 2, workloads: [] } }, milestones: [{ kind: 'pulls', text: 'pulled' }] });
    expect(await readAudit(redis)).toHaveLength(before + 2);
  });

  it('takes a word that changes nothing, and whoever is about to move the request need not look again', async () => {
    const { id, version } = await store.create(aRequest(), 'create-for-a-word');
    const note = { id, from: { statuses: ['planning'] as const }, actor: 'U0GUEST', actionId: 'a-word', because: 'approve denied' };
    expect(await store.transition(note)).toMatchObject({ moved: true, replayed: false });
    expect(await store.transition(note)).toMatchObject({ moved: true, replayed: true });
    expect((await store.load(id))?.version).toBe(version);
    const entries = (await readAudit(redis)).filter((entry) => entry['id'] === id);
    expect(entries.slice(1)).toMatchObject([{ from: 'planning', to: 'planning', actor: 'U0GUEST', because: 'approve denied' }]);
  });
});
