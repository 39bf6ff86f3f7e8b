import { podsOfJob, runOf, runsLater } from './cron-run.ts';
import type { Failure } from './failure.ts';
import { readyFor, supersededBy } from './generation.ts';
import { listed, type Look } from './look.ts';
import { nextRun } from './plan-cron-job.ts';
import { jobOf } from './plan.ts';
import type { Observation, ProgressNote, WorkloadProgress } from './rollout.ts';
import { shortName } from './select.ts';
import { stall } from './stall.ts';
import type { Symptom } from './symptom.ts';
import { STAMP } from './workload.ts';
import type { Condition, Pod, Revision, WorkloadView } from './workload.ts';

/** A container without a readiness probe is ready the moment it runs, also one that ends badly a blink later; milliseconds. */
const RUNS = 2_000;

/** A CronJob: its template stands changed, or the Job that was started has brought up its pods. How long the Job then works is its own affair. */
export function observeCronJob(look: Look): WorkloadProgress {
  const { view, plan, containers, request, now } = look;
  const job = jobOf(plan);
  const patches = plan.write.action === 'patch-template';
  const by = patches ? supersededBy(view, containers, request) : undefined;
  const run = job === undefined ? undefined : runOf(view, job.job);
  const pods = job === undefined ? [] : podsOfJob(view, job.job);
  const started = pods.filter((pod) => hasStarted(pod, now));
  const counts = [run === undefined ? 0 : 1, pods.length, started.length].join('/');
  // A pod that has ended well is not ready, and needs nothing.
  const open = pods.filter((pod) => pod.phase !== 'Succeeded');
  const trouble = stall({ ...look, revision: run, pods: open, counts });
  const base = { workload: plan.workload, pods: listed(pods, look, trouble), old: 0, desired: job === undefined ? 0 : 1 };
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const observation = phaseOf(look, job !== undefined, run, started.length);
  if (observation.phase === 'complete') return { ...base, observation, ...laterNote(look) };
  const failed = run?.conditions.find(({ type, status }) => type === 'Failed' && status === 'True');
  const because =
    trouble.because ?? (failed === undefined ? undefined : gaveUp(view, run?.name ?? '', failed, [...trouble.byPod.values()].flat()));
  if (because !== undefined) return { ...base, observation: { phase: 'stalled', because: { ...because, at: now } } };
  return { ...base, observation, ...(trouble.notes.length === 0 ? {} : { notes: trouble.notes }) };
}

function phaseOf({ view, request }: Look, runs: boolean, run: Revision | undefined, started: number): Observation {
  if (!runs) return view.workload.templateAnnotations[STAMP] === request ? { phase: 'complete' } : { phase: 'unobserved' };
  if (run === undefined) return { phase: 'unobserved' };
  return started > 0 ? { phase: 'complete' } : { phase: 'settling', available: 0, desired: 1 };
}

/** What its pods suffered from says more than that the Job has given up. */
function gaveUp({ workload }: WorkloadView, job: string, failed: Condition, symptoms: readonly Symptom[]): Failure {
  const words = `Job ${job}: ${failed.reason ?? 'Failed'}: ${failed.message ?? ''}`;
  const cause = symptoms[0]?.failure;
  if (cause !== undefined) return { ...cause, evidence: cause.evidence === undefined ? words : `${cause.evidence}; ${words}` };
  return { code: 'container-crashed', subject: job, evidence: words, look: `kubectl -n ${workload.namespace} describe job ${job}` };
}

const hasStarted = (pod: Pod, now: number): boolean =>
  pod.phase === 'Succeeded' || (pod.ready && pod.phase === 'Running' && readyFor(pod, now) >= RUNS);

/** What a person must know of a change that nothing has carried out yet. */
function laterNote({ view, plan }: Look): { notes?: ProgressNote[] } {
  return runsLater(plan) ? { notes: [{ key: 'next-run', text: `${shortName(view.workload)}: ${nextRun(view.workload.schedule)}` }] } : {};
}
