import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import type { Inquiry } from '../../../src/app/ports-slack.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { CARD_KEY, RedisDeliveryStore } from '../../../src/store/delivery-store.ts';
import { RedisInquiries } from '../../../src/store/inquiries-store.ts';
import { keys } from '../../../src/store/keys.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { selfCheck } from '../../../src/store/self-check.ts';
import { RedisSwitches } from '../../../src/store/switches-store.ts';
import { readAudit } from '../../support/audit.ts';
import { aState, ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { anAsk, aRequest } from '../../support/requests.ts';
import { until } from '../../support/until.ts';

let server: TestRedis;
let redis: Redis;
let store: RedisRequestStore;
let delivery: RedisDeliveryStore;
let switches: RedisSwitches;
let inquiries: RedisInquiries;
beforeAll(async () => {
  server = await startRedis();
  redis = connectProducer(server.url);
  await ready(redis);
  store = new RedisRequestStore(redis);
  delivery = new RedisDeliveryStore(redis);
  switches = new RedisSwitches(redis);
  inquiries = new RedisInquiries(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
});

describe('what Slack has been shown', () => {
  it('is nothing at first', async () => {
    expect(await delivery.delivery('R1')).toEqual({ posted: {}, intents: {}, syncedVersion: 0 });
  });

  it('is remembered message by message, and the marker goes with the message', async () => {
    const before = await store.now();
    expect(await delivery.intend('R1', CARD_KEY)).toBe(true);
    expect(await delivery.intend('R1', '1')).toBe(true);
    expect(await delivery.intend('R1', '1')).toBe(false);
    const { intents } = await delivery.delivery('R1');
    expect(Object.keys(intents).toSorted((a, b) => a.localeCompare(b))).toEqual(['1', CARD_KEY]);
    expect(intents['1']).toBeGreaterThanOrEqual(before);
    await delivery.posted('R1', CARD_KEY, { channel: 'C1', ts: '1.1' }, 'hash-1');
    await delivery.clearIntent('R1', '1');
    expect(await delivery.intend('R1', '1')).toBe(true);
    await delivery.posted('R1', '1', { channel: 'C1', ts: '1.2' });
    await delivery.posted('R1', CARD_KEY, { channel: 'C1', ts: '1.1' }, 'hash-2');
    await delivery.answered('R1');
    await delivery.dead('R1', 'is_archived');
    expect(await delivery.delivery('R1')).toEqual({
      card: { channel: 'C1', ts: '1.1' },
      cardHash: 'hash-2',
      posted: { '1': '1.2' },
      intents: {},
      answered: true,
      dead: 'is_archived',
      syncedVersion: 0,
    });
  });

  it('gives the record the place of its card', async () => {
    const { id } = await store.create(aRequest(), 'a');
    await delivery.posted(id, CARD_KEY, { channel: 'C1', ts: '1.1' });
    const card = { channel: 'C1', ts: '1.1' };
    expect((await store.load(id))?.card).toEqual(card);
    expect((await store.open())[0]?.card).toEqual(card);
    const moved = await store.transition({ id, from: { version: 1 }, to: aState('planning'), actor: 't', actionId: 'b' });
    expect(moved.moved && moved.record.card).toEqual(card);
  });

  it('falls behind with every change, oldest first, until it has caught up with the newest', async () => {
    const first = await store.create(aRequest(), 'a');
    await until(async () => (await store.now()) > first.createdAt, { what: 'the next millisecond' });
    const second = await store.create(aRequest(), 'b');
    const dirty = async (): Promise<string[]> => (await delivery.dirty(10)).map(({ id }) => id);
    expect(await delivery.dirty(1)).toEqual([{ id: first.id, since: first.createdAt }]);
    expect(await dirty()).toEqual([first.id, second.id]);

    await store.transition({ id: first.id, from: { version: 1 }, to: aState('refused'), actor: 't', actionId: 'c' });
    await delivery.synced(first.id, 1);
    expect(await dirty()).toEqual([first.id, second.id]);
    await delivery.synced(first.id, 2);
    expect(await dirty()).toEqual([second.id]);
    await store.transition({ id: second.id, from: { version: 1 }, to: aState('refused'), actor: 't', actionId: 'd' });
    await delivery.synced(second.id, 2);
    expect(await dirty()).toEqual([]);
    const late = { id: second.id, from: { version: 2 }, patch: { rolledBackBy: 'R9' }, actor: 't', actionId: 'e' };
    await store.transition(late);
    expect(await dirty()).toEqual([second.id]);
    // A late word of an older rendering takes nothing back.
    await delivery.synced(first.id, 1);
    expect((await delivery.delivery(first.id)).syncedVersion).toBe(2);
    expect(await delivery.dirty(0)).toEqual([]);
  });

  it('does not wait for a record that has expired', async () => {
    const { id } = await store.create(aRequest(), 'a');
    await redis.del(keys.request(id));
    await delivery.synced(id, 1);
    expect(await delivery.dirty(10)).toEqual([]);
  });
});

describe('switches', () => {
  it('freeze an environment until somebody lifts it, and tell the audit', async () => {
    const before = await store.now();
    const freeze = await switches.freeze({ environment: 'prod', by: 'U1', reason: 'release' }, 'a');
    expect(freeze).toMatchObject({ environment: 'prod', by: 'U1', reason: 'release' });
    expect(freeze.at).toBeGreaterThanOrEqual(before);
    expect(await switches.freezes()).toEqual([freeze]);
    expect(await switches.unfreeze('prod', 'U2', 'b')).toBe(true);
    expect(await switches.unfreeze('prod', 'U2', 'c')).toBe(false);
    expect(await switches.freezes()).toEqual([]);
    expect((await readAudit(redis)).map(({ id, to, actor, because }) => [id, to, actor, because])).toEqual([
      ['prod', 'freeze', 'U1', 'release'],
      ['prod', 'unfreeze', 'U2', ''],
      ['prod', 'unfreeze', 'U2', ''],
    ]);
  });

  it('answer a repeated action with its first result, whatever has happened since', async () => {
    const freeze = await switches.freeze({ environment: 'prod', by: 'U1', reason: 'release' }, 'a');
    await switches.unfreeze('prod', 'U1', 'b');
    expect(await switches.freeze({ environment: 'prod', by: 'U1', reason: 'release' }, 'a')).toEqual(freeze);
    expect(await switches.unfreeze('prod', 'U1', 'b')).toBe(true);
    expect(await switches.freezes()).toEqual([]);
  });

  it('end by the clock of Redis', async () => {
    const now = await store.now();
    await switches.freeze({ environment: 'prod', by: 'U1', reason: 'r', until: now + 60_000 }, 'a');
    await switches.freeze({ environment: 'stage', by: 'U1', reason: 'r', until: now - 1 }, 'b');
    await switches.bind({ channel: 'C1', by: 'U1', until: now + 60_000 }, 'c');
    await switches.bind({ channel: 'C2', by: 'U1', until: now - 1 }, 'd');
    expect((await switches.freezes()).map(({ environment }) => environment)).toEqual(['prod']);
    expect((await switches.incidents()).map(({ channel }) => channel)).toEqual(['C1']);
    expect(await switches.unbind('C1', 'U1', 'e')).toBe(true);
    expect(await switches.incidents()).toEqual([]);
  });

  it('that are over are told as such until they are unbound, and only the one that was meant is', async () => {
    const now = await store.now();
    const { at } = await switches.bind({ channel: 'C1', by: 'U1', until: now - 1 }, 'a');
    expect(await switches.overdueIncidents()).toEqual([{ channel: 'C1', by: 'U1', at, until: now - 1 }]);
    await until(async () => (await store.now()) > at, { what: 'another millisecond' });
    await switches.bind({ channel: 'C1', by: 'U2', until: now + 60_000 }, 'b');
    expect(await switches.unbind('C1', 'repull:clock', 'c', at)).toBe(false);
    expect(await switches.incidents()).toMatchObject([{ channel: 'C1', by: 'U2' }]);
    expect(await switches.overdueIncidents()).toEqual([]);
    const [bound] = await switches.incidents();
    expect(await switches.unbind('C1', 'repull:clock', 'd', bound?.at)).toBe(true);
    expect(await switches.incidents()).toEqual([]);
  });
});

describe('an inquiry', () => {
  const inquiry: Inquiry = {
    id: 'Q1',
    kind: 'check',
    ask: anAsk(),
    requester: 'U1',
    listener: { channel: 'C1', user: 'U1' },
    decision: { verdict: 'allow', rule: 'bindings[0]' },
  };

  it('is kept with its answer for an hour at most', async () => {
    expect(await inquiries.load('Q1')).toBeUndefined();
    await inquiries.put(inquiry);
    expect(await inquiries.load('Q1')).toEqual(inquiry);
    await inquiries.answer('Q1', { kind: 'done', text: 'nothing newer' });
    expect(await inquiries.load('Q1')).toEqual({ ...inquiry, answer: { kind: 'done', text: 'nothing newer' } });
    for (const key of [keys.inquiry('Q1'), keys.inquiryAnswer('Q1')]) {
      const left = await redis.pttl(key);
      expect(left > 3_500_000 && left <= 3_600_000).toBe(true);
    }
  });

  it('that has run out is not brought back by a late answer', async () => {
    await inquiries.answer('Q1', { kind: 'done', text: 'too late' });
    expect(await inquiries.load('Q1')).toBeUndefined();
  });
});

describe('the check of a Redis', () => {
  it('has nothing against one that keeps what it confirms', async () => {
    expect(await selfCheck(redis)).toMatchObject({ refusals: [], warnings: [], replicas: 0, version: expect.stringMatching(/^\d+\./) });
  });

  it.each([
    [['--appendonly', 'no'], { refusals: [expect.stringContaining('append-only')], warnings: [] }],
    [['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'], { refusals: [expect.stringContaining('allkeys-lru')], warnings: [] }],
    [['--appendfsync', 'everysec'], { refusals: [], warnings: [expect.stringContaining('appendfsync always')] }],
    [['--maxmemory-policy', 'volatile-lru'], { refusals: [], warnings: [expect.stringContaining('volatile-lru')] }],
    [
      ['--replicaof', '127.0.0.1', '1', '--replica-serve-stale-data', 'yes'],
      { refusals: [expect.stringContaining('primary')], warnings: [] },
    ],
  ])('refuses or warns of %s', async (extra, expected) => {
    const other = await startRedis(extra);
    const connection = connectProducer(other.url);
    await ready(connection);
    expect(await selfCheck(connection)).toMatchObject(expected);
    connection.disconnect();
    await other.stop();
  });
});
