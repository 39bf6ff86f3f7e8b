import { createObject } from '../api-server/create.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerOf } from '../objects.ts';
import type { Job } from '../job-objects.ts';
import type { Condition, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { isActive, isReady, ownedBy, podFrom } from './pods.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

const MANAGER = { manager: 'kube-controller-manager' };

/** Pods that run to their end. Only counting Jobs: no indexes, no pod failure policy. */
export function runJobs({ store, clock }: ControllerParts): WorkQueue {
  const recorder = new EventRecorder(store, clock, { component: 'job-controller' });

  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const job = store.get<Job>('jobs', namespace, name);
    if (!job || job.metadata.deletionTimestamp) return;
    const pods = ownedBy<Pod>(store, 'pods', job);
    const succeeded = pods.filter((pod) => pod.status.phase === 'Succeeded').length;
    const failed = pods.filter((pod) => pod.status.phase === 'Failed').length;
    const active = pods.filter(isActive);
    const isOver = job.status.conditions?.some((one) => one.type === 'Complete' || one.type === 'Failed');
    let verdict: Condition | undefined;
    if (succeeded >= job.spec.completions)
      verdict = { type: 'Complete', status: 'True', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
    else if (failed > job.spec.backoffLimit) {
      verdict = { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
    }
    if (!isOver && !verdict && !job.spec.suspend) {
      const missing = Math.min(job.spec.parallelism, job.spec.completions - succeeded) - active.length;
      for (let index = 0; index < missing; index += 1) {
        const labels = {
          'batch.kubernetes.io/job-name': name,
          'batch.kubernetes.io/controller-uid': job.metadata.uid ?? '',
          'job-name': name,
        };
        const pod = createObject(store, 'pods', namespace, podFrom(job, job.spec.template, { labels }), MANAGER);
        recorder.record(job, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
      }
    }
    if (verdict && !isOver) {
      const happening =
        verdict.type === 'Complete'
          ? { type: 'Normal' as const, reason: 'Completed', message: 'Job completed' }
          : { type: 'Warning' as const, reason: 'BackoffLimitExceeded', message: verdict.message ?? '' };
      recorder.record(job, happening);
    }
    const at = clock.timestamp();
    const counts = { active: verdict ? 0 : active.length, succeeded, failed };
    store.update(
      'jobs',
      namespace,
      name,
      (before) => ({
        ...before,
        status: {
          ...(before as Job).status,
          startTime: job.status.startTime ?? at,
          ready: active.filter(isReady).length,
          ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
          ...(verdict && !isOver ? { conditions: [{ ...verdict, lastProbeTime: at, lastTransitionTime: at }] } : {}),
          ...(verdict?.type === 'Complete' && !isOver ? { completionTime: at } : {}),
        },
      }),
      { ...MANAGER, subresource: 'status' },
    );
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, type }) => {
    if (resource === 'jobs' && type === 'ADDED') queue.add(keyOf(object));
    const owner = resource === 'pods' ? controllerOf(object) : undefined;
    if (owner?.kind === 'Job') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
  });
  return queue;
}
