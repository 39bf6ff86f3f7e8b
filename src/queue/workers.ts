import { Queue } from 'bullmq';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Intake } from '../app/ports.ts';
import { AnnounceJob, InquiryJob, IntakeJob, jobIds, queueNames, ReconcileJob, RequestJob } from './jobs.ts';
import { runWorker } from './run-worker.ts';
import type { Kind, Outcome, RunningWorker, WorkerOptions } from './run-worker.ts';
import { CLOCK, CLUSTER, INTAKE, PREFIX, RECONCILE_EVERY_MS, RESCHEDULE_EVERY_MS, SLACK } from './settings.ts';

/** Every handler may run twice, at any time, and be stopped through its signal; each of them looks at the record first. */

export interface IntakeHandlers {
  /** @param receivedAt when Slack's delivery was taken, ms of that process's clock. */
  intake(intake: Intake, key: string, facts: { receivedAt: number; signature: string | undefined; signal: AbortSignal }): Promise<Outcome>;
}

export interface SlackHandlers {
  /** Make card and thread match the record. `again` is a pause that Slack asked for. */
  sync(id: string, signal: AbortSignal): Promise<Outcome>;
  answer(inquiryId: string, signal: AbortSignal): Promise<Outcome>;
  announce(announcementId: string, signal: AbortSignal): Promise<Outcome>;
}

export interface ClockHandlers {
  /** An alarm may ring early, since clocks differ: answer `again` when Redis says so. */
  expire(id: string, signal: AbortSignal): Promise<Outcome>;
  release(id: string, signal: AbortSignal): Promise<Outcome>;
  reconcile(signal: AbortSignal): Promise<void>;
}

export interface ClusterHandlers {
  plan(id: string, signal: AbortSignal): Promise<Outcome>;
  /** One step of milliseconds. */
  rollOut(id: string, signal: AbortSignal): Promise<Outcome>;
  inquire(inquiryId: string, signal: AbortSignal): Promise<Outcome>;
  grace(id: string, signal: AbortSignal): Promise<Outcome>;
}

export interface ClusterWorker extends RunningWorker {
  /** Something changed in the cluster: the next look at this request happens now, or right after the one that is being taken. Never makes a job. */
  promote(id: string): Promise<void>;
}

type Run<T> = (data: T, signal: AbortSignal, job: Job) => Promise<Outcome>;
const onRequest = (run: Run<RequestJob>, jitter: Kind['jitter']): Kind => ({ schema: RequestJob, run, jitter });
const onInquiry = (run: Run<InquiryJob>): Kind => ({ schema: InquiryJob, run, jitter: 'after' });

/** @param redis of `connectWorker`; it stays open after close(). */
export function startIntakeWorker(redis: Redis, handlers: IntakeHandlers, options: WorkerOptions = {}): RunningWorker {
  const run: Run<IntakeJob> = ({ intake, key, signature }, signal, job) =>
    handlers.intake(intake, key, { receivedAt: job.timestamp, signature, signal });
  const kinds = { intake: { schema: IntakeJob, run, jitter: 'after' } satisfies Kind };
  return runWorker(redis, queueNames.intake, kinds, { ...INTAKE, ...options.settings }, options);
}

export function startSlackWorker(redis: Redis, handlers: SlackHandlers, options: WorkerOptions = {}): RunningWorker {
  const announce: Run<AnnounceJob> = ({ announcement }, signal) => handlers.announce(announcement, signal);
  const kinds = {
    announce: { schema: AnnounceJob, run: announce, jitter: 'after' } satisfies Kind,
    sync: onRequest(({ id }, signal) => handlers.sync(id, signal), 'after'),
    answer: onInquiry(({ inquiry }, signal) => handlers.answer(inquiry, signal)),
  };
  return runWorker(redis, queueNames.slack, kinds, { ...SLACK, ...options.settings }, options);
}

/** Also keeps the one schedule: `reconcile`, every 30 s, once for all replicas. */
export function startClockWorker(
  redis: Redis,
  handlers: ClockHandlers,
  options: WorkerOptions & { reconcileEveryMs?: number } = {},
): RunningWorker {
  const kinds = {
    expire: onRequest(({ id }, signal) => handlers.expire(id, signal), 'after'),
    release: onRequest(({ id }, signal) => handlers.release(id, signal), 'after'),
    reconcile: { schema: ReconcileJob, run: (_: never, signal: AbortSignal) => handlers.reconcile(signal), jitter: 'after' } satisfies Kind,
  };
  const running = runWorker(redis, queueNames.clock, kinds, { ...CLOCK, ...options.settings }, options);
  const queue = new Queue(queueNames.clock, { connection: running.connection, prefix: PREFIX });
  const report = (error: unknown): void => options.onError?.(queueNames.clock, error as Error, 0);
  queue.on('error', () => undefined);

  // No attempts: the next one is never far. Repeated, because a chain that broke once would take the only repair mechanism with it.
  const every = options.reconcileEveryMs ?? RECONCILE_EVERY_MS;
  const template = { name: 'reconcile', data: {}, opts: { removeOnComplete: true, removeOnFail: true } };
  const schedule = (): void => void queue.upsertJobScheduler(jobIds.reconcile, { every }, template).catch(report);
  schedule();
  const timer = setInterval(schedule, RESCHEDULE_EVERY_MS);
  timer.unref();

  const close = async (): Promise<void> => {
    clearInterval(timer);
    await running.close();
    // Not awaited: it ends with the connection that has just been closed, and waits for an answer from Redis until then.
    void queue.close().catch(report);
  };
  return { close };
}

export function startClusterWorker(redis: Redis, cluster: string, handlers: ClusterHandlers, options: WorkerOptions = {}): ClusterWorker {
  const name = queueNames.cluster(cluster);
  const busy = new Map<string, { woken: boolean }>();
  /** News that came during the look may be news that it did not see: then the next one follows at once. */
  const look: Run<RequestJob> = async ({ id }, signal) => {
    const here = { woken: false };
    busy.set(id, here);
    try {
      const outcome = await handlers.rollOut(id, signal);
      return typeof outcome === 'object' && here.woken ? { again: 0 } : outcome;
    } finally {
      if (busy.get(id) === here) busy.delete(id);
    }
  };
  const kinds = {
    plan: onRequest(({ id }, signal) => handlers.plan(id, signal), 'around'),
    'roll-out': onRequest(look, 'around'),
    grace: onRequest(({ id }, signal) => handlers.grace(id, signal), 'around'),
    inquire: onInquiry(({ inquiry }, signal) => handlers.inquire(inquiry, signal)),
  };
  const running = runWorker(redis, name, kinds, { ...CLUSTER, ...options.settings }, options);
  const queue = new Queue(name, { connection: running.connection, prefix: PREFIX });
  queue.on('error', () => undefined);

  const promote = async (id: string): Promise<void> => {
    const here = busy.get(id);
    if (here !== undefined) {
      here.woken = true;
      return;
    }
    // Watch events keep coming while Redis is away; the poll finds what they would have said.
    if (running.connection.status !== 'ready') return;
    const jobId = await queue.getDeduplicationJobId(jobIds.rollOut(id));
    if (jobId === null) return;
    const job = await queue.getJob(jobId);
    // Not delayed: waiting already, or being taken by another replica.
    await job?.promote().catch(() => undefined);
  };
  const close = async (): Promise<void> => {
    await running.close();
    // Not awaited: it ends with the connection that has just been closed, and waits for an answer from Redis until then.
    void queue.close().catch(() => undefined);
  };
  return { close, promote };
}
