import { keyFor, NEVER, type Symptom } from './symptom.ts';
import type { NodeFacts, Pod } from './workload.ts';

/** The nodes of a snapshot, as far as the worker may see them. */
export interface Nodes {
  facts: readonly NodeFacts[];
  /** Named by pods, and not in the cluster any more. */
  lost: readonly string[];
}

/** Kubernetes gives pods on a dead node up after five minutes (their default toleration); their successors get one more. */
const NODE = 6 * 60_000;

/** Undefined: the node answers, or nothing is known about it. */
export function nodeTrouble(pod: Pod, { facts, lost }: Nodes): { node: string; text: string; remedy: string } | undefined {
  const { node } = pod;
  if (node === undefined) return undefined;
  if (lost.includes(node)) {
    return {
      node,
      text: `node ${node} does not exist any more`,
      remedy: `bring ${node} back, or wait until Kubernetes has removed its pods`,
    };
  }
  const seen = facts.find(({ name }) => name === node);
  if (seen === undefined || seen.ready) return undefined;
  return {
    node,
    text: `node ${node} is not ready${seen.why === undefined ? '' : `: ${seen.why}`}`,
    remedy: `bring ${node} back (its kubelet, its network, its power); if it is off for good: kubectl delete node ${node}`,
  };
}

/** Nobody but the kubelet of its node can say more about a pod, so this stands for whatever was seen on it before. */
export function nodeSymptom(pod: Pod, nodes: Nodes, holdsBack: boolean): Symptom | undefined {
  const trouble = nodeTrouble(pod, nodes);
  if (trouble === undefined) return undefined;
  const budget = holdsBack ? NODE : NEVER;
  return {
    ...keyFor(pod, '', 'node-gone'),
    detail: trouble.text.replace(/: .*$/s, ''),
    failure: {
      code: 'node-gone',
      subject: pod.name,
      evidence: trouble.text,
      transient: true,
      remedy: trouble.remedy,
      look: `kubectl describe node ${trouble.node}`,
    },
    seen: 1,
    fatalAt: 0,
    budgetMs: budget,
    certainMs: budget,
  };
}
