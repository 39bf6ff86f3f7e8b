import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import { BackendAway } from '../../../src/app/ports.ts';
import type { Move } from '../../../src/app/ports.ts';
import { connectProducer, connectWorker } from '../../../src/store/connect.ts';
import { CARD_KEY, RedisDeliveryStore } from '../../../src/store/delivery-store.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { RedisSwitches } from '../../../src/store/switches-store.ts';
import { readAudit } from '../../support/audit.ts';
import { faultProxy } from '../../support/fault-proxy.ts';
import type { FaultProxy } from '../../support/fault-proxy.ts';
import { aState, ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { aRequest } from '../../support/requests.ts';
import { until } from '../../support/until.ts';

let server: TestRedis;
let proxy: FaultProxy;
let direct: Redis;
beforeAll(async () => {
  server = await startRedis();
  proxy = await faultProxy(server.port);
  direct = connectWorker(server.url);
});
afterAll(async () => {
  direct.disconnect();
  await proxy.close();
  await server.stop();
});

const through = (): string => `redis://127.0.0.1:${proxy.port}`;

describe.each([
  ['worker', connectWorker],
  ['producer', connectProducer],
])('a reply that is lost after the server did what it was told, on the connection of a %s', (_, connect) => {
  let redis: Redis;
  beforeEach(async () => {
    await direct.flushall();
    redis = connect(through());
    await ready(redis);
  });
  afterEach(() => redis.disconnect());

  it('does not make a request twice', async () => {
    const store = new RedisRequestStore(redis);
    const lost = proxy.loseReplyTo('the-command');
    const record = await store.create(aRequest(), 'the-command');
    await lost;
    expect(await store.open()).toEqual([record]);
    expect(await readAudit(direct)).toHaveLength(1);
  });

  it('does not move it twice, and the caller learns that it moved', async () => {
    const store = new RedisRequestStore(redis);
    const { id } = await store.create(aRequest(), 'a');
    const queue: Move = {
      id,
      from: { version: 1 },
      to: aState('queued'),
      lines: ['a'],
      milestones: [{ kind: 'queued', text: 'queued' }],
      actor: 'U1',
      actionId: 'the-move',
    };
    const lost = proxy.loseReplyTo('the-move');
    expect(await store.transition(queue)).toMatchObject({ moved: true, replayed: true });
    await lost;
    const record = await store.load(id);
    expect(record?.version).toBe(2);
    expect(record?.milestones).toHaveLength(1);
    expect(await readAudit(direct)).toHaveLength(2);
  });

  it('leaves one marker, of which its writer knows that it is its own', async () => {
    const delivery = new RedisDeliveryStore(redis);
    const lost = proxy.loseReplyTo('intent:7');
    expect(await delivery.intend('R1', '7')).toBe(true);
    await lost;
    expect(await delivery.intend('R1', '7')).toBe(false);
    const posting = proxy.loseReplyTo('1700000000.000200');
    await delivery.posted('R1', CARD_KEY, { channel: 'C1', ts: '1700000000.000200' }, 'hash');
    await posting;
    expect(await delivery.delivery('R1')).toMatchObject({ card: { channel: 'C1', ts: '1700000000.000200' }, cardHash: 'hash' });
  });

  it('does not freeze twice, and an unfreeze that worked is told as such', async () => {
    const switches = new RedisSwitches(redis);
    const freezing = proxy.loseReplyTo('freeze-1');
    const freeze = await switches.freeze({ environment: 'prod', by: 'U1', reason: 'release' }, 'freeze-1');
    await freezing;
    expect(await switches.freezes()).toEqual([freeze]);
    const thawing = proxy.loseReplyTo('thaw-1');
    expect(await switches.unfreeze('prod', 'U1', 'thaw-1')).toBe(true);
    await thawing;
    expect(await readAudit(direct)).toHaveLength(2);
  });
});

describe('a Redis that is away', () => {
  it('is said to be away within three seconds where a person waits, and a later repetition is one action', async () => {
    await direct.flushall();
    const redis = connectProducer(server.url);
    await ready(redis);
    const store = new RedisRequestStore(redis);
    const { id } = await store.create(aRequest(), 'a');
    const cancel: Move = { id, from: { statuses: ['planning'] }, to: aState('cancelled'), actor: 'U1', actionId: 'cancel' };
    server.freeze();
    const began = performance.now();
    await expect(store.transition(cancel)).rejects.toThrow(BackendAway);
    await expect(store.now()).rejects.toThrow(BackendAway);
    expect(performance.now() - began).toBeLessThan(6_000);
    server.thaw();
    const away = (error: unknown): undefined => {
      if (!(error instanceof BackendAway)) throw error;
    };
    const result = await until(() => store.transition(cancel).catch(away), { what: 'Redis answers again' });
    // Whether or not the first one arrived, there was one.
    expect(result).toMatchObject({ moved: true });
    expect((await store.load(id))?.version).toBe(2);
    redis.disconnect();
  });

  it.each([
    'READONLY you cannot write against a read only replica',
    'LOADING dataset',
    'MISCONF disk',
    'OOM used memory',
    'NOREPLICAS few',
  ])('is what "%s" means to a producer, while a worker waits it out', async (line) => {
    await direct.flushall();
    const [producer, worker] = [connectProducer(through()), connectWorker(through())];
    await Promise.all([ready(producer), ready(worker)]);
    const refused = proxy.answerInstead('create-1', `-${line}`);
    await expect(new RedisRequestStore(producer).create(aRequest(), 'create-1')).rejects.toThrow(BackendAway);
    await refused;
    const again = proxy.answerInstead('create-2', `-${line}`);
    expect(await new RedisRequestStore(worker).create(aRequest(), 'create-2')).toMatchObject({ version: 1 });
    await again;
    producer.disconnect();
    worker.disconnect();
  });

  it('keeps nothing from a script that it has forgotten', async () => {
    const redis = connectProducer(server.url);
    await ready(redis);
    const store = new RedisRequestStore(redis);
    await store.create(aRequest(), 'before');
    await direct.script('FLUSH');
    expect(await store.create(aRequest(), 'after')).toMatchObject({ version: 1 });
    redis.disconnect();
  });

  it('loses nothing that it confirmed when it is killed', async () => {
    await direct.flushall();
    const redis = connectWorker(server.url);
    const store = new RedisRequestStore(redis);
    const made = await Promise.all(Array.from({ length: 50 }, (_, n) => store.create(aRequest(), `create-${n}`)));
    await server.kill();
    await server.restart();
    expect(new Set((await store.open()).map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
    redis.disconnect();
  });
});
