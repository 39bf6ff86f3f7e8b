import { randomBytes } from 'node:crypto';
import { DelayedError, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { BackendAway } from '../app/ports.ts';
import { asAway } from '../ops/redis-errors.ts';
import { sampled } from '../ops/sampled.ts';
import { AWAY, bugBackoffMs, CLOSE, MAX_STALLED, PREFIX, RUN_RETRY_MS } from './settings.ts';
import type { WorkerSettings } from './settings.ts';
import { watchLocks } from './watchdog.ts';

/** Look again in so many milliseconds, or never. */
export type Outcome = { again: number } | 'done' | void;

/** What is wrong with a job, for the log and for whoever must tell the people who wait for it. */
export interface Trouble {
  queue: string;
  job: string;
  /** The payload as it was, so that the request or the inquiry can be named. */
  data: unknown;
  /** `AB12C`: in the log and in the answer, so that one leads to the other. */
  reference: string;
  error: unknown;
}

/** How one run of a job ended. `stopped`: shutdown, lost lock. */
type RunEnd = 'done' | 'again' | 'away' | 'stopped' | 'bug';

export interface WorkerHooks {
  /** Errors of the queue itself, sampled. */
  onError?: (queue: string, error: Error, unreported: number) => void;
  onStalled?: (queue: string, jobId: string) => void;
  /** The watchdog ended a run. */
  onLockLost?: (queue: string, jobId: string) => void;
  /** A backend is away; the job is tried again after so long, for ever. */
  onAway?: (queue: string, jobId: string, error: BackendAway, againMs: number) => void;
  /** A throw that is a bug; `last`: it is not tried again. */
  onBug?: (trouble: Trouble, last: boolean) => void;
  onRun?: (queue: string, job: string, tookMs: number, ended: RunEnd) => void;
  /** Awaited after the last try of a bug, so that a request does not stay open in silence. */
  gaveUp?: (trouble: Trouble) => Promise<void>;
}

export interface WorkerOptions extends WorkerHooks {
  settings?: Partial<WorkerSettings>;
}

export interface Kind {
  schema: z.ZodType;
  run: (data: never, signal: AbortSignal, job: Job) => Promise<Outcome>;
  /** How far a pause may move: `around` by half to both sides, so that steps do not align; `after` only later, for what Slack asked us to wait. */
  jitter: 'around' | 'after';
}

export interface RunningWorker {
  /** Drains: takes nothing new, lets what is in hand finish or gives it back, within 2 s. */
  close(): Promise<void>;
}

const spread = (ms: number, jitter: Kind['jitter']): number =>
  Math.round(jitter === 'around' ? ms * (0.5 + Math.random()) : ms + Math.random() * Math.min(ms / 2, 1_000));

/** Crockford's digits and capitals: nothing to misread. */
const reference = (): string => Array.from(randomBytes(5), (byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(byte % 32)).join('');

/**
 * One BullMQ worker. A handler's outcome is one of: done; look again later; the backend is away (`BackendAway`: later, without end, no attempt);
 * stopped (shutdown, lost lock, over its budget: given back); a bug (bounded attempts with a reference).
 */
export function runWorker(
  redis: Redis,
  queue: string,
  kinds: Record<string, Kind>,
  settings: WorkerSettings,
  hooks: WorkerHooks,
): { connection: Redis; close: () => Promise<void> } {
  // Of its own, so that closing it in the middle of an outage takes nothing away from anybody else.
  const connection = redis.duplicate();
  connection.on('error', () => undefined);
  const closing = new AbortController();
  const outages = new Map<string, number>();

  const pause = async (job: Job, token: string | undefined, ms: number): Promise<never> => {
    // Without our lock the job is already somebody else's; then there is nothing to put off and nothing to report.
    await job.moveToDelayed(Date.now() + ms, token).catch(() => hooks.onLockLost?.(queue, job.id ?? ''));
    throw new DelayedError();
  };

  // Three named parameters: BullMQ hands out its signal only to a processor whose length says so.
  const process = async (job: Job, token: string | undefined, cancelled: AbortSignal | undefined): Promise<void> => {
    const jobId = job.id ?? '';
    const lock = begin(jobId);
    const budget = AbortSignal.timeout(settings.budgetMs);
    const signals = [lock.signal, budget, closing.signal, ...(cancelled === undefined ? [] : [cancelled])];
    const stop = AbortSignal.any(signals);
    const began = performance.now();
    let ended: RunEnd = 'done';
    try {
      const kind = kinds[job.name];
      // Of a newer version, perhaps: while replicas are being replaced, one of the next tries meets one that knows it.
      if (kind === undefined) throw new Error(`unknown job ${job.name}`);
      const outcome = await kind.run(kind.schema.parse(job.data) as never, stop, job);
      outages.delete(jobId);
      if (typeof outcome !== 'object') return;
      ended = 'again';
      await pause(job, token, spread(outcome.again, kind.jitter));
    } catch (error) {
      if (error instanceof DelayedError) throw error;
      // Given back at once on shutdown, so that another replica takes it; a lost lock has given it back already.
      ended = 'stopped';
      if (stop.aborted && !budget.aborted) await pause(job, token, 0);
      ended = 'away';
      const away = budget.aborted ? new BackendAway('kubernetes', `no end after ${settings.budgetMs} ms`, { cause: error }) : asAway(error);
      if (away !== undefined) {
        const nth = outages.get(jobId) ?? 0;
        // Only the pace of trying again is lost, by a request that another replica has brought to its end.
        if (outages.size > 1_000) outages.clear();
        outages.set(jobId, nth + 1);
        const backoff = spread(Math.min(AWAY.firstMs * 2 ** nth, AWAY.mostMs), 'around');
        const again = Math.max(backoff, away.retryAfterMs ?? 0);
        hooks.onAway?.(queue, jobId, away, again);
        await pause(job, token, again);
      }
      ended = 'bug';
      const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
      const trouble: Trouble = { queue, job: job.name, data: job.data, reference: reference(), error };
      hooks.onBug?.(trouble, last);
      if (last) await hooks.gaveUp?.(trouble);
      throw error;
    } finally {
      lock.end();
      hooks.onRun?.(queue, job.name, performance.now() - began, ended);
    }
  };

  const worker = new Worker(queue, process, {
    connection,
    prefix: PREFIX,
    concurrency: settings.concurrency,
    lockDuration: settings.lockDuration,
    stalledInterval: settings.stalledInterval,
    maxStalledCount: MAX_STALLED,
    runRetryDelay: RUN_RETRY_MS,
    settings: { backoffStrategy: (attemptsMade: number) => spread(bugBackoffMs(attemptsMade), 'around') },
  });
  const begin = watchLocks(worker, settings.lockDuration, (jobId) => hooks.onLockLost?.(queue, jobId));
  worker.on(
    'error',
    sampled((error, unreported) => hooks.onError?.(queue, error, unreported)),
  );
  worker.on('stalled', (jobId) => hooks.onStalled?.(queue, jobId));

  const close = async (): Promise<void> => {
    const closed = worker.close();
    if (!(await within(closed, CLOSE.finishMs))) {
      closing.abort(new Error('shutting down'));
      // Whatever does not obey, or waits for a Redis that is away: its lock runs out and somebody else takes it.
      if (!(await within(closed, CLOSE.stopMs))) await within(worker.disconnect(), 100);
    }
    connection.disconnect();
  };
  return { connection, close };
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, ms, false)));
  const ended = work.then(
    () => true,
    () => true,
  );
  return await Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
