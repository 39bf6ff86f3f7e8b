import { createObject } from '../api-server/create.ts';
import { deleteObject } from '../api-server/delete.ts';
import { ApiError } from '../api-server/errors.ts';
import { sameJson } from '../api-server/json.ts';
import { resourceNamed } from '../api-server/resources.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerOf } from '../objects.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { isFinished, isReady, isTerminating, ownedBy, podFrom } from './pods.ts';
import { REVISION_HASH, pruneRevisions, revisionsOf, updateRevision } from './revisions.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

const MANAGER = { manager: 'kube-controller-manager' };
const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** One set, its two revisions and its pods by ordinal. */
interface View {
  set: StatefulSet;
  current: ControllerRevision;
  update: ControllerRevision;
  pods: Map<number, Pod>;
  partition: number;
  inOrder: boolean;
}

/** Numbered pods, one after the other (pkg/controller/statefulset/stateful_set_control.go). */
export function runStatefulSets({ store, clock, readyTimes }: ControllerParts): WorkQueue {
  const recorder = new EventRecorder(store, clock, { component: 'statefulset-controller' });

  const look = (set: StatefulSet): View => {
    const update = updateRevision(store, set);
    const current = revisionsOf(store, set).find((one) => one.metadata.name === set.status.currentRevision) ?? update;
    const pods = new Map<number, Pod>();
    for (const pod of ownedBy<Pod>(store, 'pods', set)) pods.set(Number(pod.metadata.labels?.[POD_INDEX]), pod);
    const { updateStrategy, podManagementPolicy } = set.spec;
    const partition = updateStrategy.type === 'RollingUpdate' ? (updateStrategy.rollingUpdate?.partition ?? 0) : 0;
    return { set, current, update, pods, partition, inOrder: podManagementPolicy === 'OrderedReady' };
  };

  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const set = store.get<StatefulSet>('statefulsets', namespace, name);
    if (!set) return;
    const view = look(set);
    try {
      if (!set.metadata.deletionTimestamp) step(view);
    } finally {
      report(namespace, name, view);
    }
  };

  const isAvailable = (pod: Pod, set: StatefulSet) => {
    const missing = isReady(pod) ? readyTimes.missing(pod, set.spec.minReadySeconds) : 0;
    if (missing > 0) queue.addAfter(keyOf(set), missing + 5);
    return pod.status.phase === 'Running' && readyTimes.isAvailable(pod, set.spec.minReadySeconds);
  };

  /** The next thing to do, and in order only one thing at a time. */
  const step = (view: View) => {
    const { set, pods, inOrder } = view;
    const { replicas } = set.spec;
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      const pod = pods.get(ordinal);
      if (pod && isFinished(pod) && !isTerminating(pod)) {
        remove(set, pod);
        if (inOrder) return;
      } else if (!pod) {
        create(view, ordinal);
        if (inOrder) return;
      } else if (inOrder && (isTerminating(pod) || !isAvailable(pod, set))) return;
    }
    const condemned = [...pods].filter(([ordinal]) => ordinal >= replicas).sort(([a], [b]) => b - a);
    for (const [, pod] of condemned) {
      if (isTerminating(pod)) {
        if (inOrder) return;
        continue;
      }
      remove(set, pod);
      if (inOrder) return;
    }
    if (set.spec.updateStrategy.type === 'RollingUpdate') update(view);
  };

  /** From the highest ordinal down to the partition, one at a time, each only when all above it are well. */
  const update = ({ set, update: revision, pods, partition }: View) => {
    for (let ordinal = set.spec.replicas - 1; ordinal >= partition; ordinal -= 1) {
      const pod = pods.get(ordinal);
      if (!pod) return;
      if (pod.metadata.labels?.[REVISION_HASH] !== revision.metadata.name && !isTerminating(pod)) return remove(set, pod);
      if (isTerminating(pod) || !isAvailable(pod, set)) return;
    }
  };

  const create = (view: View, ordinal: number) => {
    const { set } = view;
    // Below the partition the old revision comes back, even when somebody deleted the pod.
    const revision = set.spec.updateStrategy.type === 'RollingUpdate' && ordinal < view.partition ? view.current : view.update;
    const { $patch: _patch, ...template } = revision.data.spec.template;
    const name = `${set.metadata.name}-${ordinal}`;
    const labels = { [REVISION_HASH]: revision.metadata.name, [POD_NAME]: name, [POD_INDEX]: String(ordinal) };
    const body = podFrom(set, { ...template, spec: { ...template.spec, hostname: name } }, { name, labels });
    try {
      createObject(store, 'pods', set.metadata.namespace ?? '', body, MANAGER);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const message = `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${error.message}`;
      recorder.record(set, { type: 'Warning', reason: 'FailedCreate', message });
      throw error;
    }
    recorder.record(set, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    });
  };

  const remove = (set: StatefulSet, pod: Pod) => {
    deleteObject(store, resourceNamed('pods'), pod.metadata.namespace ?? '', pod.metadata.name, {});
    const message = `Delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    recorder.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message });
  };

  const report = (namespace: string, name: string, { set, update: next }: View) => {
    const pods = ownedBy<Pod>(store, 'pods', set).filter((pod) => !isFinished(pod));
    const living = pods.filter((pod) => !isTerminating(pod));
    const ready = pods.filter((pod) => pod.status.phase === 'Running' && isReady(pod));
    const of = (revision: string) => living.filter((pod) => pod.metadata.labels?.[REVISION_HASH] === revision).length;
    const { replicas } = set.spec;
    let currentRevision = set.status.currentRevision ?? next.metadata.name;
    const updated = of(next.metadata.name);
    // Only a complete update makes the update revision the current one.
    if (set.spec.updateStrategy.type === 'RollingUpdate' && updated === replicas && ready.length === replicas)
      currentRevision = next.metadata.name;
    const counts = { readyReplicas: ready.length, currentReplicas: of(currentRevision), updatedReplicas: updated };
    store.update(
      'statefulsets',
      namespace,
      name,
      (before) => ({
        ...before,
        status: {
          observedGeneration: before.metadata.generation,
          replicas: pods.length,
          ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
          availableReplicas: ready.filter((pod) => isAvailable(pod, set)).length,
          currentRevision,
          updateRevision: next.metadata.name,
          collisionCount: 0,
        },
      }),
      { ...MANAGER, subresource: 'status' },
    );
    pruneRevisions(
      store,
      set,
      new Set([currentRevision, next.metadata.name, ...pods.map((pod) => pod.metadata.labels?.[REVISION_HASH] ?? '')]),
    );
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, previous }) => {
    if (resource === 'statefulsets' && (!previous || !sameJson(previous['spec'], object['spec']))) queue.add(keyOf(object));
    const owner = resource === 'pods' ? controllerOf(object) : undefined;
    if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
  });
  return queue;
}
