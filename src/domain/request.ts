import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import type { Plan } from './plan.ts';
import type { PolicyDecision } from './policy.ts';
import type { ContainerVerdict } from './verdict.ts';
import type { RolloutProgress } from './rollout.ts';

/** What was asked, once and for ever. */
export interface Ask {
  kind: 'repull' | 'rollback';
  app: string;
  environment: string;
  cluster: string;
  namespaces: string[];
  /** `kind/name` entries of the app in the policy file; empty: found by name and the well-known labels. */
  workloads: string[];
  via: Method;
  tag?: string;
  image?: string;
  /** `kind/name`: only this one of the app's workloads. */
  workload?: string;
  container?: string;
  pod?: string;
  reason?: string;
  /** `--at`: `window`, or milliseconds since the epoch. */
  at?: 'window' | number;
  /** `--at` with a time: as it was typed, and the zone in which it was read. */
  atLocal?: string;
  force: boolean;
  forceDelete: boolean;
  /** CronJob: a Job now, instead of waiting for the next run. */
  now?: true;
  /** Break glass: also while the window is closed, with a reason and a second person. */
  override?: true;
  /** A plan and nothing else: no card with buttons, no votes, no writes. */
  dryRun: boolean;
  /** Rollback only: the request whose recorded digests are wanted back. */
  undoes?: string;
  /** Rollback only: true where it was made by `on-failure: rollback`. */
  automatic?: boolean;
}

export interface Approval {
  by: string;
  at: number;
  /** When Slack last said that this person may still approve; left out: only when they did. */
  confirmedAt?: number;
}

/** One line of the story, in order: the thread is made from these. `seq` is the post-once key. */
export interface Milestone {
  seq: number;
  at: number;
  kind:
    | 'planned'
    | 'approved'
    | 'rejected'
    | 'queued'
    | 'waiting'
    | 'started'
    | 'write'
    | 'workload-done'
    | 'pulls'
    | 'notice'
    | 'cluster-away'
    | 'cluster-back'
    | 'drift'
    | 'cancelled'
    | 'failed'
    | 'succeeded'
    | 'superseded'
    | 'reverted'
    | 'rolled-back';
  by?: string;
  /** Plain text, not escaped; render escapes. */
  text: string;
  /** Also shown in the channel. */
  broadcast?: boolean;
}

/** Where the card lives; filled by the sync. */
export interface CardPlace {
  channel: string;
  ts: string;
}

/** The state a request is in, with only what that state needs. */
export type State =
  | { status: 'planning' }
  | { status: 'awaiting-approval'; expiresAt: number }
  | { status: 'scheduled'; at: number }
  | { status: 'queued'; deadline: number }
  | { status: 'rolling-out'; deadline: number }
  | { status: 'refused'; because: Failure }
  | { status: 'denied'; because: Failure }
  | { status: 'rejected'; by: string; reason?: string }
  | { status: 'expired'; because: 'approval' | 'schedule' | 'execution' | 'channel' }
  | { status: 'cancelled'; by: string; changed: boolean }
  | { status: 'succeeded' }
  | { status: 'failed'; because: Failure; changed: boolean }
  | { status: 'superseded'; by: string };

/**
 * The record: the one truth about a request. Stored as one Redis hash, a field per property (JSON), so that two writers that touch
 * different fields never undo each other; moved only by `store/transition.lua`. Times are Redis `TIME` in milliseconds.
 */
export interface RequestRecord {
  id: string;
  version: number;
  state: State;
  /** When the present status began. */
  since: number;
  createdAt: number;
  endedAt?: number;
  ask: Ask;
  requester: string;
  team: string;
  channel: string;
  /** Asked inside this thread. */
  thread?: string;
  /** Names a response_url in the memory of the bot process that took the command; never the URL itself. */
  handle?: string;
  decision: PolicyDecision;
  /** Incident rules applied when it was asked. */
  incident?: boolean;
  plan?: Plan;
  /** The plan the votes were given for, when it was replaced by drift. */
  outdatedPlan?: Plan;
  approvals: Approval[];
  /** Everybody's word on it, rejecters too, for history. */
  decisions: { by: string; verdict: 'approve' | 'reject' | 'cancel'; reason?: string; at: number }[];
  /** Somebody asked to stop while it was rolling out; the next step obeys. */
  cancelAsked?: { by: string; at: number };
  progress?: RolloutProgress;
  verdicts?: ContainerVerdict[];
  /** Set before the first write leaves; from then on the cluster may be changed. */
  writing?: { at: number };
  /** Redis time of the last look while the API server could not be reached, and since when. */
  clusterAway?: { since: number };
  milestones: Milestone[];
  /** Requests that joined this one: who else wants to hear the end. */
  followers: { requester: string; channel: string; at: number }[];
  rolledBackBy?: string;
  /** With a job key: HMAC over what was asked, by whom, where, and the decision. Never changes. */
  signature?: string;
  /** With a job key: HMAC over all that and the plan and the votes as they are now. */
  seal?: string;
  card?: CardPlace;
}

/** A vote counts once per person. */
export const votesOf = (record: RequestRecord): number => new Set(record.approvals.map((approval) => approval.by)).size;
