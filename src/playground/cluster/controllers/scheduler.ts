import { sameJson } from '../api-server/json.ts';
import { recordScheduling } from '../event-recorder.ts';
import type { Condition, Node, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { isFinished } from './pods.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

/** Puts pods on nodes: those that fit, the emptiest first. */
export function runScheduler({ store, clock }: ControllerParts): WorkQueue {
  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const pod = store.get<Pod>('pods', namespace, name);
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return;
    const nodes = store.list<Node>('nodes');
    const refusals = nodes.map((node) => refusal(node, pod));
    const fitting = nodes.filter((_node, index) => refusals[index] === undefined);
    const chosen = emptiest(fitting, pod);
    if (chosen) bind(pod, chosen.metadata.name);
    else
      refuse(
        pod,
        refusals.filter((why) => why !== undefined),
      );
  };

  const emptiest = (nodes: Node[], pod: Pod): Node | undefined => {
    const others = store.list<Pod>('pods').filter((one) => one.spec.nodeName && !isFinished(one));
    const load = (node: Node) => {
      const here = others.filter((one) => one.spec.nodeName === node.metadata.name);
      const alike = here.filter((one) => sameJson(one.metadata.labels, pod.metadata.labels)).length;
      return alike * 1000 + here.length;
    };
    return [...nodes].sort((a, b) => load(a) - load(b))[0];
  };

  const bind = (pod: Pod, nodeName: string) => {
    const { namespace, name } = pod.metadata;
    const bound = store.update('pods', namespace, name, (before) => {
      const current = before as Pod;
      return { ...current, spec: { ...current.spec, nodeName }, status: withScheduled(current, { type: 'PodScheduled', status: 'True' }) };
    });
    recordScheduling(store, bound, {
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      message: `Successfully assigned ${namespace ?? ''}/${name} to ${nodeName}`,
    });
  };

  const refuse = (pod: Pod, reasons: string[]) => {
    const counts = new Map<string, number>();
    for (const why of reasons) counts.set(why, (counts.get(why) ?? 0) + 1);
    const list = [...counts].map(([why, count]) => `${count} ${why}`).sort();
    const total = reasons.length;
    const message = `0/${total} nodes are available: ${list.join(', ')}. no new claims to deallocate, preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`;
    const known = pod.status.conditions?.find((one) => one.type === 'PodScheduled');
    if (known?.message === message) return;
    recordScheduling(store, pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message });
    store.update('pods', pod.metadata.namespace, pod.metadata.name, (before) => ({
      ...before,
      status: withScheduled(before as Pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }),
    }));
  };

  const withScheduled = (pod: Pod, condition: Condition) => ({
    ...pod.status,
    conditions: [
      ...(pod.status.conditions ?? []).filter((one) => one.type !== 'PodScheduled'),
      { lastProbeTime: null, ...condition, lastTransitionTime: clock.timestamp(), observedGeneration: pod.metadata.generation ?? 1 },
    ],
  });

  const queue = new WorkQueue(clock, TIMINGS.scheduler, reconcile);
  store.onChange(({ resource, object, type }) => {
    if (resource === 'pods' && type === 'ADDED') queue.add(keyOf(object));
    // More room, or other rules: everybody who waits is looked at again.
    if (resource === 'nodes' || (resource === 'pods' && type === 'DELETED')) {
      for (const pod of store.list<Pod>('pods')) if (!pod.spec.nodeName) queue.add(keyOf(pod));
    }
  });
  return queue;
}

/** Why a node does not take a pod, in the scheduler's words; undefined when it does. */
function refusal(node: Node, pod: Pod): string | undefined {
  if (node.spec.unschedulable && !isDaemonPod(pod)) return 'node(s) were unschedulable';
  const taint = node.spec.taints?.find((one) => one.key === 'node.kubernetes.io/unreachable');
  if (taint && !isDaemonPod(pod)) return `node(s) had untolerated taint(s)`;
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  const hasLabels = wanted.every(([key, value]) => node.metadata.labels?.[key] === value);
  return hasLabels && isPlacedHere(node, pod) ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

const isDaemonPod = (pod: Pod) => pod.metadata.ownerReferences?.some((one) => one.kind === 'DaemonSet') ?? false;

interface Affinity {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: { matchFields?: { key: string; values?: string[] }[] }[] };
  };
}

/** Daemon pods name their node by its metadata.name; other affinities are not looked at. */
function isPlacedHere(node: Node, pod: Pod): boolean {
  const affinity = pod.spec.affinity as Affinity | undefined;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const fields = terms.flatMap((term) => term.matchFields ?? []).filter((field) => field.key === 'metadata.name');
  return fields.length === 0 || fields.some((field) => field.values?.includes(node.metadata.name));
}
