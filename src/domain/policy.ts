import type { Method } from './method.ts';

/** What a role may allow (product.md §6). */
export const POLICY_VERBS = ['view', 'request', 'approve', 'cancel', 'rollback', 'freeze', 'override'] as const;
export type PolicyVerb = (typeof POLICY_VERBS)[number];
export const isPolicyVerb = (text: string): text is PolicyVerb => (POLICY_VERBS as readonly string[]).includes(text);

/** The group that needs no entry: every full member of the workspace. */
export const EVERYONE = 'everyone';

/** The policy file as trusted values: every reference in it has been checked, every default filled in, every alias replaced. */
export interface Policy {
  readonly environments: ReadonlyMap<string, Environment>;
  readonly apps: ReadonlyMap<string, App>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly bindings: readonly Binding[];
  /** Left out: no channel can be an incident channel. */
  readonly incidents?: IncidentRules;
}

export interface Environment extends Schedule {
  readonly name: string;
  readonly cluster: string;
  readonly namespaces: readonly string[];
  readonly approval: Approval;
  /** What may be carried out; `auto` chooses only among these. */
  readonly methods: readonly Method[];
  /** `force-delete` is listed among the methods: `--force-delete` is allowed here. Never by default. */
  readonly forceDelete: boolean;
  readonly onFailure: 'ask' | 'rollback';
  /** Execution must end this long after it was queued; milliseconds. */
  readonly deadlineMs: number;
}

interface Approval {
  /** 0: nobody is asked. */
  readonly votes: number;
  /** Group names; left out: anybody to whom a binding gives `approve`. */
  readonly from?: readonly string[];
  /** True where the requester's own vote counts. */
  readonly self: boolean;
  readonly expiresMs: number;
}

/** When an environment may be changed. */
export interface Schedule {
  /** IANA name; the zone of windows, of freeze days and of `--at`. UTC where the file names none. */
  readonly zone: string;
  /** Left out: always open. */
  readonly windows?: readonly WindowSpan[];
  readonly freezes: readonly PlannedFreeze[];
}

/** Minutes of a local day, 0…1440. */
export interface WindowSpan {
  /** As written, for answers: `Mon-Thu 09:00-16:30`. */
  readonly text: string;
  /** The days on which it starts, 0 = Sunday … 6 = Saturday. */
  readonly days: readonly number[];
  readonly from: number;
  /** At or below `from`: ends on the following day. */
  readonly to: number;
}

/** From the start of `from` until the end of `to`, both on the wall clock of the schedule's zone. */
export interface PlannedFreeze {
  readonly from: LocalTime;
  readonly to: LocalTime;
  readonly reason?: string;
}

/** A wall clock reading, or a whole day where `minutes` is left out. */
export interface LocalTime {
  /** `2026-12-20`. */
  readonly date: string;
  /** Since local midnight. */
  readonly minutes?: number;
}

export interface App {
  readonly name: string;
  /** `deployment/my-app`: kind in lower case, singular. */
  readonly workloads: readonly string[];
  readonly aliases: readonly string[];
}

export interface Group {
  readonly name: string;
  /** Slack user-group ids (`S…`). */
  readonly userGroups: readonly string[];
  /** Slack user ids (`U…`, `W…`). */
  readonly users: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly verbs: readonly PolicyVerb[];
  /** Names or globs (`*`). */
  readonly environments: readonly string[];
  /** Names or globs (`*`). */
  readonly apps: readonly string[];
}

export interface Binding {
  readonly role: string;
  readonly groups: readonly string[];
  /** Slack channel ids (`C…`, `G…`), or `*` for every channel. */
  readonly channels: readonly string[];
}

export interface IncidentRules {
  /** Groups whose members may bind a channel. */
  readonly bind: readonly string[];
  /** Left out: the environment's own votes count. */
  readonly votes?: number;
  readonly ignoreWindows: boolean;
  readonly reasonRequired: boolean;
  /** Channel id. */
  readonly announce: string;
}

/** Who acts, as Slack answered just now. Whoever cannot be confirmed is `unknown`, and may do nothing. */
export interface ActorFacts {
  readonly userId: string;
  readonly teamId: string;
  readonly kind: 'member' | 'guest' | 'bot' | 'deactivated' | 'stranger' | 'unknown';
  /**
   * Slack user-group ids that this person was seen in. `known: false`: some group could not be asked, so a group that is missing
   * from `ids` may or may not be theirs, and counts as no.
   */
  readonly groups: { readonly known: boolean; readonly ids: readonly string[] };
}

/** Where it happens, as Slack answered just now. */
export interface ChannelFacts {
  readonly id: string;
  /** With another workspace (Slack Connect), also while an invitation is pending. */
  readonly shared: boolean;
  readonly archived: boolean;
  readonly kind: 'public' | 'private' | 'dm' | 'unknown';
  /** Present only while the binding is in force: whoever fills this in has compared `until` with the clock. */
  readonly incident?: { readonly until: number };
}

export interface Target {
  /** Name or alias. Left out: the environment as a whole (freeze), for which a right to every app is needed. */
  readonly app?: string;
  readonly environment: string;
}

/** Goes into the record, so it is plain JSON. */
export type PolicyDecision =
  | { verdict: 'allow'; rule: string; incident?: IncidentTerms }
  | {
      verdict: 'ask';
      rule: string;
      votes: number;
      from?: string[];
      self: boolean;
      expiresMs: number;
      incident?: IncidentTerms;
      /** Asked for with `override` while the window was closed: the window is not asked any more. Freezes are never broken. */
      breakGlass?: true;
    }
  /** `help`: names of groups whose members could. */
  | { verdict: 'deny'; rule?: string; because: DenyReason; help: string[] };

/** What applies because the channel is bound to an incident. Freezes are never ignored. */
export interface IncidentTerms {
  reasonRequired: boolean;
  ignoreWindows: boolean;
  /** Channel id. */
  announce: string;
}

export type DenyReason =
  /** Guest, bot, deactivated, of another workspace, or not to be confirmed now. */
  | { code: 'not-a-member'; kind: Exclude<ActorFacts['kind'], 'member'> }
  /** `channels`: ids of channels where this person has rights. */
  | { code: 'direct-message'; channels: string[] }
  | { code: 'channel-shared' }
  | { code: 'channel-archived' }
  | { code: 'channel-unknown' }
  /** A user group could not be read just now, so nobody can say whether this person is in it. */
  | { code: 'role-unconfirmed' }
  /** Has rights, but in these channels. */
  | { code: 'wrong-channel'; channels: string[] }
  /** No binding gives it; also the answer for an app or environment that does not exist. */
  | { code: 'not-permitted' }
  | { code: 'self-approval' }
  /** `from`: the groups that the environment wants a vote from. */
  | { code: 'not-an-approver'; from: string[] }
  | { code: 'incidents-off' };
