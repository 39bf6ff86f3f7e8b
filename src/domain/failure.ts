/**
 * Everything that can stop a request or an action, by whose move it is (style: research, failures table).
 * `slack/render/failure.ts` holds one sentence set per code; `docs/failures.md` one entry per code.
 */
export type FailureCode =
  // requester
  | 'bad-usage'
  | 'unknown-workload'
  | 'ambiguous-workload'
  | 'would-not-pull'
  | 'nothing-new'
  | 'immutable-reference'
  | 'image-not-found'
  | 'workload-paused'
  | 'no-replicas'
  | 'next-run'
  | 'unsupported-kind'
  | 'invalid-image'
  | 'method-not-allowed'
  | 'unknown-container'
  | 'unknown-pod'
  | 'nothing-recorded'
  // policy / approver
  | 'not-permitted'
  | 'self-approval'
  | 'approval-expired'
  | 'plan-outdated'
  | 'outside-window'
  | 'frozen'
  | 'unsigned'
  // cluster owner
  | 'bot-forbidden'
  | 'conflict'
  | 'disruption-budget'
  | 'budget-misconfigured'
  | 'would-be-reverted'
  | 'pull-failed'
  | 'registry-denied'
  | 'no-matching-platform'
  | 'container-crashed'
  | 'container-config'
  | 'out-of-memory'
  | 'probe-failing'
  | 'unschedulable'
  | 'quota-exceeded'
  | 'mount-failed'
  | 'node-pressure'
  | 'pod-terminating'
  | 'admission-refused'
  | 'rollout-stalled'
  | 'wrong-image'
  | 'superseded'
  | 'workload-gone'
  | 'node-gone'
  // operator
  | 'backend-away'
  | 'registry-unknown'
  | 'deadline-passed'
  // us: `evidence` holds the reference that the log carries too
  | 'bug';

export interface Failure {
  code: FailureCode;
  /** What this is about: a workload key, pod/container, image or host; shown escaped. */
  subject?: string;
  /** The kubelet's, API server's or registry's own words, quoted, cut to 1,000 characters. */
  evidence?: string;
  /** Last log lines of the crashed container, where RBAC allows them; at most 10 lines. */
  logs?: string[];
  /** What to type or do next, for example the corrected command line. Left out: the words that the code has of its own. */
  remedy?: string;
  /** A command that shows more: not a cure, so it stands beside the next step and never instead of it. */
  look?: string;
  /** True where waiting may cure it; such a failure has outlived its budget when it ends a request. */
  transient?: boolean;
  at?: number;
  /** Slack id of whoever brought it about, where that helps: who froze the environment. */
  by?: string;
}
