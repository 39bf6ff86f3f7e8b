/**
 * Every port of the use cases on one page. Adapters implement them; tests and the playground use the same adapters.
 * Convention: a problem a person can act on is a value; a throw means a bug or `BackendAway`.
 */
import type { Failure } from '../domain/failure.ts';
import type { Status } from '../domain/lifecycle.ts';
import type { Write } from '../domain/plan.ts';
import type { ActorFacts, ChannelFacts } from '../domain/policy.ts';
import type { RegistryAnswer } from '../domain/registry-answer.ts';
import type { Ask, CardPlace, Milestone, RequestRecord, State } from '../domain/request.ts';
import type { Symptoms } from '../domain/rollout.ts';
import type { PullEvidence } from '../domain/verdict.ts';
import type { Snapshot, WorkloadRef } from '../domain/workload.ts';
import type { Answer } from './answers.ts';

/** Redis, the API server or Slack cannot be reached, or its answer was lost: the outcome is unknown, try again. */
export class BackendAway extends Error {
  readonly backend: 'redis' | 'kubernetes' | 'slack' | 'registry';
  readonly retryAfterMs: number | undefined;
  constructor(backend: BackendAway['backend'], message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.name = 'BackendAway';
    this.backend = backend;
    this.retryAfterMs = options.retryAfterMs;
  }
}

// ---------------------------------------------------------------- the record

export type NewRequest = Pick<RequestRecord, 'id' | 'ask' | 'requester' | 'team' | 'channel' | 'decision'> &
  Partial<Pick<RequestRecord, 'thread' | 'handle' | 'incident' | 'signature'>> & { state: State };

export type NewMilestone = Omit<Milestone, 'seq' | 'at'>;

/** Fields a transition may write beside the state. `undefined` removes a field. */
export type RecordPatch = {
  [K in
    | 'plan'
    | 'outdatedPlan'
    | 'approvals'
    | 'decisions'
    | 'cancelAsked'
    | 'progress'
    | 'verdicts'
    | 'writing'
    | 'clusterAway'
    | 'followers'
    | 'rolledBackBy'
    | 'signature'
    | 'decision']?: RequestRecord[K] | undefined;
};

export interface Move {
  id: string;
  /** Guard: exactly this version, or any version in one of these statuses. */
  from: { version: number } | { statuses: readonly Status[] };
  /** Left out: the state stays as it is; only fields and milestones are written (legal while the status allows x → x, and for `rolledBackBy`, `followers` and milestones also after the end). */
  to?: State;
  patch?: RecordPatch;
  milestones?: NewMilestone[];
  /** Slack user id, or `repull:worker`, `repull:clock`, … */
  actor: string;
  /** The same action id again returns the first result and changes nothing. */
  actionId: string;
  /** For the audit stream, plain text. */
  because?: string;
  /** Redis TIME (ms) after which the move is refused as `too-late`, and before which as `too-early`. */
  notAfter?: number;
  notBefore?: number;
  /** On entering `queued`: the workload keys (`cluster/kind/ns/name`) whose lines it joins, in the same script. */
  lines?: string[];
  /** Needed to enter `rolling-out`: stands first in all of its lines, else `not-first`. */
  mustBeFirst?: boolean;
  /** Sameness key: refused as `same` while another open request holds it (product.md §5, joining). */
  claim?: string;
}

export type MoveResult =
  | { moved: true; record: RequestRecord; replayed: boolean /** Requests that now stand first everywhere. */; woken: string[] }
  | {
      moved: false;
      because: 'unknown' | 'version' | 'illegal' | 'too-late' | 'too-early' | 'not-first' | 'same';
      record?: RequestRecord;
      other?: string;
    };

export interface RequestFilter {
  app?: string;
  environment?: string;
  cluster?: string;
  requester?: string;
  status?: Status;
  /** Newest first; page by the id of the last one seen. */
  before?: string;
  limit: number;
}

export interface RequestStore {
  /** Milliseconds, Redis TIME. */
  now(): Promise<number>;
  /** Same actionId: the first record comes back, nothing is created. */
  create(request: NewRequest, actionId: string): Promise<RequestRecord>;
  load(id: string): Promise<RequestRecord | undefined>;
  transition(move: Move): Promise<MoveResult>;
  /** Open requests, oldest first. */
  open(cluster?: string): Promise<RequestRecord[]>;
  list(filter: RequestFilter): Promise<RequestRecord[]>;
  /** Newest terminal, changed-the-cluster request of an app in an environment: what a rollback undoes. */
  lastChange(app: string, environment: string): Promise<RequestRecord | undefined>;
  /** Where it stands: 1 = first in all its lines; `holder` is who is before it. */
  position(id: string): Promise<{ position: number; holder?: string } | undefined>;

  /** Evidence as it is seen, idempotent by (eventUid, count). */
  addEvidence(id: string, evidence: PullEvidence[]): Promise<void>;
  evidence(id: string): Promise<PullEvidence[]>;
  /** What the worker remembers between two looks. */
  saveMemory(id: string, memory: StepMemory): Promise<void>;
  memory(id: string): Promise<StepMemory | undefined>;
}

export interface StepMemory {
  symptoms: Symptoms;
  /** Evict: pods (uid) this request has asked to go. */
  evicted: string[];
  /** Milestones already told, by key. */
  told: string[];
}

// ---------------------------------------------------------------- delivery to Slack

/** What the sync knows about one request's card and thread. */
export interface Delivery {
  card?: CardPlace;
  /** Hash of the rendering that Slack shows now. */
  cardHash?: string;
  /** seq → ts of thread entries that are posted. */
  posted: Record<string, string>;
  /** Post-once markers: key → Redis ms when a post was begun whose result is unknown. */
  intents: Record<string, number>;
  /** Ephemeral answer of a request without a card: given already. */
  answered?: boolean;
  /** The channel or card is gone for good: stop posting. */
  dead?: string;
  syncedVersion: number;
}

export interface DeliveryStore {
  delivery(id: string): Promise<Delivery>;
  /** Written before a post; false if a marker stands already. */
  intend(id: string, key: string): Promise<boolean>;
  clearIntent(id: string, key: string): Promise<void>;
  posted(id: string, key: string, place: CardPlace, hash?: string): Promise<void>;
  answered(id: string): Promise<void>;
  dead(id: string, because: string): Promise<void>;
  /** Removes it from the dirty set if its version is not beyond this one. */
  synced(id: string, version: number): Promise<void>;
  /** Ids whose record is ahead of Slack, oldest first, with the Redis ms since when. */
  dirty(limit: number): Promise<{ id: string; since: number }[]>;
}

export type PostResult =
  | { ok: true; ts: string }
  | { ok: false; because: 'rate-limited'; retryAfterMs: number }
  /** The reply was lost: it may or may not be there. */
  | { ok: false; because: 'unknown'; detail: string }
  /** `message_not_found`: the message was deleted. */
  | { ok: false; because: 'message-gone' }
  /** Archived, bot removed, token revoked: nothing can be shown there. */
  | { ok: false; because: 'channel-gone'; detail: string }
  | { ok: false; because: 'refused'; detail: string };

/** What the card shows that the record alone does not know. */
export interface CardContext {
  /** Line position while queued. */
  position?: { position: number; holder?: string };
  /** A newer request for the same app and environment exists: no Roll back button. */
  newer?: boolean;
}

export interface Channel {
  /** Hash of the card's rendering; equal hash = no call. */
  hash(record: RequestRecord, context: CardContext): string;
  postCard(record: RequestRecord, context: CardContext): Promise<PostResult>;
  updateCard(place: CardPlace, record: RequestRecord, context: CardContext): Promise<PostResult>;
  postMilestone(card: CardPlace, record: RequestRecord, milestone: Milestone): Promise<PostResult>;
  /** Looks for a message of ours by its metadata {request, key}; `cannot-look` without history scopes. */
  find(place: { channel: string; thread?: string }, request: string, key: string): Promise<{ ts: string } | 'absent' | 'cannot-look'>;
  /** Only for one person. `handle` names a response_url kept in this process's memory; without it, an ephemeral message. */
  tell(to: Listener, answer: Answer): Promise<PostResult>;
  permalink(place: CardPlace): Promise<string | undefined>;
  /** Plain announcement (incidents, break-glass). */
  announce(channel: string, text: string): Promise<PostResult>;
}

export interface Listener {
  channel: string;
  user: string;
  thread?: string;
  handle?: string;
}

/** Who somebody is and what a channel is, asked of Slack; unknown is a value and means no. */
export interface Directory {
  actor(userId: string, teamId: string | undefined): Promise<ActorFacts>;
  channel(channelId: string): Promise<ChannelFacts>;
}

// ---------------------------------------------------------------- switches: runtime freezes and incident channels

export interface Freeze {
  environment: string;
  by: string;
  reason: string;
  at: number;
  until?: number;
}
export interface Incident {
  channel: string;
  by: string;
  at: number;
  until: number;
}
export interface Switches {
  freezes(): Promise<Freeze[]>;
  freeze(freeze: Omit<Freeze, 'at'>, actionId: string): Promise<Freeze>;
  unfreeze(environment: string, by: string, actionId: string): Promise<boolean>;
  incidents(): Promise<Incident[]>;
  bind(incident: Omit<Incident, 'at'>, actionId: string): Promise<Incident>;
  unbind(channel: string, by: string, actionId: string): Promise<boolean>;
}

// ---------------------------------------------------------------- inquiries: check and --dry-run, which change nothing

export interface Inquiry {
  id: string;
  kind: 'check' | 'dry-run';
  ask: Ask;
  requester: string;
  listener: Listener;
  decision: RequestRecord['decision'];
  answer?: Answer;
}
export interface Inquiries {
  put(inquiry: Inquiry): Promise<void>;
  load(id: string): Promise<Inquiry | undefined>;
  answer(id: string, answer: Answer): Promise<void>;
}

// ---------------------------------------------------------------- queues: an entry only says "look at X"

/** What Slack delivered, before anything was decided. Holds no token, response_url or trigger id. */
export type Intake =
  | { kind: 'command'; text: string; user: string; team: string; channel: string; thread?: string; handle?: string; mention?: boolean }
  | {
      kind: 'click';
      action: string;
      value: string;
      user: string;
      team: string;
      channel: string;
      message: string;
      thread?: string;
      handle?: string;
    }
  | { kind: 'submit'; callback: string; metadata: string; values: Record<string, string>; user: string; team: string; handle?: string }
  | { kind: 'home'; user: string; team: string }
  | { kind: 'channel-changed'; channel: string };

export interface Queues {
  /** `key` is Slack's own event or trigger id: the same delivery twice is one job. */
  intake(intake: Intake, key: string): Promise<void>;
  plan(cluster: string, id: string, attempt: string): Promise<void>;
  rollOut(cluster: string, id: string): Promise<void>;
  inquire(cluster: string, inquiryId: string): Promise<void>;
  /** Deduplicated per request, latest wins; `soon` skips the progress delay. */
  sync(id: string, soon: boolean): Promise<void>;
  /** Bot side: show an inquiry's answer. */
  answer(inquiryId: string): Promise<void>;
  /** Wakes at about `at` (ms): the transition itself checks the time against Redis. */
  expire(id: string, at: number): Promise<void>;
  release(id: string, at: number): Promise<void>;
  /** Worker side: the grace watch after success, one look now; its handler answers `{ again: ms }` or `done` like a roll-out step. */
  grace(cluster: string, id: string): Promise<void>;
}

// ---------------------------------------------------------------- the cluster and the registries

export type Seen<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export type WriteResult =
  /** `already`: our stamp was there, nothing was sent. */
  { ok: true; already: boolean; generation?: number } | { ok: false; failure: Failure };

export type EvictResult =
  | { ok: true; gone: boolean }
  /** PDB says not now. */
  | { ok: false; blocked: string; detail: string; retryAfterMs?: number }
  | { ok: false; failure: Failure };

/** Throws BackendAway when the API server cannot be reached or answers 5xx/429 without a cause of its own. */
export interface Cluster {
  name: string;
  /** The app's workloads: the listed ones, else found by name and labels. Never guesses: several hits come back as `ambiguous-workload`. */
  find(ask: Pick<Ask, 'app' | 'namespaces' | 'workloads' | 'workload'>): Promise<Seen<WorkloadRef[]>>;
  snapshot(refs: WorkloadRef[]): Promise<Seen<Snapshot>>;
  credentials(ref: WorkloadRef): Promise<RegistryCredential[]>;
  patch(write: Extract<Write, { action: 'patch-template' }>, request: string): Promise<WriteResult>;
  /** Preconditioned on the uid; 404 or another uid = gone. */
  evict(pod: { namespace: string; name: string; uid: string }, options: { forceDelete: boolean }): Promise<EvictResult>;
  /** StatefulSet rollback: deletes a stuck pod by uid. */
  deletePod(pod: { namespace: string; name: string; uid: string }): Promise<WriteResult>;
  /** Last lines of a container, the previous instance first; undefined where RBAC or the kubelet says no. */
  lastLogs(pod: { namespace: string; name: string }, container: string): Promise<string[] | undefined>;
  /** Calls `wake` (at most every 200 ms) when an object or event of these workloads changes. Ends with the returned function. */
  watch(refs: WorkloadRef[], wake: () => void): () => void;
  /** Answers readyz, within 3 s. */
  ready(): Promise<boolean>;
}

export interface RegistryCredential {
  /** Host (with port, path or wildcard) as in a docker config file. */
  host: string;
  username: string;
  password: string;
  /** Which secret or file; never the content. */
  source: string;
}

export interface Registry {
  resolve(image: string, credentials: RegistryCredential[]): Promise<RegistryAnswer>;
}
