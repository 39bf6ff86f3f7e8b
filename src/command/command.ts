import type { Status } from '../domain/lifecycle.ts';
import type { Method } from '../domain/method.ts';
import type { PolicyVerb } from '../domain/policy.ts';
import type { WorkloadName } from '../domain/workload-name.ts';

/** What a person asked for, understood and complete. Names are as typed: whether they exist, and for whom, is for `decide` to say. */
export type Command =
  | { verb: 'repull'; app: string; environment: string; options: RepullOptions }
  | { verb: 'check'; app: string; environment: string }
  | { verb: 'status'; app?: string; environment?: string }
  /** `user` is a Slack id, or `me`. */
  | { verb: 'history'; app?: string; environment?: string; user?: string; result?: Status; before?: string }
  | { verb: 'show'; id: string }
  | { verb: 'cancel'; id: string }
  | { verb: 'rollback'; app: string; environment: string; reason?: string }
  | { verb: 'freeze'; environment: string; reason: string; forMs?: number }
  | { verb: 'unfreeze'; environment: string }
  | { verb: 'incident'; on: boolean; forMs?: number }
  | { verb: 'can-i'; app: string; environment: string; about?: PolicyVerb }
  | { verb: 'apps' }
  | { verb: 'envs' }
  | { verb: 'help'; about?: string }
  | { verb: 'modal' };

export interface RepullOptions {
  /** With `tag` or `image` always `set-image`; with `pod` or `forceDelete` always `evict`; `--pin` is `pin`. */
  via: Method;
  tag?: string;
  /** A whole reference, as typed. */
  image?: string;
  workload?: WorkloadName;
  container?: string;
  pod?: string;
  reason?: string;
  at?: At;
  dryRun: boolean;
  force: boolean;
  forceDelete: boolean;
  now?: true;
  /** Break glass; with a reason always. */
  override?: true;
}

/** `--at`: the next opening, or a wall clock time in the environment's zone (`readWall` of domain/local-time.ts makes it an instant). */
export type At = { kind: 'window' } | { kind: 'time'; date: string; minutes: number };

/** What is wrong, in words; the corrected line, which is certain to be understood; and how the command is written. Plain text, not escaped. */
export interface Reply {
  wrong: string;
  corrected?: string;
  usage?: string;
}

/** Not meant for us: say nothing. */
export interface Ignore {
  ignore: string;
}

export interface ParseContext {
  /** A mention in the middle of a sentence is conversation; a bare slash command opens the modal. */
  source: 'slash' | 'mention';
  /** What to begin a corrected line with: `/repull` or `@repull`. */
  prefix: string;
  /** Our own user id, to take the mention off the front. */
  me?: string;
  /** Only what this caller may see here: suggestions are made from nothing else. Names and aliases. */
  apps: readonly string[];
  environments: readonly string[];
}
