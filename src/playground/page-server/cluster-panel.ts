/** Pure: Kubernetes objects in, what the page shows out. The same for the simulated cluster and for a real one. */
import type { PanelContainer, PanelEvent, PanelPod, PanelWorkload } from './wire.ts';

/** As little of a Kubernetes object as is read here; everything may be missing, because a real API server decides what it sends. */
export interface KubeLike {
  kind?: string;
  metadata?: {
    name?: string;
    namespace?: string;
    uid?: string;
    creationTimestamp?: string | Date;
    deletionTimestamp?: string | Date;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  [field: string]: unknown;
}

export interface KubeLists {
  nodes: KubeLike[];
  workloads: KubeLike[];
  replicaSets: KubeLike[];
  pods: KubeLike[];
  events: KubeLike[];
}

interface ContainerSpec {
  name: string;
  image?: string;
  imagePullPolicy?: string;
}
interface ContainerStatus {
  name: string;
  imageID?: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string }; running?: object; terminated?: { reason?: string } };
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const time = (value: unknown): number => {
  if (value instanceof Date) return value.getTime();
  const parsed = Date.parse(text(value));
  return Number.isNaN(parsed) ? 0 : parsed;
};

/** The pull policy that the kubelet would take where the template names none. */
function effectivePolicy(container: ContainerSpec): string {
  if (container.imagePullPolicy) return container.imagePullPolicy;
  const image = container.image ?? '';
  const afterSlash = image.slice(image.lastIndexOf('/') + 1);
  const isLatest = !image.includes('@') && (!afterSlash.includes(':') || afterSlash.endsWith(':latest'));
  return isLatest ? 'Always' : 'IfNotPresent';
}

function workloadKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

export function panelWorkload(workload: KubeLike): PanelWorkload {
  const { kind = '', metadata = {} } = workload;
  const spec = object(workload['spec']);
  const status = object(workload['status']);
  const isDaemonSet = kind === 'DaemonSet';
  const template = object(object(spec['template'])['spec']);
  return {
    key: workloadKey(kind, metadata.namespace ?? '', metadata.name ?? ''),
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    desired: isDaemonSet ? number(status['desiredNumberScheduled']) : number(spec['replicas'] ?? 1),
    ready: isDaemonSet ? number(status['numberReady']) : number(status['readyReplicas']),
    updated: isDaemonSet ? number(status['updatedNumberScheduled']) : number(status['updatedReplicas']),
    containers: list<ContainerSpec>(template['containers']).map((container) => ({
      name: container.name,
      image: container.image ?? '',
      policy: effectivePolicy(container),
    })),
  };
}

/** `repo@sha256:…`, or the bare digest of the image's configuration where the runtime gives only that. */
function digestOf(imageId: string | undefined): string {
  return /sha256:[0-9a-f]+$/.exec(imageId ?? '')?.[0] ?? '';
}

function panelContainers(pod: KubeLike): PanelContainer[] {
  const statuses = list<ContainerStatus>(object(pod['status'])['containerStatuses']);
  return list<ContainerSpec>(object(pod['spec'])['containers']).map((container) => {
    const status = statuses.find((one) => one.name === container.name);
    return {
      name: container.name,
      image: container.image ?? '',
      policy: effectivePolicy(container),
      digest: digestOf(status?.imageID),
      restarts: status?.restartCount ?? 0,
    };
  });
}

function phaseOf(pod: KubeLike, lastReason: string | undefined): Pick<PanelPod, 'phase' | 'tone'> {
  const status = object(pod['status']);
  if (pod.metadata?.deletionTimestamp) return { phase: 'Terminating', tone: 'gone' };
  const containers = list<ContainerStatus>(status['containerStatuses']);
  for (const { state } of containers) {
    const reason = state?.waiting?.reason;
    if (reason && reason !== 'ContainerCreating' && reason !== 'PodInitializing') return { phase: reason, tone: 'bad' };
    if (state?.terminated && status['phase'] !== 'Succeeded') return { phase: state.terminated.reason ?? 'Terminated', tone: 'bad' };
  }
  const phase = text(status['phase']);
  if (phase === 'Succeeded') return { phase, tone: 'gone' };
  if (phase === 'Failed') return { phase: text(status['reason']) || phase, tone: 'bad' };
  if (phase === 'Running') {
    const isReady = containers.length > 0 && containers.every((one) => one.ready);
    return isReady ? { phase: 'Ready', tone: 'good' } : { phase: 'Running', tone: 'busy' };
  }
  if (lastReason === 'Pulling') return { phase: 'Pulling', tone: 'busy' };
  return object(pod['spec'])['nodeName'] ? { phase: 'Starting', tone: 'busy' } : { phase: 'Pending', tone: 'busy' };
}

/** Deployments own pods through a ReplicaSet; everything else owns them itself. */
function ownerKey(pod: KubeLike, replicaSets: Map<string, string>): string {
  const namespace = pod.metadata?.namespace ?? '';
  const owner = pod.metadata?.ownerReferences?.find((one) => one.controller !== false);
  if (!owner) return '';
  if (owner.kind === 'ReplicaSet') return replicaSets.get(`${namespace}/${owner.name}`) ?? workloadKey('ReplicaSet', namespace, owner.name);
  return workloadKey(owner.kind, namespace, owner.name);
}

export function panelEvents(events: KubeLike[]): PanelEvent[] {
  return events
    .map((event) => {
      const about = object(event['involvedObject']);
      const series = object(event['series']);
      const at = Math.max(
        time(event['lastTimestamp']),
        time(series['lastObservedTime']),
        time(event['eventTime']),
        time(event.metadata?.creationTimestamp),
      );
      return {
        id: `${event.metadata?.uid ?? event.metadata?.name ?? ''}`,
        at,
        namespace: event.metadata?.namespace ?? '',
        object: `${text(about['kind']).toLowerCase()}/${text(about['name'])}`,
        reason: text(event['reason']),
        message: text(event['message']),
        warning: event['type'] === 'Warning',
        count: Math.max(1, number(event['count']), number(series['count'])),
      };
    })
    .sort((a, b) => b.at - a.at);
}

export function panelPods(lists: KubeLists, events: PanelEvent[]): PanelPod[] {
  const replicaSets = new Map<string, string>();
  for (const replicaSet of lists.replicaSets) {
    const namespace = replicaSet.metadata?.namespace ?? '';
    const owner = replicaSet.metadata?.ownerReferences?.find((one) => one.kind === 'Deployment');
    if (owner) replicaSets.set(`${namespace}/${replicaSet.metadata?.name ?? ''}`, workloadKey('Deployment', namespace, owner.name));
  }
  const lastReason = new Map<string, string>();
  for (const event of events) {
    const key = `${event.namespace} ${event.object}`;
    if (!lastReason.has(key)) lastReason.set(key, event.reason);
  }
  return lists.pods
    .map((pod) => {
      const namespace = pod.metadata?.namespace ?? '';
      const name = pod.metadata?.name ?? '';
      return {
        namespace,
        name,
        node: text(object(pod['spec'])['nodeName']),
        workload: ownerKey(pod, replicaSets),
        ...phaseOf(pod, lastReason.get(`${namespace} pod/${name}`)),
        containers: panelContainers(pod),
        created: time(pod.metadata?.creationTimestamp),
      };
    })
    .sort((a, b) => a.created - b.created || a.name.localeCompare(b.name));
}

export function isNodeReady(node: KubeLike): boolean {
  const conditions = list<{ type: string; status: string }>(object(node['status'])['conditions']);
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
}
