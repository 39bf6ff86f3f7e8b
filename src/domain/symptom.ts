import type { Failure } from './failure.ts';
import type { Pod } from './workload.ts';

/** Something that keeps a rollout from finishing. It is fatal once it was seen `fatalAt` times and for `budgetMs`. */
export interface Symptom {
  /** Within its workload. */
  key: string;
  failure: Failure;
  /** For the card: the kubelet's one word. */
  detail: string;
  seen: number;
  fatalAt: number;
  /** `NEVER`: alone it ends nothing, but it is named as the cause when the deadline of the rollout is over. */
  budgetMs: number;
  /** A symptom seen this long counts as seen often enough, because its events may be lost. */
  certainMs: number;
}

/** What waiting may cure gets this long; milliseconds (research/kubernetes.md §7C). */
export const TRANSIENT = 5 * 60_000;
/** Two attempts take less: the kubelet waits 10 s after the first. */
export const CERTAIN = 30_000;
export const SLOW = 60_000;
export const NEVER = Number.POSITIVE_INFINITY;

export const keyFor = (pod: Pod, container: string, code: string): { key: string } => ({ key: `${pod.uid}/${container}/${code}` });
export const describePod = (pod: Pod): string => `kubectl -n ${pod.namespace} describe pod ${pod.name}`;
export const cut = (text: string): string => text.slice(0, 1000);
