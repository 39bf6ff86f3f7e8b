import type { Candidate } from './candidate.ts';
import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import type { Chosen } from './plan-method.ts';
import { patchFor } from './plan-write.ts';
import type { ContainerPlan, RunJob, WorkloadPlan } from './plan.ts';
import { rfc3339 } from './rfc3339.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import type { Schedule, WorkloadView } from './workload.ts';

/** Nothing runs between two runs, so there is nothing to evict; and where no template changes and no Job is wanted there is nothing to do. */
export function cronJobObstacle(ask: Ask, view: WorkloadView, method: Chosen): Failure | undefined {
  const subject = shortName(view.workload);
  if (method === 'evict') {
    return {
      code: 'unsupported-kind',
      subject,
      evidence: 'the pods of a CronJob end by themselves, and its next run makes new ones',
      remedy: commandLine(ask, { via: 'auto', pod: undefined, forceDelete: false, now: true }),
    };
  }
  if (method !== 'restart' || ask.now === true) return undefined;
  return {
    code: 'next-run',
    subject,
    evidence: `the pull policy of its containers is Always, so every run fetches its image; ${nextRun(view.workload.schedule)}`,
    remedy: commandLine(ask, { via: 'auto', now: true }),
  };
}

/** What is written to a CronJob: its template for the runs to come, a Job at once where that was asked for, or both. */
export function cronJobWrites(
  ask: Ask,
  view: WorkloadView,
  containers: readonly ContainerPlan[],
  method: Chosen,
  request: string,
  at: number,
): Pick<WorkloadPlan, 'write' | 'second'> {
  const { kind, namespace, name, uid } = view.workload;
  const job: RunJob = { action: 'run-job', workload: { kind, namespace, name }, uid, job: jobName(name, request) };
  if (method === 'restart') return { write: job };
  return { write: patchFor(view, containers, request, at), ...(ask.now === true ? { second: job } : {}) };
}

export function cronJobWarnings(ask: Ask, view: WorkloadView, targets: readonly Candidate[]): string[] {
  const { schedule, name } = view.workload;
  const never = targets.some(({ running }) => running.length === 0);
  return [
    ...(ask.now === true
      ? ['a Job is started now, besides those of the schedule']
      : [`takes effect at the next run: ${nextRun(schedule)}`]),
    ...(schedule?.suspended === true
      ? [`it is suspended: kubectl -n ${view.workload.namespace} patch cronjob ${name} -p '{"spec":{"suspend":false}}'`]
      : []),
    ...(never ? ['no run of it is there any more, so what it ran before is not known'] : []),
  ];
}

/** `2026-11-23T10:00:00Z (0 10 * * *, Europe/Berlin)`, or why nobody can say. */
export function nextRun(schedule: Schedule | undefined): string {
  if (schedule === undefined) return 'its schedule is not known';
  const words = `${schedule.cron}${schedule.timeZone === undefined ? '' : `, ${schedule.timeZone}`}`;
  if (schedule.suspended) return `no run is due while it is suspended (${words})`;
  return schedule.nextAt === undefined
    ? `its next run is due by its schedule (${words})`
    : `its next run is due at ${rfc3339(schedule.nextAt)} (${words})`;
}

/** A Job's pods carry its name as a label, which has 63 characters at most; the request id makes it one Job per request. */
const jobName = (name: string, request: string): string => `${name.slice(0, 62 - request.length)}-${request.toLowerCase()}`;
