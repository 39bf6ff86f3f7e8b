import type { Log } from '../app/worker-deps.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { WorkerHooks } from '../queue/run-worker.ts';

/** What the queues report, as log lines and numbers. */
export function queueHooks(log: Log, metrics: Metrics): WorkerHooks {
  return {
    onError: (queue, error, unreported) => log.warn({ queue, problem: error.message, unreported }, 'queue error'),
    onStalled: (queue, job) => log.warn({ queue, job }, 'a job was taken over from a process that stopped'),
    onLockLost: (queue, job) => log.warn({ queue, job }, 'a run was ended because its lock could not be kept'),
    onAway: (queue, job, problem, againMs) => {
      log.warn({ queue, job, backend: problem.backend, problem: problem.message, againMs }, 'a backend is away; trying again');
    },
    onBug: (trouble, last) => {
      log.error({ queue: trouble.queue, job: trouble.job, reference: trouble.reference, err: trouble.error, last }, 'that is a bug');
    },
    onRun: (queue, job, tookMs, ended) => {
      metrics.jobs.inc({ queue, outcome: ended });
      metrics.jobSeconds.observe({ queue, job }, tookMs / 1000);
    },
  };
}
