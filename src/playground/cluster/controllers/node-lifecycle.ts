import { deleteObject } from '../api-server/delete.ts';
import { resourceNamed } from '../api-server/resources.ts';
import { EventRecorder } from '../event-recorder.ts';
import type { Node, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';

/** When a kubelet has been silent for the grace time, its node is unknown, its pods count as not ready, and nothing new goes there. */
export function markNodeLost(parts: ControllerParts, name: string, isLost: () => boolean): void {
  const { store, clock } = parts;
  clock.after(TIMINGS.nodeGrace, () => {
    if (!isLost()) return;
    const at = clock.timestamp();
    store.update('nodes', undefined, name, (before) => {
      const node = before as Node;
      const conditions = node.status.conditions.map((one) => ({
        ...one,
        status: 'Unknown' as const,
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: at,
      }));
      const taints = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: 'node.kubernetes.io/unreachable', effect, timeAdded: at }));
      return { ...node, spec: { ...node.spec, taints: [...(node.spec.taints ?? []), ...taints] }, status: { ...node.status, conditions } };
    });
    for (const pod of store.list<Pod>('pods').filter((one) => one.spec.nodeName === name)) {
      store.update('pods', pod.metadata.namespace, pod.metadata.name, (before) => {
        const { status } = before as Pod;
        const conditions = (status.conditions ?? []).map((one) =>
          one.type === 'Ready' && one.status === 'True' ? { ...one, status: 'False' as const, lastTransitionTime: at } : one,
        );
        return { ...before, status: { ...status, conditions } };
      });
      const said = new EventRecorder(store, clock, { component: 'node-controller' });
      said.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
      evictLater(parts, pod, isLost);
    }
  });
}

/** As long as a pod bears it (five minutes, unless it says otherwise); then it is marked for deletion, and stays until its kubelet is back. */
function evictLater(parts: ControllerParts, pod: Pod, isLost: () => boolean): void {
  const bears = tolerationSeconds(pod);
  if (bears === undefined) return;
  const { namespace = '', name, uid } = pod.metadata;
  parts.clock.after(bears * 1000, () => {
    if (!isLost() || parts.store.get('pods', namespace, name)?.metadata.uid !== uid) return;
    const recorder = new EventRecorder(parts.store, parts.clock, { component: 'taint-eviction-controller' });
    recorder.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message: `Marking for deletion Pod ${namespace}/${name}` });
    parts.store.update('pods', namespace, name, (before) => ({ ...before, status: disrupted(before as Pod, parts.clock.timestamp()) }));
    deleteObject(parts.store, resourceNamed('pods'), namespace, name, {});
  });
}

function disrupted({ status }: Pod, lastTransitionTime: string): Pod['status'] {
  const message = 'Taint manager: deleting due to NoExecute taint';
  const condition = { type: 'DisruptionTarget', status: 'True' as const, reason: 'DeletionByTaintManager', message, lastTransitionTime };
  return { ...status, conditions: [...(status.conditions ?? []), condition] };
}

/** Undefined: for ever, as the pods of a DaemonSet do. */
function tolerationSeconds(pod: Pod): number | undefined {
  if (pod.metadata.ownerReferences?.some(({ kind, controller }) => controller === true && kind === 'DaemonSet') === true) return undefined;
  const tolerations = (pod.spec['tolerations'] ?? []) as { key?: string; effect?: string; tolerationSeconds?: number }[];
  const fitting = tolerations.filter(
    ({ key, effect }) =>
      (key === undefined || key === 'node.kubernetes.io/unreachable') && (effect === undefined || effect === 'NoExecute'),
  );
  if (fitting.length === 0) return 0;
  const seconds = fitting.flatMap((each) => each.tolerationSeconds ?? []);
  return seconds.length === 0 ? undefined : Math.min(...seconds);
}
