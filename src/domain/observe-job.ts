import { podsOfJob, runOf } from './cron-run.ts';
import { supersededBy } from './generation.ts';
import { listed, type Look } from './look.ts';
import { jobOf } from './plan.ts';
import type { Observation, WorkloadProgress } from './rollout.ts';
import { stall } from './stall.ts';
import { STAMP } from './workload.ts';
import type { Pod } from './workload.ts';

/** A container without a readiness probe is ready the moment it runs, also one that ends badly a blink later; milliseconds. */
const RUNS = 2_000;

/** A CronJob: its template stands changed, or the Job that was started has brought up its pods. How long the Job then works is its own affair. */
export function observeCronJob(look: Look): WorkloadProgress {
  const { view, plan, containers, request, notebook, now } = look;
  const job = jobOf(plan);
  const patches = plan.write.action === 'patch-template';
  const by = patches ? supersededBy(view, containers, request) : undefined;
  const run = job === undefined ? undefined : runOf(view, job.job);
  const pods = job === undefined ? [] : podsOfJob(view, job.job);
  const started = pods.filter((pod) => hasStarted(pod, now));
  const counts = [run === undefined ? 0 : 1, pods.length, started.length].join('/');
  // A pod that has ended well is not ready, and needs nothing.
  const open = pods.filter((pod) => pod.phase !== 'Succeeded');
  const { evidence, nodes } = look;
  const trouble = stall({ view, revision: run, pods: open, containers, evidence, nodes, notebook, counts, now });
  const base = { workload: plan.workload, pods: listed(pods, look, trouble), old: 0, desired: job === undefined ? 0 : 1 };
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const failed = run?.conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
  const observation: Observation =
    job === undefined
      ? view.workload.templateAnnotations[STAMP] === request
        ? { phase: 'complete' }
        : { phase: 'unobserved' }
      : run === undefined
        ? { phase: 'unobserved' }
        : started.length > 0
          ? { phase: 'complete' }
          : { phase: 'settling', available: 0, desired: 1 };
  if (observation.phase === 'complete') return { ...base, observation };
  if (trouble.because !== undefined) return { ...base, observation: { phase: 'stalled', because: trouble.because } };
  if (failed === undefined) return { ...base, observation };
  const said = `Job ${job?.job ?? ''}: ${failed.reason ?? 'Failed'}: ${failed.message ?? ''}`;
  return {
    ...base,
    observation: {
      phase: 'stalled',
      because: {
        code: 'container-crashed',
        subject: job?.job ?? '',
        evidence: said,
        look: `kubectl -n ${view.workload.namespace} describe job ${job?.job ?? ''}`,
        at: now,
      },
    },
  };
}

const hasStarted = (pod: Pod, now: number): boolean =>
  pod.phase === 'Succeeded' || (pod.ready && pod.phase === 'Running' && now - (pod.readySince ?? now) >= RUNS);
