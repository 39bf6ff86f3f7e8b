import type { WorkloadRef } from './workload.ts';

/** Exact meaning: research/kubernetes.md §7B. `inferred` is never shown as `pulled`. */
export type VerdictWord =
  | 'pulled new'
  | 'pulled, unchanged'
  | 'from node cache'
  | 'cache, but correct'
  | 'inferred'
  | 'wrong image'
  | 'unverifiable';

/** What a kubelet said about one pull, stored when it is seen, because Kubernetes forgets events. Key: `eventUid` and `count`. */
export interface PullEvidence {
  eventUid: string;
  count: number;
  podUid: string;
  pod: string;
  container: string;
  /** API server's time, milliseconds. */
  at: number;
  image: string;
  what:
    | { is: 'pulling' }
    | { is: 'pulled'; tookMs?: number; waitedMs?: number; bytes?: number }
    | { is: 'already-present' }
    | { is: 'failed'; reason: string; message: string }
    | { is: 'back-off'; message: string };
  /** The event's own text. */
  message: string;
}

/** The judgement on one container of one pod. */
export interface PodVerdict {
  podUid: string;
  pod: string;
  node?: string;
  container: string;
  containerId?: string;
  word: VerdictWord;
  after?: string;
  tookMs?: number;
  waitedMs?: number;
  bytes?: number;
  /** The event that proves it, if any. */
  evidence?: { message: string; at: number };
}

/** The judgement on one container of one workload: the worst of its pods, with all of them beneath. */
export interface ContainerVerdict {
  workload: WorkloadRef;
  container: string;
  image: string;
  before: string[];
  /** Undefined where the registry could not be asked. */
  registry?: string;
  after: string[];
  word: VerdictWord;
  pods: PodVerdict[];
}
