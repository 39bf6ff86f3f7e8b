import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import { connectProducer } from '../../../src/store/connect.ts';
import { keys } from '../../../src/store/keys.ts';
import { MAX_EVIDENCE, RedisRequestStore } from '../../../src/store/redis-store.ts';
import type { PullEvidence } from '../../../src/domain/verdict.ts';
import { ready } from '../../support/moves.ts';
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

describe('evidence', () => {
  const pulled = (eventUid: string, count: number, at = count): PullEvidence => ({
    eventUid,
    count,
    podUid: 'p',
    pod: 'my-app-1',
    container: 'app',
    at,
    image: 'shop/my-app:v1',
    what: { is: 'pulling' },
    message: `seen ${count} times`,
  });

  it('is stored once per event and count, oldest first, however often it is told', async () => {
    await store.addEvidence('R1', [pulled('e2', 1, 20), pulled('e1', 1, 10)]);
    await store.addEvidence('R1', [pulled('e1', 1, 10), pulled('e1', 2, 30)]);
    await store.addEvidence('R1', [{ ...pulled('e1', 1, 10), message: 'told differently' }]);
    await store.addEvidence('R1', []);
    expect(await store.evidence('R1')).toEqual([pulled('e1', 1, 10), pulled('e2', 1, 20), pulled('e1', 2, 30)]);
    expect(await store.evidence('R2')).toEqual([]);
  });

  it('stops growing at its cap', async () => {
    const many = Array.from({ length: MAX_EVIDENCE + 10 }, (_, n) => pulled('e', n));
    for (let n = 0; n < many.length; n += 1_000) await store.addEvidence('R1', many.slice(n, n + 1_000));
    expect(await store.evidence('R1')).toHaveLength(MAX_EVIDENCE);
  });
});

describe('the memory between two looks', () => {
  it('is what was saved last', async () => {
    expect(await store.memory('R1')).toBeUndefined();
    await store.saveMemory('R1', { symptoms: {}, evicted: ['u1'], told: [] });
    const memory = { symptoms: { s: { since: 1, seen: 2, last: 3, text: 't' } }, evicted: [], told: ['started'] };
    await store.saveMemory('R1', memory);
    expect(await store.memory('R1')).toEqual(memory);
    expect(await redis.pttl(keys.memory('R1'))).toBeGreaterThan(0);
  });
});

describe('a record that somebody has damaged', () => {
  it('is an error with a name and not a guess', async () => {
    const { id } = await store.create(aRequest(), 'a');
    await redis.hset(keys.request(id), 'decision', '{"verdict":"all');
    await expect(store.load(id)).rejects.toThrow(`what Redis holds for ${id}.decision is not JSON`);
    await redis.hdel(keys.request(id), 'decision');
    await expect(store.load(id)).rejects.toThrow(/decision/);
  });
});
