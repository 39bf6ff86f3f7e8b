/**
 * The ports of the use cases: record, queues, cluster, registries; the ones towards Slack are in ports-slack.ts. Adapters implement them;
 * tests and the playground use the same adapters.
 * Convention: a problem a person can act on is a value; a throw means a bug or `BackendAway`.
 */
import type { Failure } from '../domain/failure.ts';
import type { Status } from '../domain/lifecycle.ts';
import type { Write } from '../domain/plan.ts';
import type { Ask, Milestone, RequestRecord, State } from '../domain/request.ts';
import type { Symptoms } from '../domain/rollout.ts';
import type { PullEvidence } from '../domain/verdict.ts';
import type { Snapshot, Workload, WorkloadRef } from '../domain/workload.ts';
import type { RegistryCredential } from './ports-registry.ts';

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
    | 'seal'
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
  /** Only the binding of this moment, where `at` is given. */
  unbind(channel: string, by: string, actionId: string, at?: number): Promise<boolean>;
  /** Those that are over and that nobody has unbound. */
  overdueIncidents(): Promise<Incident[]>;
  /** Stands in the audit stream: somebody was denied what makes no request (a freeze, a check). `about`: the environment, app or channel. */
  denied(attempt: { about: string; by: string; because: string }, actionId: string): Promise<void>;
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
      /** Pressed on the App Home: its hash, so that it is drawn anew afterwards, with the answer. */
      home?: string;
    }
  | { kind: 'submit'; callback: string; metadata: string; values: Record<string, string>; user: string; team: string; handle?: string }
  | { kind: 'home'; user: string; team: string }
  /** A bot mentioned us; its thread is the key, so that it is answered once there. */
  | { kind: 'bot-mention'; channel: string; thread: string }
  /** `became`: the same channel has this id now. */
  | { kind: 'channel-changed'; channel: string; became?: string };

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
  /** Bot side: say what was written down to be said. */
  announce(announcementId: string): Promise<void>;
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
  /** The object alone, without pods, events and owners: cheap enough to look at every few seconds for ten minutes. */
  workload(ref: WorkloadRef): Promise<Seen<Workload>>;
  credentials(ref: WorkloadRef): Promise<RegistryCredential[]>;
  patch(write: Extract<Write, { action: 'patch-template' | 'restart-at' }>, request: string): Promise<WriteResult>;
  /** The Job of a CronJob, once: `already` where it is there and carries this request's stamp. */
  runJob(write: Extract<Write, { action: 'run-job' }>, request: string): Promise<WriteResult>;
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
