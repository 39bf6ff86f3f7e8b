import { toTimestamp } from '../clock.ts';
import type { Condition, ContainerStatus, Pod, PodStatus } from '../objects.ts';
import { isRunning, isSidecar } from './container-lifecycle.ts';
import type { ContainerRecord } from './container-lifecycle.ts';

export interface PodFacts {
  records: ContainerRecord[];
  hasSandbox: boolean;
  /** All init containers are through (sidecars: running). */
  isInitialized: boolean;
  /** Every process was stopped because the pod is being deleted. */
  isStopped: boolean;
  startTime: string;
  podIP: string;
}

/** The status a kubelet reports, in the order and with the reasons of the real one. */
export function podStatus(pod: Pod, facts: PodFacts): PodStatus {
  const inits = facts.records.filter((record) => record.isInit);
  const mains = facts.records.filter((record) => !record.isInit);
  const waitingReason = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statusOf = (record: ContainerRecord) => containerStatus(record, waitingReason);
  const containerStatuses = mains.map(statusOf);
  const initContainerStatuses = inits.map(statusOf);
  const phase = phaseOf(pod, facts, containerStatuses);
  return {
    ...pod.status,
    observedGeneration: pod.metadata.generation,
    phase,
    conditions: conditionsOf(pod, facts, phase, [
      ...containerStatuses,
      ...initContainerStatuses.filter((_one, index) => isSidecar(inits[index] as ContainerRecord)),
    ]),
    hostIP: '192.0.2.2',
    hostIPs: [{ ip: '192.0.2.2' }],
    ...(facts.hasSandbox ? { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] } : {}),
    startTime: facts.startTime,
    containerStatuses,
    ...(inits.length > 0 ? { initContainerStatuses } : {}),
    qosClass: 'BestEffort',
  };
}

function containerStatus(record: ContainerRecord, waitingReason: string): ContainerStatus {
  const { spec, state, blocked } = record;
  const names = record.names ?? { image: spec.image, imageID: '' };
  const isOver = state.terminated !== undefined;
  // A container that should run again shows why it does not, and its end moves to lastState.
  const isHeldBack = blocked !== undefined && !isRunning(record);
  const shown = isHeldBack ? { waiting: blocked } : state.running || isOver ? state : { waiting: { reason: waitingReason } };
  return {
    ...(record.containerID ? { containerID: record.containerID } : {}),
    image: names.image,
    imageID: names.imageID,
    lastState: isHeldBack && isOver ? state : record.last,
    name: spec.name,
    ready: record.isInit && !isSidecar(record) ? isOver && state.terminated?.exitCode === 0 : record.ready && isRunning(record),
    resources: {},
    restartCount: record.restarts,
    started: isRunning(record) && record.started,
    state: shown,
  };
}

function phaseOf(pod: Pod, facts: PodFacts, statuses: ContainerStatus[]): PodStatus['phase'] {
  const { restartPolicy = 'Always' } = pod.spec;
  const failedInit = facts.records.some(
    (record) => record.isInit && !isSidecar(record) && (record.state.terminated?.exitCode ?? 0) !== 0 && restartPolicy === 'Never',
  );
  if (failedInit) return 'Failed';
  const ends = statuses.map((one) => one.state.terminated ?? one.lastState.terminated);
  if (facts.isStopped) return ends.every((end) => end?.exitCode === 0) ? 'Succeeded' : 'Failed';
  if (!facts.isInitialized) return 'Pending';
  if (statuses.some((one) => one.state.waiting && !one.lastState.terminated)) return 'Pending';
  if (statuses.some((one) => one.state.running) || restartPolicy === 'Always') return 'Running';
  if (ends.every((end) => end?.exitCode === 0)) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}

function conditionsOf(pod: Pod, facts: PodFacts, phase: PodStatus['phase'], statuses: ContainerStatus[]): Condition[] {
  const isFinished = phase === 'Succeeded' || phase === 'Failed';
  const list = (found: ContainerStatus[]) => `[${found.map((one) => one.name).join(' ')}]`;
  const unready = statuses.filter((one) => !one.ready);
  const ready: Partial<Condition> & { status: 'True' | 'False' } = isFinished
    ? { status: 'False', reason: phase === 'Failed' ? 'PodFailed' : 'PodCompleted' }
    : unready.length > 0
      ? { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: ${list(unready)}` }
      : { status: 'True' };
  const incomplete = facts.records.filter(
    (record) => record.isInit && record.state.terminated?.exitCode !== 0 && !(isSidecar(record) && isRunning(record)),
  );
  const initialized: Partial<Condition> & { status: 'True' | 'False' } = facts.isInitialized
    ? { status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
    : {
        status: 'False',
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: [${incomplete.map((record) => record.spec.name).join(' ')}]`,
      };
  const wanted: Condition[] = [
    { type: 'PodReadyToStartContainers', status: facts.hasSandbox && !facts.isStopped ? 'True' : 'False' },
    { type: 'Initialized', ...initialized },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
  ];
  const before = pod.status.conditions ?? [];
  const scheduled = before.find((one) => one.type === 'PodScheduled') ?? { type: 'PodScheduled', status: 'True' as const };
  const others = before.filter((one) => one.type !== 'PodScheduled' && !wanted.some(({ type }) => type === one.type));
  return [...wanted, scheduled, ...others].map((one) => {
    const old = before.find(({ type }) => type === one.type);
    const lastTransitionTime = old?.status === one.status ? old.lastTransitionTime : toTimestamp(Date.now());
    return {
      lastProbeTime: null,
      ...one,
      lastTransitionTime: lastTransitionTime ?? null,
      observedGeneration: pod.metadata.generation ?? 1,
    };
  });
}
