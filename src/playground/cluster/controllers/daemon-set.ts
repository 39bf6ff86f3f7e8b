import { createObject } from '../api-server/create.ts';
import { deleteObject } from '../api-server/delete.ts';
import { ApiError } from '../api-server/errors.ts';
import { sameJson } from '../api-server/json.ts';
import { resourceNamed } from '../api-server/resources.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerOf } from '../objects.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { isFinished, isReady, isTerminating, ownedBy, podFrom, resolveShare } from './pods.ts';
import { REVISION_HASH, pruneRevisions, updateRevision } from './revisions.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

const MANAGER = { manager: 'kube-controller-manager' };

/** One pod per node (pkg/controller/daemon). */
export function runDaemonSets({ store, clock, readyTimes }: ControllerParts): WorkQueue {
  const recorder = new EventRecorder(store, clock, { component: 'daemonset-controller' });

  /** Where its pods may stay. */
  const nodesFor = (set: DaemonSet): Node[] => {
    const wanted = Object.entries(set.spec.template.spec.nodeSelector ?? {});
    return store.list<Node>('nodes').filter((node) => wanted.every(([key, value]) => node.metadata.labels?.[key] === value));
  };
  /** Where they are wanted: not on a node that does not answer, although those that are there stay. */
  const wantedOn = (set: DaemonSet): string[] => namesOf(nodesFor(set).filter(takesDaemons));

  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const set = store.get<DaemonSet>('daemonsets', namespace, name);
    if (!set) return;
    const revision = updateRevision(store, set);
    try {
      if (!set.metadata.deletionTimestamp) adjust(set, revision);
    } finally {
      report(set, revision);
    }
  };

  const adjust = (set: DaemonSet, revision: ControllerRevision) => {
    const pods = ownedBy<Pod>(store, 'pods', set);
    const nodes = wantedOn(set);
    const mayStay = namesOf(nodesFor(set));
    for (const pod of pods) {
      const isMisplaced = !mayStay.includes(nodeOf(pod));
      if ((isMisplaced || isFinished(pod)) && !isTerminating(pod)) remove(set, pod);
    }
    for (const node of nodes) if (!pods.some((pod) => nodeOf(pod) === node)) create(set, revision, node);
    if (set.spec.updateStrategy.type === 'RollingUpdate') update(set, revision, pods, nodes);
  };

  /** Old pods that do not work go at once; others only while not too many are away. */
  const update = (set: DaemonSet, revision: ControllerRevision, pods: Pod[], nodes: string[]) => {
    const max = Math.max(1, resolveShare(set.spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 1, nodes.length, 'up'));
    const onNode = (node: string) => pods.filter((pod) => nodeOf(pod) === node && !isTerminating(pod));
    const isWell = (pod: Pod) => readyTimes.isAvailable(pod, set.spec.minReadySeconds);
    const away = nodes.filter((node) => !onNode(node).some(isWell)).length;
    const old = pods.filter((pod) => !isTerminating(pod) && pod.metadata.labels?.[REVISION_HASH] !== hashOf(revision));
    const broken = old.filter((pod) => !isWell(pod));
    const well = old.filter(isWell).slice(0, Math.max(0, max - away));
    for (const pod of [...broken, ...well]) remove(set, pod);
  };

  const create = (set: DaemonSet, revision: ControllerRevision, node: string) => {
    const { template } = set.spec;
    const requirement = { key: 'metadata.name', operator: 'In', values: [node] };
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [requirement] }] } };
    const labels = { [REVISION_HASH]: hashOf(revision), 'pod-template-generation': String(set.metadata.generation ?? 1) };
    const body = podFrom(set, { ...template, spec: { ...template.spec, affinity: { nodeAffinity } } }, { labels });
    try {
      const pod = createObject(store, 'pods', set.metadata.namespace ?? '', body, MANAGER);
      recorder.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      recorder.record(set, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${error.message}` });
      throw error;
    }
  };

  const remove = (set: DaemonSet, pod: Pod) => {
    deleteObject(store, resourceNamed('pods'), pod.metadata.namespace ?? '', pod.metadata.name, {});
    recorder.record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
  };

  const report = (set: DaemonSet, revision: ControllerRevision) => {
    const nodes = wantedOn(set);
    const all = ownedBy<Pod>(store, 'pods', set);
    const pods = all.filter((pod) => nodes.includes(nodeOf(pod)) && !isTerminating(pod));
    const ready = pods.filter(isReady);
    const available = ready.filter((pod) => readyTimes.isAvailable(pod, set.spec.minReadySeconds));
    for (const pod of ready)
      if (!available.includes(pod)) queue.addAfter(keyOf(set), readyTimes.missing(pod, set.spec.minReadySeconds) + 5);
    const updated = pods.filter((pod) => pod.metadata.labels?.[REVISION_HASH] === hashOf(revision)).length;
    const optional = {
      updatedNumberScheduled: updated,
      numberAvailable: available.length,
      numberUnavailable: nodes.length - available.length,
    };
    store.update(
      'daemonsets',
      set.metadata.namespace,
      set.metadata.name,
      (before) => ({
        ...before,
        status: {
          currentNumberScheduled: pods.length,
          numberMisscheduled: all.length - all.filter((pod) => nodes.includes(nodeOf(pod))).length,
          desiredNumberScheduled: nodes.length,
          numberReady: ready.length,
          observedGeneration: before.metadata.generation,
          ...Object.fromEntries(Object.entries(optional).filter(([, count]) => count > 0)),
        },
      }),
      { ...MANAGER, subresource: 'status' },
    );
    const used = all.map((pod) => `${set.metadata.name}-${pod.metadata.labels?.[REVISION_HASH] ?? ''}`);
    pruneRevisions(store, set, new Set([revision.metadata.name, ...used]));
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, previous, type }) => {
    if (resource === 'daemonsets' && (!previous || !sameJson(previous['spec'], object['spec']))) queue.add(keyOf(object));
    const isOther = type !== 'MODIFIED' || !sameJson(previous?.['spec'], object['spec']);
    if (resource === 'nodes' && isOther) for (const set of store.list('daemonsets')) queue.add(keyOf(set));
    const owner = resource === 'pods' ? controllerOf(object) : undefined;
    if (owner?.kind === 'DaemonSet') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
  });
  return queue;
}

const namesOf = (nodes: Node[]): string[] => nodes.map(({ metadata }) => metadata.name);

/** Taints that the controller lets its pods bear (besides NoExecute, which is about pods that are there). */
const BORNE = ['unschedulable', 'disk-pressure', 'memory-pressure', 'pid-pressure'].map((key) => `node.kubernetes.io/${key}`);
const takesDaemons = ({ spec }: Node): boolean =>
  (spec.taints ?? []).every(({ key, effect }) => effect !== 'NoSchedule' || BORNE.includes(key));

/** Daemon pods carry the bare hash, unlike those of a StatefulSet. */
const hashOf = (revision: ControllerRevision) => revision.metadata.labels?.[REVISION_HASH] ?? '';

interface PlacedAffinity {
  nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: { matchFields?: { values?: string[] }[] }[] } };
}

/** The node that a daemon pod was made for, even before it is bound. */
function nodeOf(pod: Pod): string {
  const affinity = pod.spec.affinity as PlacedAffinity | undefined;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return pod.spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0] ?? '';
}
