import { createObject } from '../api-server/create.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerReference } from '../objects.ts';
import type { CronJob } from '../job-objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

/** Starts Jobs on time. Knows `* * * * *` and `*\/N * * * *` (in cluster minutes); other schedules wait for ever, which is most of a real day, too. */
export function runCronJobs({ store, clock }: ControllerParts): WorkQueue {
  const recorder = new EventRecorder(store, clock, { component: 'cronjob-controller' });
  const planned = new Set<string>();

  const run = (key: string) => {
    const [namespace, name] = splitKey(key);
    const cron = store.get<CronJob>('cronjobs', namespace, name);
    if (!cron || cron.metadata.deletionTimestamp) return;
    if (!cron.spec.suspend) {
      const { jobTemplate } = cron.spec;
      const jobName = `${name}-${Math.floor(Date.now() / 1000)}`;
      if (!store.get('jobs', namespace, jobName)) {
        const metadata = { ...jobTemplate.metadata, name: jobName, ownerReferences: [controllerReference(cron)] };
        createObject(store, 'jobs', namespace, { metadata, spec: jobTemplate.spec }, { manager: 'kube-controller-manager' });
        recorder.record(cron, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${jobName}` });
        const lastScheduleTime = clock.timestamp();
        store.update('cronjobs', namespace, name, (before) => ({ ...before, status: { ...(before as CronJob).status, lastScheduleTime } }));
      }
    }
    plan(key, cron);
  };

  const plan = (key: string, cron: CronJob) => {
    const minutes = /^(?:\*|\*\/(\d+)) \* \* \* \*$/.exec(cron.spec.schedule);
    if (!minutes || planned.has(key)) return;
    planned.add(key);
    clock.after(Number(minutes[1] ?? 1) * 60_000, () => {
      planned.delete(key);
      run(key);
    });
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, (key) => {
    const cron = store.get<CronJob>('cronjobs', ...splitKey(key));
    if (cron) plan(key, cron);
  });
  store.onChange(({ resource, object, type }) => {
    if (resource === 'cronjobs' && type !== 'DELETED') queue.add(keyOf(object));
  });
  return queue;
}
