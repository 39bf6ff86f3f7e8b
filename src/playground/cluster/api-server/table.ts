import type { Pod } from '../objects.ts';
import type { KubeObject } from '../types.ts';
import type { Call } from './call.ts';

interface Column {
  name: string;
  cell: (object: KubeObject) => string | number;
}

/** kubectl asks the server for the columns it prints. */
export function wantsTable(call: Call): boolean {
  return call.accept.includes('as=Table') && call.verb !== 'watch';
}

export function asTable(call: Call, json: Record<string, unknown>): Record<string, unknown> {
  const objects = (Array.isArray(json['items']) ? json['items'] : [json]) as KubeObject[];
  const columns = [
    { name: 'Name', cell: (object: KubeObject) => object.metadata.name },
    ...columnsOf(call.found?.plural ?? ''),
    { name: 'Age', cell: age },
  ];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: 'items' in json ? json['metadata'] : { resourceVersion: objects[0]?.metadata.resourceVersion },
    columnDefinitions: columns.map(({ name }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: name,
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

/** Reads one number or word of spec or status by its path. */
const at =
  (path: string, otherwise: string | number = 0) =>
  (object: KubeObject) => {
    let value: unknown = object;
    for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
    return typeof value === 'string' || typeof value === 'number' ? value : otherwise;
  };

const READY: Column = { name: 'Ready', cell: (object) => `${at('status.readyReplicas')(object)}/${at('spec.replicas')(object)}` };

function columnsOf(plural: string): Column[] {
  switch (plural) {
    case 'pods':
      return [
        { name: 'Ready', cell: (object) => readyOf(object as Pod) },
        { name: 'Status', cell: (object) => phaseOf(object as Pod) },
        {
          name: 'Restarts',
          cell: (object) => (object as Pod).status.containerStatuses?.reduce((sum, one) => sum + one.restartCount, 0) ?? 0,
        },
      ];
    case 'deployments':
      return [
        READY,
        { name: 'Up-to-date', cell: at('status.updatedReplicas') },
        { name: 'Available', cell: at('status.availableReplicas') },
      ];
    case 'replicasets':
      return [
        { name: 'Desired', cell: at('spec.replicas') },
        { name: 'Current', cell: at('status.replicas') },
        { name: 'Ready', cell: at('status.readyReplicas') },
      ];
    case 'statefulsets':
      return [READY];
    case 'daemonsets':
      return [
        { name: 'Desired', cell: at('status.desiredNumberScheduled') },
        { name: 'Ready', cell: at('status.numberReady') },
        { name: 'Up-to-date', cell: at('status.updatedNumberScheduled') },
      ];
    case 'events':
      return [
        { name: 'Last Seen', cell: at('lastTimestamp', '') },
        { name: 'Type', cell: at('type', '') },
        { name: 'Reason', cell: at('reason', '') },
        {
          name: 'Object',
          cell: (object) => `${String(at('involvedObject.kind', '')(object)).toLowerCase()}/${at('involvedObject.name', '')(object)}`,
        },
        { name: 'Message', cell: at('message', '') },
      ];
    case 'namespaces':
      return [{ name: 'Status', cell: at('status.phase', '') }];
    default:
      return [];
  }
}

function readyOf(pod: Pod): string {
  const statuses = pod.status.containerStatuses ?? [];
  return `${statuses.filter((one) => one.ready).length}/${pod.spec.containers.length}`;
}

function phaseOf(pod: Pod): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating';
  for (const { state } of pod.status.containerStatuses ?? []) {
    if (state.waiting) return state.waiting.reason;
    if (state.terminated) return state.terminated.reason;
  }
  return pod.status.phase;
}

function age(object: KubeObject): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(object.metadata.creationTimestamp ?? '')) / 1000));
  if (seconds < 120) return `${seconds}s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3600)}h`;
}
