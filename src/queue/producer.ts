import { Queue } from 'bullmq';
import type { JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Intake, Queues } from '../app/ports.ts';
import { asked } from '../ops/redis-errors.ts';
import { sampled } from '../ops/sampled.ts';
import { jobIds, queueNames } from './jobs.ts';
import type { AnnounceJob, InquiryJob, IntakeJob, RequestJob } from './jobs.ts';
import { BUG_ATTEMPTS, INTAKE_KEPT, MAX_PAYLOAD_BYTES, PREFIX, PROGRESS_DELAY_MS } from './settings.ts';

export interface ProducerOptions {
  /** Of the bot with a job key: what is put into the intake queue carries it. */
  signIntake?: (intake: Intake, key: string) => string;
  onError?: (error: Error, unreported: number) => void;
}

/**
 * Nothing is kept after its end: the record is the truth, a kept job would swallow the same one when it is needed again.
 * `custom` is the backoff of workers.ts; it counts for bugs only, an outage is no attempt.
 */
const COMMON: JobsOptions = {
  attempts: BUG_ATTEMPTS,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: true,
  sizeLimit: MAX_PAYLOAD_BYTES,
};

/** Adds jobs. Every method may be repeated: an add whose reply was lost has usually happened. All throw `BackendAway`. */
export class BullQueues implements Queues {
  readonly #redis: Redis;
  readonly #queues = new Map<string, Queue>();
  readonly #onError: (error: Error) => void;
  readonly #signIntake: ProducerOptions['signIntake'];

  /** @param redis of `connectProducer` where a person waits for the outcome, else of `connectWorker`. */
  constructor(redis: Redis, options: ProducerOptions = {}) {
    this.#redis = redis;
    this.#onError = sampled(options.onError);
    this.#signIntake = options.signIntake;
  }

  async intake(intake: Intake, key: string): Promise<void> {
    const job: IntakeJob = { key, intake, ...(this.#signIntake === undefined ? {} : { signature: this.#signIntake(intake, key) }) };
    // Kept, unlike all others: Slack delivers again, and after the end too.
    await this.#add(queueNames.intake, 'intake', job, {
      jobId: jobIds.intake(key),
      removeOnComplete: INTAKE_KEPT,
      removeOnFail: INTAKE_KEPT,
    });
  }

  async plan(cluster: string, id: string, attempt: string): Promise<void> {
    await this.#add(queueNames.cluster(cluster), 'plan', request(id), { jobId: jobIds.plan(id, attempt) });
  }

  /** A waiting or delayed look happens now; one that is being taken is followed by another, because it may have looked before the change. */
  async rollOut(cluster: string, id: string): Promise<void> {
    const deduplication = { id: jobIds.rollOut(id), keepLastIfActive: true, reschedule: true };
    await this.#add(queueNames.cluster(cluster), 'roll-out', request(id), { deduplication, timestamp: LONG_AGO });
  }

  async inquire(cluster: string, inquiryId: string): Promise<void> {
    await this.#add(queueNames.cluster(cluster), 'inquire', inquiry(inquiryId), { jobId: jobIds.inquire(inquiryId) });
  }

  /** Not by job id but by deduplication: an id that is being worked on would swallow the news that came after it began. */
  async sync(id: string, soon: boolean): Promise<void> {
    const deduplication = { id: jobIds.sync(id), keepLastIfActive: true, reschedule: soon };
    await this.#add(queueNames.slack, 'sync', request(id), {
      deduplication,
      ...(soon ? { timestamp: LONG_AGO } : { delay: PROGRESS_DELAY_MS }),
    });
  }

  async answer(inquiryId: string): Promise<void> {
    await this.#add(queueNames.slack, 'answer', inquiry(inquiryId), { jobId: jobIds.answer(inquiryId) });
  }

  async announce(announcementId: string): Promise<void> {
    const job: AnnounceJob = { announcement: announcementId };
    await this.#add(queueNames.slack, 'announce', job, { jobId: jobIds.announce(announcementId) });
  }

  async expire(id: string, at: number): Promise<void> {
    await this.#add(queueNames.clock, 'expire', request(id), alarm(jobIds.expire(id, at), at));
  }

  async release(id: string, at: number): Promise<void> {
    await this.#add(queueNames.clock, 'release', request(id), alarm(jobIds.release(id, at), at));
  }

  async grace(cluster: string, id: string): Promise<void> {
    const deduplication = { id: jobIds.grace(id), keepLastIfActive: true };
    await this.#add(queueNames.cluster(cluster), 'grace', request(id), { deduplication });
  }

  /** Entries by queue and state, for the metrics. */
  async depths(clusters: readonly string[]): Promise<Record<string, { waiting: number; active: number; delayed: number }>> {
    const names = [queueNames.intake, queueNames.slack, queueNames.clock, ...clusters.map(queueNames.cluster)];
    const depths: Record<string, { waiting: number; active: number; delayed: number }> = {};
    for (const name of names) {
      const queue = await this.#queue(name);
      const counts = await asked(() => queue.getJobCounts('wait', 'prioritized', 'active', 'delayed'));
      const { wait = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
      depths[name] = { waiting: wait + prioritized, active, delayed };
    }
    return depths;
  }

  /** Leaves the connection to whoever made it. */
  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close().catch(() => undefined)));
    this.#queues.clear();
  }

  async #add(name: string, job: string, data: IntakeJob | RequestJob | InquiryJob | AnnounceJob, options: JobsOptions): Promise<void> {
    const queue = await this.#queue(name);
    await asked(() => queue.add(job, data, { ...COMMON, ...options }));
  }

  async #queue(name: string): Promise<Queue> {
    // Without skipWaitingForReady an add would wait for a Redis that is away, and a person for the add.
    const queue = this.#queues.get(name) ?? new Queue(name, { connection: this.#redis, prefix: PREFIX, skipWaitingForReady: true });
    if (!this.#queues.has(name)) queue.on('error', this.#onError);
    this.#queues.set(name, queue);
    try {
      await asked(() => queue.waitUntilReady());
      return queue;
    } catch (error) {
      // Born while Redis was away: it asks for the version once, and having got no answer it would fail for ever.
      if (this.#queues.get(name) === queue) this.#queues.delete(name);
      await queue.close().catch(() => undefined);
      throw error;
    }
  }
}

/** "Now" for a job that is brought forward, whatever the clock of this process says: one that is ahead would put it off until then. */
const LONG_AGO = 1;

const request = (id: string): RequestJob => ({ id });
const inquiry = (id: string): InquiryJob => ({ inquiry: id });

/**
 * By this process's clock, which is only good enough to wake up: what happens then is decided by Redis' clock. By deduplication, so that an
 * alarm that rang early may be set again, for the same time, by the very handler that it woke.
 */
const alarm = (id: string, at: number): JobsOptions => ({
  deduplication: { id, keepLastIfActive: true },
  delay: Math.max(0, at - Date.now()),
});
