/** Every number of the queues, with its reason. Measurements: the project's reliability research, repeated in test/contract/queue. */

/** Everything of ours shares one slot of a Redis Cluster; the store uses the same tag. */
export const PREFIX = '{repull}';

const SECOND = 1_000;
const DAY_S = 24 * 60 * 60;

export interface WorkerSettings {
  /** A killed worker's job is taken over after at most lock + 2 × interval; a paused process is found out in the same time. */
  lockDuration: number;
  stalledInterval: number;
  /** Jobs in hand at once. Each waits for the network nearly all the time, so this is about sockets and not about cores. */
  concurrency: number;
  /** After this long a handler is told to stop and is run again later; a connection that hangs must not hold a step for ever. */
  budgetMs: number;
}

/** Steps take milliseconds, so a short lock costs nothing and makes a kill cost 20 s at most. More than 50 at once gained nothing. */
export const CLUSTER: WorkerSettings = { lockDuration: 10 * SECOND, stalledInterval: 5 * SECOND, concurrency: 20, budgetMs: 60 * SECOND };

/** Intake asks Slack who somebody is, once or twice. A person is waiting, so a killed bot's intake is taken over as fast as a step. */
export const INTAKE: WorkerSettings = { lockDuration: 10 * SECOND, stalledInterval: 5 * SECOND, concurrency: 10, budgetMs: 30 * SECOND };

/**
 * The lock is three times Slack's timeout (5 s), so that a hanging call ends before somebody else takes over and posts the same again.
 * No limiter: what Slack allows is counted where it is called (store/slack-budget.ts), and a limit here would hold up ends behind progress.
 */
export const SLACK: WorkerSettings = {
  lockDuration: 15 * SECOND,
  stalledInterval: 5 * SECOND,
  // Each may wait up to a second for its turn at Slack: with ten of them in hand nobody else would get in.
  concurrency: 40,
  budgetMs: 30 * SECOND,
};

/** Alarms and reconcile; nothing here is urgent to the second. */
export const CLOCK: WorkerSettings = { lockDuration: 10 * SECOND, stalledInterval: 5 * SECOND, concurrency: 5, budgetMs: 60 * SECOND };

/** A stall is a killed worker and says nothing about the job: with the default of 1, two kills fail a job that its handler never saw. */
export const MAX_STALLED = 1_000_000;

/** BullMQ waits 15 s after a lost connection by default; a bot that answers 15 s later is down in people's eyes. */
export const RUN_RETRY_MS = SECOND;

/** Overdue by this share of the lock, renewal has failed even if nothing says so; the rest is the time to stop in. */
export const WATCHDOG_SHARE = 0.9;

/** A bug does not go away by repeating, but a throw may also be a race; five tries take about half a minute. */
export const BUG_ATTEMPTS = 5;
export const bugBackoffMs = (attemptsMade: number): number => Math.min(SECOND * 2 ** (attemptsMade - 1), 15 * SECOND);

/** First pause and ceiling while a backend is away; the ceiling is what a recovery costs at worst. Tried for ever: the record has the deadline. */
export const AWAY = { firstMs: SECOND, mostMs: 15 * SECOND };

/** Progress is shown at most this often per request: Slack allows about one update a second per channel. Approvals and ends do not wait. */
export const PROGRESS_DELAY_MS = 1_500;

/** The one repair mechanism; a crash between "state written" and "job added" costs this long at most. */
export const RECONCILE_EVERY_MS = 30 * SECOND;
/** The chain of scheduled jobs breaks if adding its next link fails; every bot puts it right this often. */
export const RESCHEDULE_EVERY_MS = 60 * SECOND;

/** SIGTERM: what is in hand may finish, then it is told to stop, then it is left to the stall check. Sums below the 2 s that we promise. */
export const CLOSE = { finishMs: 800, stopMs: 700 };

/** Slack repeats a delivery for minutes at most; a week also covers a queue that stood still over a weekend. The count bounds the memory. */
export const INTAKE_KEPT = { age: 7 * DAY_S, count: 100_000 };

/** A payload names a request or holds what one person typed; Slack's own limits are below this. */
export const MAX_PAYLOAD_BYTES = 64 * 1024;
