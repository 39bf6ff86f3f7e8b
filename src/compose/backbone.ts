import { once } from 'node:events';
import type { Redis } from 'ioredis';
import type { Log } from '../app/worker-deps.ts';
import { connectProducer, connectWorker } from '../store/connect.ts';
import { RedisAnnouncements } from '../store/announcements-store.ts';
import { RedisDeliveryStore } from '../store/delivery-store.ts';
import { RedisInquiries } from '../store/inquiries-store.ts';
import { retentionOf } from '../store/order.ts';
import { RedisRequestStore } from '../store/redis-store.ts';
import { selfCheck } from '../store/self-check.ts';
import { RedisSlackBudget } from '../store/slack-budget.ts';
import { RedisSwitches } from '../store/switches-store.ts';
import type { Lacking } from './part.ts';

/**
 * Redis, three ways: `quick` fails within 1.5 s, for whoever has a person waiting and for probes; `patient` waits until Redis is back, for
 * use cases inside a job; `blocking` belongs to BullMQ's reads.
 */
export function openBackbone({ redisUrl: url, retentionDays }: { redisUrl: string; retentionDays: number }, name: string, log: Log) {
  const onError = (error: Error, unreported: number) => log.warn({ problem: error.message, unreported }, 'Redis');
  const quick = connectProducer(url, { name: `${name}-quick`, onError });
  const patient = connectWorker(url, { name, onError });
  const blocking = connectWorker(url, { name: `${name}-queue`, onError });
  return {
    quick,
    patient,
    blocking,
    stores: {
      store: new RedisRequestStore(patient, { retention: retentionOf(retentionDays) }),
      switches: new RedisSwitches(patient),
      inquiries: new RedisInquiries(patient),
      announcements: new RedisAnnouncements(patient),
    },
    deliveries: new RedisDeliveryStore(patient),
    slackBudget: new RedisSlackBudget(quick),
    /** Throws while Redis is away or is not one to which an accepted request may be entrusted. */
    async check(): Promise<void> {
      await connected(quick);
      const { refusals, warnings, version } = await selfCheck(quick);
      for (const warning of warnings) log.warn({ version }, warning);
      if (refusals.length > 0) throw new Error(refusals.join('; '));
    },
    async unready(lacking: Lacking): Promise<string[]> {
      const why = lacking.get('Redis');
      if (why !== undefined) return [why];
      return quick.ping().then(
        () => [],
        () => ['Redis does not answer'],
      );
    },
    close(): void {
      for (const redis of [quick, patient, blocking]) redis.disconnect();
    },
  };
}

/** The first look comes before the connection is up; without this every start would say that Redis is not there. Milliseconds. */
const CONNECTS = 1_000;

async function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return;
  const late = AbortSignal.timeout(CONNECTS);
  // Whichever way it ends, the question that follows says how Redis is.
  await once(redis, 'ready', { signal: late }).catch(() => undefined);
}
