import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import type { Move } from '../../../src/app/ports.ts';
import { isLegal, isTerminal, OPEN_STATUSES, STATUSES } from '../../../src/domain/lifecycle.ts';
import type { Status } from '../../../src/domain/lifecycle.ts';
import type { State } from '../../../src/domain/request.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { keys } from '../../../src/store/keys.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { aState, pathTo, ready } from '../../support/moves.ts';
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

let actions = 0;
const anAction = (): string => `action-${++actions}`;

/** Each request stands in a line of its own, so that only the lifecycle decides. */
async function aRequestThatIs(status: Status): Promise<string> {
  const { id } = await store.create(aRequest(), anAction());
  for (const step of pathTo(status)) {
    const move: Move = { id, from: { statuses: STATUSES }, to: aState(step), actor: 'test', actionId: anAction(), lines: [`line-${id}`] };
    const result = await store.transition(move);
    if (!result.moved) throw new Error(`on the way to ${status}: ${step} is ${result.because}`);
  }
  return id;
}

const pairs = STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const));

/** From one status to another, with the record before and after. */
async function walk(from: Status, to: Status) {
  const id = await aRequestThatIs(from);
  const before = await store.load(id);
  const lines = [`line-${id}`];
  const result = await store.transition({ id, from: { statuses: [from] }, to: aState(to), actor: 'test', actionId: anAction(), lines });
  return { before, result, after: await store.load(id) };
}

describe('every pair of statuses', () => {
  it.each(pairs.filter(([from, to]) => isLegal(from, to)))('%s → %s moves, because the table allows it', async (from, to) => {
    const { before, result, after } = await walk(from, to);
    expect(result).toMatchObject({ moved: true, replayed: false });
    expect(after?.state).toEqual(aState(to));
    expect(after?.version).toBe((before?.version ?? 0) + 1);
    expect(after?.endedAt !== undefined).toBe(isTerminal(to));
    expect(after?.since === before?.since || from !== to).toBe(true);
  });

  it.each(pairs.filter(([from, to]) => !isLegal(from, to)))(
    '%s → %s changes nothing, because the table does not allow it',
    async (from, to) => {
      const { before, result, after } = await walk(from, to);
      expect(result).toMatchObject({ moved: false, because: 'illegal' });
      expect(after).toEqual(before);
    },
  );
});

describe('a transition', () => {
  it('leaves one winner when fifty approvers click at the same moment', async () => {
    const id = await aRequestThatIs('awaiting-approval');
    const version = (await store.load(id))?.version ?? 0;
    const clicks = Array.from({ length: 50 }, (_, n) =>
      store.transition({
        id,
        from: { version },
        to: { status: 'queued', deadline: 1 },
        patch: { approvals: [{ by: `U${n}`, at: n }] },
        actor: `U${n}`,
        actionId: `click-${n}`,
        lines: [`line-${id}`],
      }),
    );
    const results = await Promise.all(clicks);
    const winners = results.flatMap((result, n) => (result.moved ? [n] : []));
    expect(winners).toHaveLength(1);
    expect(results.filter((result) => !result.moved && result.because === 'version')).toHaveLength(49);
    const record = await store.load(id);
    expect(record?.approvals).toEqual([{ by: `U${winners[0]}`, at: winners[0] }]);
    expect(record?.version).toBe(version + 1);
  });

  it('answers the same action with the first result and changes nothing', async () => {
    const id = await aRequestThatIs('awaiting-approval');
    const approve = (): Promise<unknown> =>
      store.transition({
        id,
        from: { statuses: ['awaiting-approval'] },
        to: { status: 'queued', deadline: 1 },
        milestones: [{ kind: 'approved', by: 'U1', text: 'approved' }],
        actor: 'U1',
        actionId: 'the-click',
        lines: [`line-${id}`],
      });
    const first = await approve();
    const again = await approve();
    expect(first).toMatchObject({ moved: true, replayed: false });
    expect(again).toEqual({ ...(first as object), replayed: true });
    expect((await store.load(id))?.milestones).toHaveLength(1);
  });

  it('may succeed under the same action id after it was refused, because a refusal changed nothing', async () => {
    const id = await aRequestThatIs('awaiting-approval');
    const now = await store.now();
    const expire: Move = {
      id,
      from: { statuses: OPEN_STATUSES },
      to: { status: 'expired', because: 'approval' },
      actor: 'clock',
      actionId: 'expire',
    };
    expect(await store.transition({ ...expire, notBefore: now + 60_000 })).toMatchObject({ moved: false, because: 'too-early' });
    expect(await store.transition({ ...expire, notBefore: now })).toMatchObject({ moved: true, replayed: false });
  });

  it('is too late after its time, by the clock of Redis', async () => {
    const id = await aRequestThatIs('awaiting-approval');
    const now = await store.now();
    const queue = (notAfter: number): Promise<unknown> =>
      store.transition({
        id,
        from: { statuses: ['awaiting-approval'] },
        to: { status: 'queued', deadline: 1 },
        actor: 'U1',
        actionId: 'approve',
        notAfter,
        lines: [`line-${id}`],
      });
    expect(await queue(now - 1)).toMatchObject({ moved: false, because: 'too-late' });
    expect(await queue(now + 60_000)).toMatchObject({ moved: true });
  });

  it('refuses a version that is not the present one, and a status that is not among the expected', async () => {
    const id = await aRequestThatIs('awaiting-approval');
    const to: State = { status: 'cancelled', by: 'U1', changed: false };
    const version = (await store.load(id))?.version ?? 0;
    expect(await store.transition({ id, from: { version: version - 1 }, to, actor: 'U1', actionId: 'a' })).toMatchObject({
      moved: false,
      because: 'version',
    });
    expect(await store.transition({ id, from: { statuses: ['queued'] }, to, actor: 'U1', actionId: 'b' })).toMatchObject({
      moved: false,
      because: 'version',
    });
    expect(await store.transition({ id: 'nobody', from: { version: 1 }, to, actor: 'U1', actionId: 'c' })).toEqual({
      moved: false,
      because: 'unknown',
    });
  });

  it('writes the fields it names, removes those it names as undefined, and leaves all others', async () => {
    const id = await aRequestThatIs('rolling-out');
    const update = (actionId: string, patch: NonNullable<Move['patch']>): Promise<unknown> =>
      store.transition({ id, from: { statuses: ['rolling-out'] }, patch, actor: 'repull:worker', actionId });
    await update('a', { writing: { at: 1 }, clusterAway: { since: 2 } });
    await update('b', { clusterAway: undefined, progress: { at: 3, workloads: [] } });
    const record = await store.load(id);
    expect(record).toMatchObject({ writing: { at: 1 }, progress: { at: 3, workloads: [] }, approvals: [], followers: [], decisions: [] });
    expect(record && 'clusterAway' in record).toBe(false);
  });

  it('numbers milestones without a gap and dates them by Redis', async () => {
    const id = await aRequestThatIs('rolling-out');
    const before = await store.now();
    const say = (actionId: string, ...texts: string[]): Promise<unknown> =>
      store.transition({
        id,
        from: { statuses: ['rolling-out'] },
        milestones: texts.map((text) => ({ kind: 'notice', text })),
        actor: 'repull:worker',
        actionId,
      });
    await say('a', 'one', 'two "quoted" \\ {}');
    await say('b', 'three', 'vier ✓');
    const milestones = (await store.load(id))?.milestones ?? [];
    expect(milestones.map(({ seq, text }) => [seq, text])).toEqual([
      [1, 'one'],
      [2, 'two "quoted" \\ {}'],
      [3, 'three'],
      [4, 'vier ✓'],
    ]);
    expect(milestones.every(({ at }) => at >= before && at <= before + 60_000)).toBe(true);
  });

  it('keeps empty lists and large numbers as they were', async () => {
    const { id } = await store.create(aRequest({}, { workloads: [], at: 9_007_199_254_740_991 }), anAction());
    const record = await store.load(id);
    expect(record?.ask.workloads).toEqual([]);
    expect(record?.ask.at).toBe(9_007_199_254_740_991);
    expect(record?.approvals).toEqual([]);
  });
});

describe('an ended request', () => {
  it('takes word of who undid it, who follows it, and later milestones, but nothing else', async () => {
    const id = await aRequestThatIs('succeeded');
    const write = (patch: NonNullable<Move['patch']>, actionId: string): Promise<unknown> =>
      store.transition({
        id,
        from: { statuses: ['succeeded'] },
        patch,
        milestones: [{ kind: 'reverted', text: 'argo-cd took it back' }],
        actor: 'repull:worker',
        actionId,
      });
    expect(await write({ rolledBackBy: 'R2', followers: [] }, 'a')).toMatchObject({ moved: true });
    expect(await write({ rolledBackBy: 'R2', progress: { at: 1, workloads: [] } }, 'b')).toMatchObject({
      moved: false,
      because: 'illegal',
    });
    const record = await store.load(id);
    expect(record).toMatchObject({ rolledBackBy: 'R2', state: { status: 'succeeded' } });
    expect(record?.milestones).toHaveLength(1);
    expect(record && 'progress' in record).toBe(false);
  });

  it('is kept for a while and not for ever, with everything that belongs to it', async () => {
    const id = await aRequestThatIs('failed');
    await store.transition({
      id,
      from: { statuses: ['failed'] },
      milestones: [{ kind: 'notice', text: 'late word' }],
      actor: 'test',
      actionId: 'late',
    });
    const days = async (key: string): Promise<number> => Math.round((await redis.pttl(key)) / 86_400_000);
    expect([await days(keys.request(id)), await days(keys.milestones(id)), await days(keys.actions(id))]).toEqual([90, 90, 8]);
  });
});
