import type { WorkloadPlan } from './plan.ts';
import { jobOf } from './plan.ts';
import type { Pod, Revision, WorkloadView } from './workload.ts';

/** A CronJob's template was changed and nothing was started: what it holds is fetched, and can be judged, at its next run. */
export const runsLater = (plan: Pick<WorkloadPlan, 'workload' | 'write' | 'second'>): boolean =>
  plan.workload.kind === 'CronJob' && jobOf(plan) === undefined;

/** `4 pods`, `a Job now`, `at its next run`: how many pods a plan is about, where that can be said. */
export function podsSaid(plan: Pick<WorkloadPlan, 'workload' | 'write' | 'second' | 'replicas'>): string {
  if (plan.workload.kind === 'CronJob') return runsLater(plan) ? 'at its next run' : 'a Job now';
  const all = `${plan.replicas} ${plan.replicas === 1 ? 'pod' : 'pods'}`;
  // --pod: the others stay as they are.
  return plan.write.action === 'evict' && plan.write.pods.length < plan.replicas ? `${plan.write.pods.length} of ${all}` : all;
}

export const runOf = (view: WorkloadView, job: string): Revision | undefined => view.revisions.find((revision) => revision.name === job);

/** Of one run, those that have ended too. */
export function podsOfJob(view: WorkloadView, job: string): Pod[] {
  const run = runOf(view, job);
  return run === undefined ? [] : view.pods.filter((pod) => pod.revision === run.hash && !pod.deleting);
}

/** What the newest run that has pods ran: the last thing that is known of a CronJob's containers. */
export function podsOfLastRun(view: WorkloadView): Pod[] {
  const last = view.revisions.find((revision) => view.pods.some((pod) => pod.revision === revision.hash));
  return last === undefined ? [] : view.pods.filter((pod) => pod.revision === last.hash);
}
