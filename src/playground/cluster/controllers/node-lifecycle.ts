import type { Node, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';

/** When a kubelet has been silent for the grace time, its node is unknown, its pods count as not ready, and nothing new goes there. */
export function markNodeLost({ store, clock }: ControllerParts, name: string, isLost: () => boolean): void {
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
    }
  });
}
