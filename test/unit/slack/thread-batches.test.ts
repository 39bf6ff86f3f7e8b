import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BotDeps } from '../../../src/app/bot-deps.ts';
import type { Channel, Delivery, DeliveryStore, PostResult } from '../../../src/app/ports-slack.ts';
import { tellThread } from '../../../src/app/tell-thread.ts';
import type { Milestone } from '../../../src/domain/request.ts';
import { rankOfEntry, rankOfUpdate } from '../../../src/slack/rank.ts';
import { aRecord, AT } from './stories.ts';

const CARD = { channel: 'C1', ts: '1.1' };

/** What may become of a post: it is there or not, and the answer says so or is lost. */
type Fate = 'posted' | 'posted-and-lost' | 'lost' | 'not-now';

/** A thread in Slack that can be searched, and a store that forgets nothing: what a workspace with history scopes is. */
function aThread(fates: Fate[]) {
  const thread: Milestone[][] = [];
  const delivery: Delivery = { posted: {}, intents: {}, syncedVersion: 0 };
  let now = AT;
  const deliveries: Pick<DeliveryStore, 'intend' | 'clearIntent' | 'posted'> = {
    async intend(_, key) {
      if (delivery.intents[key] !== undefined) return false;
      delivery.intents[key] = now;
      return true;
    },
    async clearIntent(_, key) {
      delete delivery.intents[key];
    },
    async posted(_, key, place) {
      delete delivery.intents[key];
      delivery.posted[key] = place.ts;
    },
  };
  const keyOf = (entry: Milestone[]) => entry.map((each) => each.seq).join('+');
  const channel: Pick<Channel, 'postMilestone' | 'find'> = {
    async postMilestone(_card, _record, ...milestones): Promise<PostResult> {
      const fate = fates.shift() ?? 'posted';
      if (fate === 'posted' || fate === 'posted-and-lost') thread.push(milestones);
      if (fate === 'posted') return { ok: true, ts: `2.${thread.length}` };
      return fate === 'not-now' ? { ok: false, because: 'rate-limited', retryAfterMs: 1 } : { ok: false, because: 'unknown', detail: '' };
    },
    async find(_place, _request, key) {
      const at = thread.findIndex((entry) => keyOf(entry) === key);
      return at === -1 ? 'absent' : { ts: `2.${at + 1}` };
    },
  };
  const deps = { deliveries, channel, store: { now: async () => now } } as unknown as BotDeps;
  return { thread, delivery, deps, later: () => void (now += 10_000) };
}

const milestones = fc
  .array(fc.record({ broadcast: fc.nat(5).map((n) => n === 0), length: fc.nat(500) }), { minLength: 1, maxLength: 25 })
  .map((many) =>
    many.map(
      ({ broadcast, length }, n): Milestone => ({
        seq: n + 1,
        at: AT,
        kind: 'notice',
        text: 'x'.repeat(length),
        ...(broadcast ? { broadcast } : {}),
      }),
    ),
  );
const fates = fc.array(fc.constantFrom<Fate>('posted', 'posted-and-lost', 'lost', 'not-now'), { maxLength: 15 });

describe('a thread that is behind', () => {
  it('has every entry once and in order in the end, whatever is lost and however it grows; a broadcast is one of its own', async () => {
    await fc.assert(
      fc.asyncProperty(milestones, fates, fc.nat(25), async (all, what, known) => {
        const { thread, delivery, deps, later } = aThread([...what]);
        for (let run = 0; run < 60; run++) {
          // The record grows while its thread is being told.
          const record = { ...aRecord(), milestones: all.slice(0, run === 0 ? known : all.length) };
          const ended = await tellThread(deps, record, structuredClone(delivery), CARD);
          if (ended === 'done' && run > 0) break;
          later();
        }
        expect(thread.flat().map((each) => each.seq)).toEqual(all.map((each) => each.seq));
        expect(thread.filter((entry) => entry.length > 1 && entry.some((each) => each.broadcast === true))).toEqual([]);
        const size = (entry: Milestone[]) => entry.reduce((sum, each) => sum + each.text.length, 0);
        expect(thread.filter((entry) => entry.length > 10 || (entry.length > 1 && size(entry) > 2_000))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is told in one message where that is possible', async () => {
    const { thread, delivery, deps } = aThread([]);
    const some = [1, 2, 3].map((seq): Milestone => ({ seq, at: AT, kind: 'notice', text: 'short' }));
    await tellThread(deps, { ...aRecord(), milestones: some }, delivery, CARD);
    expect(thread.map((entry) => entry.length)).toEqual([3]);
  });
});

describe('what goes first', () => {
  const of = (status: 'rolling-out' | 'succeeded' | 'queued') =>
    ({ ...aRecord(), state: status === 'succeeded' ? { status } : { status, deadline: AT } }) as ReturnType<typeof aRecord>;

  it.each([
    ['succeeded', 'rolling-out:1', 'terminal'],
    ['rolling-out', 'rolling-out:1', 'progress'],
    ['rolling-out', 'queued:1', 'progress'],
    ['rolling-out', 'awaiting-approval:1', 'state'],
    ['rolling-out', 'scheduled:1', 'state'],
    ['queued', 'awaiting-approval:1', 'state'],
  ] as const)('%s on a card that says %s is an update of rank %s', (status, shown, rank) => {
    expect(rankOfUpdate(of(status), shown)).toBe(rank);
  });

  it('in a channel is what all of it hears, then the thread of what has ended, then the others', () => {
    expect([rankOfEntry(of('rolling-out'), true), rankOfEntry(of('succeeded'), false), rankOfEntry(of('rolling-out'), false)]).toEqual([
      'terminal',
      'state',
      'progress',
    ]);
  });
});
