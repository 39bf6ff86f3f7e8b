import { nodeSymptom, nodeTrouble, type Nodes } from './node-symptom.ts';
import type { ProgressNote } from './rollout.ts';
import { describePod, keyFor, NEVER, TRANSIENT, type Symptom } from './symptom.ts';
import type { Pod } from './workload.ts';

/** A kubelet needs a moment after the grace period to take the pod down; milliseconds. */
const OVERDUE = 15_000;

export const isOverdue = (pod: Pod, now: number): boolean => pod.dueAt !== undefined && now - pod.dueAt >= OVERDUE;

/**
 * A pod that was told to go and does not, past its grace period. `holdsBack`: its controller makes no successor before it is gone, so it ends the
 * rollout in the end; otherwise it is only told.
 */
export function terminatingSymptom(pod: Pod, nodes: Nodes, holdsBack: boolean, now: number): Symptom | undefined {
  if (!isOverdue(pod, now)) return undefined;
  const lost = pod.finalizers === undefined ? nodeSymptom(pod, nodes, holdsBack) : undefined;
  if (lost !== undefined) return lost;
  const budget = holdsBack ? TRANSIENT : NEVER;
  const { why, remedy } = reason(pod, nodes, now);
  return {
    ...keyFor(pod, '', 'pod-terminating'),
    detail: 'Terminating',
    failure: { code: 'pod-terminating', subject: pod.name, evidence: why, transient: true, remedy, look: describePod(pod) },
    seen: 1,
    fatalAt: 0,
    budgetMs: budget,
    certainMs: budget,
  };
}

/** A rollout that is complete leaves nothing behind in silence. */
export const leftBehind = (pods: readonly Pod[], nodes: Nodes, now: number): ProgressNote[] =>
  pods.map((pod) => {
    const { why, remedy } = reason(pod, nodes, now);
    return { key: `left/${pod.uid}`, text: `${pod.name} is still terminating, and nothing waits for it: ${why}. To end it: ${remedy}.` };
  });

function reason(pod: Pod, nodes: Nodes, now: number): { why: string; remedy: string } {
  if (pod.finalizers !== undefined) {
    return {
      why: `held by ${pod.finalizers.length === 1 ? 'the finalizer' : 'the finalizers'} ${pod.finalizers.join(', ')}`,
      remedy: `let its owner take it off; to let the pod go all the same: kubectl -n ${pod.namespace} patch pod ${pod.name} --type=merge -p '{"metadata":{"finalizers":null}}'`,
    };
  }
  const trouble = nodeTrouble(pod, nodes);
  if (trouble !== undefined) return { why: `${trouble.text}, and nobody else can end the pod`, remedy: trouble.remedy };
  if (pod.dueAt !== undefined && now < pod.dueAt)
    return { why: 'its grace period is not over', remedy: 'wait; or look at what its process does on SIGTERM' };
  const where = pod.node === undefined ? 'its node' : pod.node;
  return {
    why: `its grace period is over, and the kubelet of ${where} has not ended it`,
    remedy: `look at the kubelet and the container runtime of ${where}`,
  };
}
