import { createObject } from '../api-server/create.ts';
import { deleteObject } from '../api-server/delete.ts';
import { ApiError } from '../api-server/errors.ts';
import { sameJson } from '../api-server/json.ts';
import { resourceNamed } from '../api-server/resources.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerOf } from '../objects.ts';
import type { Condition, Pod, ReplicaSet } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { deletionOrder, isActive, isReady, isTerminating, ownedBy, podFrom } from './pods.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

/** Keeps as many pods of a template as asked for. */
export function runReplicaSets(parts: ControllerParts): WorkQueue {
  const { store, clock, readyTimes } = parts;
  const recorder = new EventRecorder(store, clock, { component: 'replicaset-controller' });

  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const set = store.get<ReplicaSet>('replicasets', namespace, name);
    if (!set) return;
    let failure: ApiError | undefined;
    if (!set.metadata.deletionTimestamp) failure = adjust(set);
    report(set, failure);
    // A refused creation is tried again; the quota may have room by then.
    if (failure) queue.addAfter(key, 1000);
  };

  const adjust = (set: ReplicaSet): ApiError | undefined => {
    const pods = ownedBy<Pod>(store, 'pods', set).filter(isActive);
    const missing = set.spec.replicas - pods.length;
    for (let index = 0; index < missing; index += 1) {
      try {
        const pod = createObject(store, 'pods', set.metadata.namespace ?? '', podFrom(set, set.spec.template, {}), {
          manager: 'kube-controller-manager',
        });
        recorder.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        recorder.record(set, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${error.message}` });
        return error;
      }
    }
    for (const pod of deletionOrder(pods, readyTimes).slice(0, Math.max(0, -missing))) {
      deleteObject(store, resourceNamed('pods'), pod.metadata.namespace ?? '', pod.metadata.name, {});
      recorder.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    }
    return undefined;
  };

  const report = (set: ReplicaSet, failure: ApiError | undefined) => {
    const all = ownedBy<Pod>(store, 'pods', set);
    const pods = all.filter(isActive);
    const ready = pods.filter(isReady);
    const { minReadySeconds = 0 } = set.spec;
    const available = ready.filter((pod) => readyTimes.isAvailable(pod, minReadySeconds));
    for (const pod of ready) if (!available.includes(pod)) queue.addAfter(keyOf(set), readyTimes.missing(pod, minReadySeconds) + 5);
    const conditions = failureCondition(set.status.conditions, failure, clock.timestamp());
    store.update(
      'replicasets',
      set.metadata.namespace,
      set.metadata.name,
      (before) => ({
        ...before,
        status: {
          replicas: pods.length,
          ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
          ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
          ...(available.length > 0 ? { availableReplicas: available.length } : {}),
          terminatingReplicas: all.filter(isTerminating).length,
          observedGeneration: before.metadata.generation,
          ...(conditions.length > 0 ? { conditions } : {}),
        },
      }),
      { manager: 'kube-controller-manager', subresource: 'status' },
    );
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, previous }) => {
    if (resource === 'replicasets') {
      if (!previous || !sameJson(previous['spec'], object['spec'])) queue.add(keyOf(object));
    } else if (resource === 'pods') {
      const owner = controllerOf(object);
      if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    }
  });
  return queue;
}

function failureCondition(before: Condition[] = [], failure: ApiError | undefined, at: string): Condition[] {
  const others = before.filter((one) => one.type !== 'ReplicaFailure');
  if (!failure) return others;
  const known = before.find((one) => one.type === 'ReplicaFailure');
  return [
    ...others,
    known ?? { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure.message, lastTransitionTime: at },
  ];
}
