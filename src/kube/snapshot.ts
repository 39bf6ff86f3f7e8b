/** Raw objects → our words. Pure: what it is given is what it sees. */
import type {
  Autoscaler,
  Budget,
  ClusterEvent,
  ContainerRole,
  ContainerState,
  NodeFacts,
  Pod,
  PodContainer,
  Revision,
  Workload,
  WorkloadView,
} from '../domain/workload.ts';
import { conditionsOf, containersOf, timeOf } from './kinds/common.ts';
import type { Kind, RawHistory } from './kinds/kind.ts';
import { ownersOf } from './owners.ts';
import type { RawAutoscaler, RawBudget, RawContainerStatus, RawEvent, RawMeta, RawNode, RawPod, RawState, RawWorkload } from './raw.ts';
import { selects } from './selector.ts';

/** One workload and everything around it, as listed. Pods and revisions may hold others' that merely match the labels. */
export interface RawView {
  workload: RawWorkload;
  /** API server's clock when it was read, milliseconds. */
  at: number;
  pods: RawPod[];
  revisions: RawHistory[];
  budgets: RawBudget[];
  autoscalers: RawAutoscaler[];
  events: RawEvent[];
}

export function viewOf(kind: Kind, raw: RawView): WorkloadView {
  const revisions = raw.revisions
    .filter((one) => controllerOf(one.metadata)?.uid === raw.workload.metadata.uid)
    .map((one) => kind.revision(one))
    .sort((a, b) => b.number - a.number || b.createdAt - a.createdAt);
  const workload = withUpdateRevision(kind.read(raw.workload, raw.at), revisions);
  const parents = new Set(kind.podsBelongToRevisions ? revisions.map(({ uid }) => uid) : [workload.uid]);
  const rawPods = raw.pods.filter((pod) => parents.has(controllerOf(pod.metadata)?.uid ?? ''));
  const pods = rawPods.map(podOf);
  const target = raw.autoscalers.find(({ spec }) => spec?.scaleTargetRef?.kind === kind.kind && spec.scaleTargetRef.name === workload.name);
  const subjects = new Set([workload.uid, ...revisions.map(({ uid }) => uid), ...pods.map(({ uid }) => uid)]);
  return {
    workload: { ...workload, owners: ownersOf(raw.workload.metadata, rawPods, target) },
    pods,
    revisions,
    budgets: raw.budgets.map((budget) => budgetOf(budget, rawPods)).filter((budget) => budget.pods.length > 0),
    ...(target === undefined ? {} : { autoscaler: autoscalerOf(target) }),
    events: raw.events.filter((event) => subjects.has(event.involvedObject?.uid ?? '')).map(eventOf),
  };
}

/** A DaemonSet's status does not name its newest revision; its history does. */
function withUpdateRevision(workload: Workload, revisions: Revision[]): Workload {
  const newest = revisions[0];
  if (workload.kind !== 'DaemonSet' || newest === undefined) return workload;
  return { ...workload, status: { ...workload.status, updateRevision: newest.hash } };
}

const controllerOf = (metadata: RawMeta) => metadata.ownerReferences?.find(({ controller }) => controller === true);

/** On a Job's pods: the uid of their Job. */
const JOB = 'batch.kubernetes.io/controller-uid';

export function podOf(raw: RawPod): Pod {
  const { metadata, spec, status } = raw;
  const labels = metadata.labels ?? {};
  const controller = controllerOf(metadata);
  const conditions = conditionsOf(status?.conditions);
  const ready = conditions.find(({ type }) => type === 'Ready');
  const due = timeOf(metadata.deletionTimestamp);
  const revision = labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? labels['rollouts-pod-template-hash'] ?? labels[JOB];
  const ordinal = controller?.kind === 'StatefulSet' ? /-(\d+)$/.exec(metadata.name)?.[1] : undefined;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    ...(spec?.nodeName === undefined ? {} : { node: spec.nodeName }),
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    deleting: metadata.deletionTimestamp !== undefined,
    ...(due === undefined ? {} : { dueAt: due }),
    ...(metadata.finalizers === undefined || metadata.finalizers.length === 0 ? {} : { finalizers: metadata.finalizers }),
    mirror: metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined,
    phase: status?.phase ?? 'Unknown',
    ...(status === undefined ? {} : wordsOf(status)),
    ready: ready?.status === 'True',
    ...(ready?.at === undefined ? {} : { readySince: ready.at }),
    ...(revision === undefined ? {} : { revision }),
    ...(ordinal === undefined ? {} : { ordinal: Number(ordinal) }),
    ...(controller === undefined ? {} : { ownerUid: controller.uid }),
    conditions,
    containers: containersOf(spec).map((one) =>
      podContainerOf(
        one,
        statuses.find(({ name }) => name === one.name),
      ),
    ),
  };
}

function podContainerOf(
  spec: { name: string; role: ContainerRole; image: string; pullPolicy: PodContainer['pullPolicy'] },
  status: RawContainerStatus | undefined,
): PodContainer {
  const state = stateOf(status?.state);
  const lastState = stateOf(status?.lastState);
  return {
    ...spec,
    ...(status?.imageID ? { imageId: status.imageID } : {}),
    ...(status?.containerID ? { containerId: status.containerID } : {}),
    ready: status?.ready ?? false,
    restartCount: status?.restartCount ?? 0,
    ...(state === undefined ? {} : { state }),
    ...(lastState === undefined ? {} : { lastState }),
  };
}

function stateOf(raw: RawState | undefined): ContainerState | undefined {
  if (raw?.waiting !== undefined) return { is: 'waiting', ...wordsOf(raw.waiting) };
  if (raw?.running !== undefined) return { is: 'running', startedAt: timeOf(raw.running.startedAt) ?? 0 };
  if (raw?.terminated === undefined) return undefined;
  const finishedAt = timeOf(raw.terminated.finishedAt);
  return {
    is: 'terminated',
    exitCode: raw.terminated.exitCode ?? 0,
    ...wordsOf(raw.terminated),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
}

const wordsOf = ({ reason, message }: { reason?: string; message?: string }) => ({
  ...(reason === undefined ? {} : { reason }),
  ...(message === undefined ? {} : { message }),
});

const budgetOf = (raw: RawBudget, pods: RawPod[]): Budget => ({
  name: raw.metadata.name,
  allowed: raw.status?.disruptionsAllowed ?? 0,
  currentHealthy: raw.status?.currentHealthy ?? 0,
  desiredHealthy: raw.status?.desiredHealthy ?? 0,
  expectedPods: raw.status?.expectedPods ?? 0,
  pods: pods.filter(({ metadata }) => selects(raw.spec?.selector, metadata.labels)).map(({ metadata }) => metadata.name),
});

const autoscalerOf = (raw: RawAutoscaler): Autoscaler => ({
  name: raw.metadata.name,
  min: raw.spec?.minReplicas ?? 1,
  max: raw.spec?.maxReplicas ?? 1,
});

const CONTAINER = /\{(.+)\}$/;

/** Old-style reporters (kubelet) and new-style ones (scheduler) fill different fields; the newest time they give counts. */
export function eventOf(raw: RawEvent): ClusterEvent {
  const times = [raw.lastTimestamp, raw.series?.lastObservedTime, raw.eventTime, raw.firstTimestamp, raw.metadata.creationTimestamp];
  const container = CONTAINER.exec(raw.involvedObject?.fieldPath ?? '')?.[1];
  return {
    uid: raw.metadata.uid,
    count: raw.series?.count ?? raw.count ?? 1,
    objectKind: raw.involvedObject?.kind ?? '',
    objectUid: raw.involvedObject?.uid ?? '',
    objectName: raw.involvedObject?.name ?? '',
    ...(container === undefined ? {} : { container }),
    type: raw.type === 'Warning' ? 'Warning' : 'Normal',
    reason: raw.reason ?? '',
    message: raw.message ?? '',
    at: Math.max(0, ...times.flatMap((time) => timeOf(time) ?? [])),
    source: raw.reportingComponent || raw.source?.component || '',
  };
}

const PRESSURE: Record<string, string> = { DiskPressure: 'disk', MemoryPressure: 'memory', PIDPressure: 'processes' };

export function nodeOf(raw: RawNode): NodeFacts {
  const conditions = conditionsOf(raw.status?.conditions);
  const condition = conditions.find(({ type }) => type === 'Ready');
  const short = conditions.flatMap(({ type, status }) => (status === 'True' ? (PRESSURE[type] ?? []) : []));
  const ready = condition?.status === 'True';
  const why = condition?.message ?? condition?.reason;
  return {
    name: raw.metadata.name,
    os: raw.status?.nodeInfo?.operatingSystem ?? '',
    architecture: raw.status?.nodeInfo?.architecture ?? '',
    ready,
    ...(ready || condition?.at === undefined ? {} : { since: condition.at }),
    ...(ready || why === undefined ? {} : { why }),
    ...(short.length === 0 ? {} : { short }),
    unschedulable: raw.spec?.unschedulable ?? false,
  };
}
