import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { isNotNow } from '../ops/redis-errors.ts';
import { sampled } from '../ops/sampled.ts';

export interface ConnectOptions {
  /** Shown by `CLIENT LIST`. */
  name?: string;
  /** At most one per second and kind of error, with how many were left out since the last. */
  onError?: (error: Error, unreported: number) => void;
}

/** Replies in the shapes of RESP2, which is what BullMQ and our scripts read. */
type Settings = Omit<RedisOptions, 'replyMapping'>;

const jittered = (ms: number): number => Math.round(ms * (0.5 + Math.random() / 2));

/**
 * For everything that must answer a person within 3 s: nothing waits in memory for a Redis that is away, and a command that gets no reply
 * ends after 1.5 s as unknown. It may have been carried out all the same, so each one must be safe to repeat.
 */
const PRODUCER: Settings = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 1_500,
  connectTimeout: 1_500,
  retryStrategy: (times) => jittered(Math.min(100 * times, 1_000)),
};

/**
 * For workers, which have time: commands wait until Redis is back. A "not now" reply is turned into reconnect-and-resend, because BullMQ would
 * otherwise record a finished job as failed, or spin on READONLY (measured: 10 of 10, and 10,000 errors a second).
 */
const WORKER: Settings = {
  // BullMQ insists on it: a blocking read has no deadline.
  maxRetriesPerRequest: null,
  connectTimeout: 5_000,
  retryStrategy: (times) => jittered(Math.min(100 * times, 2_000)),
  reconnectOnError: (error) => (isNotNow(error) ? 2 : false),
};

/** @param url `redis://` or `rediss://`, with user, password and database as usual. */
export const connectProducer = (url: string, options: ConnectOptions = {}): Redis => connect(url, PRODUCER, options);
export const connectWorker = (url: string, options: ConnectOptions = {}): Redis => connect(url, WORKER, options);

function connect(url: string, settings: Settings, options: ConnectOptions): Redis {
  const redis = new Redis(url, { ...settings, ...(options.name === undefined ? {} : { connectionName: options.name }) });
  // Without a listener Node would end the process on the first one.
  redis.on('error', sampled(options.onError));
  return redis;
}
