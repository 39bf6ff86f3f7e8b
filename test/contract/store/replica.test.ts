import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import { BackendAway } from '../../../src/app/ports.ts';
import { connectProducer } from '../../../src/store/connect.ts';
import { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { selfCheck } from '../../../src/store/self-check.ts';
import { readAudit } from '../../support/audit.ts';
import { aState, ready } from '../../support/moves.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';
import { aRequest } from '../../support/requests.ts';
import { until } from '../../support/until.ts';

let primary: TestRedis;
let replica: TestRedis;
let redis: Redis;
beforeAll(async () => {
  primary = await startRedis();
  replica = await startRedis(['--replicaof', '127.0.0.1', String(primary.port)]);
  redis = connectProducer(primary.url);
  await ready(redis);
  await until(async () => (await selfCheck(redis)).replicas === 1, { what: 'the replica is connected', withinMs: 30_000 });
});
afterAll(async () => {
  redis.disconnect();
  await replica.stop();
  await primary.stop();
});

describe('a Redis with a replica', () => {
  it('confirms a new or moved request only when the replica has it; until then the outcome is unknown and safe to ask again', async () => {
    const store = new RedisRequestStore(redis, { replicas: 1, waitMs: 200 });
    const away = (error: unknown): undefined => {
      if (!(error instanceof BackendAway)) throw error;
    };
    // A replica that has just joined may need a moment; asking again is what a caller does.
    const { id } = await until(() => store.create(aRequest(), 'create').catch(away), { what: 'the replica has it', withinMs: 30_000 });
    const there = connectProducer(replica.url);
    await ready(there);
    expect((await new RedisRequestStore(there).load(id))?.state).toEqual(aState('planning'));

    replica.freeze();
    const cancel = { id, from: { statuses: ['planning' as const] }, to: aState('cancelled'), actor: 'U1', actionId: 'cancel' };
    await expect(store.transition(cancel)).rejects.toThrow(BackendAway);
    await expect(store.create(aRequest(), 'create-2')).rejects.toThrow(BackendAway);
    replica.thaw();
    const again = await until(() => store.transition(cancel).catch(away), { what: 'the replica has caught up', withinMs: 30_000 });
    expect(again).toMatchObject({ moved: true, replayed: true });
    await until(() => store.create(aRequest(), 'create-2').catch(away), { what: 'the replica has caught up', withinMs: 30_000 });
    expect(await readAudit(redis)).toHaveLength(3);
    expect((await new RedisRequestStore(there).load(id))?.state).toEqual(aState('cancelled'));
    there.disconnect();
  });
});
