import type { Command } from './command.ts';

/** The first word of a command; `repull` is the form without one. */
export type Verb = Exclude<Command['verb'], 'modal'>;
export type TypedVerb = Exclude<Verb, 'repull'>;

export interface Argument {
  readonly kind: 'app' | 'environment' | 'id' | 'reason' | 'switch' | 'right' | 'topic';
  /** As it stands in the usage line, without brackets. */
  readonly shown: string;
  readonly optional?: true;
}

export interface Form {
  readonly arguments: readonly Argument[];
  readonly flags: readonly FlagName[];
  /** One line of help. */
  readonly about: string;
}

export interface Flag {
  /** What stands after it; left out for a switch. */
  readonly value?: string;
  readonly about: string;
  /** In the usage line, alternatives share brackets: `[--tag T | --image REF | --pin]`. */
  readonly group?: 'target';
}

/** The one table: the parser reads it, and usage and help are written from it. Order is the order of the help. */
export const FLAGS = {
  tag: { value: 'T', about: 'run this tag of the same repository (method set-image)', group: 'target' },
  image: { value: 'REF', about: 'run this image reference (method set-image)', group: 'target' },
  pin: { about: 'resolve the tag to its digest and run exactly that (method pin)', group: 'target' },
  via: { value: 'METHOD', about: 'auto (default), set-image, evict, always, restart or pin' },
  workload: { value: 'kind/name', about: 'only this one of the workloads of the app' },
  container: { value: 'C', about: 'only this container' },
  pod: { value: 'NAME', about: 'only this pod (method evict)' },
  reason: { value: '"…"', about: 'why, for the card and the history; up to 500 characters' },
  at: { value: 'window|"2026-12-01 22:00"', about: 'at the next opening of the maintenance window, or at this time there' },
  'dry-run': { about: 'show the plan and change nothing' },
  force: { about: 'also where the registry holds nothing new' },
  now: { about: 'a Job of a CronJob now, instead of waiting for its next run' },
  override: { about: 'break glass: also outside the maintenance window; needs --reason, the right override, and a second person' },
  'force-delete': { about: 'delete pods that cannot be evicted; only where the policy allows it (method evict)' },
  user: { value: '@somebody', about: 'only what this person asked for; me is yourself' },
  result: { value: 'STATE', about: 'only requests that stand there: succeeded, failed, refused, …' },
  before: { value: 'ID', about: 'older than this request: the next page' },
  for: { value: '2h', about: 'how long: 20s, 30m, 2h, 1d' },
} as const satisfies Record<string, Flag>;
export type FlagName = keyof typeof FLAGS;

const APP: Argument = { kind: 'app', shown: 'app' };
const ENV: Argument = { kind: 'environment', shown: 'env' };
const ID: Argument = { kind: 'id', shown: 'id' };
const perhaps = (argument: Argument): Argument => ({ ...argument, optional: true });

export const FORMS: Readonly<Record<Verb, Form>> = {
  repull: {
    arguments: [APP, ENV],
    flags: [
      'tag',
      'image',
      'pin',
      'via',
      'workload',
      'container',
      'pod',
      'reason',
      'at',
      'dry-run',
      'force',
      'now',
      'override',
      'force-delete',
    ],
    about: 'make every pod of an app fetch its image again, and prove it',
  },
  check: { arguments: [APP, ENV], flags: [], about: 'is there anything newer to pull?' },
  status: { arguments: [perhaps(APP), perhaps(ENV)], flags: [], about: 'what is running, queued and waiting for approval' },
  history: { arguments: [perhaps(APP), perhaps(ENV)], flags: ['user', 'result', 'before'], about: 'what happened, newest first' },
  show: { arguments: [ID], flags: [], about: 'one request, whole' },
  cancel: { arguments: [ID], flags: [], about: 'stop a request' },
  rollback: { arguments: [APP, ENV], flags: ['reason'], about: 'back to the digests recorded before the last request' },
  freeze: { arguments: [ENV, { kind: 'reason', shown: '"reason"' }], flags: ['for'], about: 'allow no changes there for now' },
  unfreeze: { arguments: [ENV], flags: [], about: 'end a freeze' },
  incident: {
    arguments: [{ kind: 'switch', shown: 'on|off' }],
    flags: ['for'],
    about: 'bind this channel as an incident channel, or let it go',
  },
  'can-i': {
    arguments: [APP, ENV, { kind: 'right', shown: 'verb', optional: true }],
    flags: [],
    about: 'what you may do here, which rule says so, and who can help',
  },
  apps: { arguments: [], flags: [], about: 'the apps you may see here' },
  envs: { arguments: [], flags: [], about: 'the environments you may see here' },
  help: { arguments: [{ kind: 'topic', shown: 'command', optional: true }], flags: [], about: 'this, or one command in detail' },
};

export const VERBS = Object.keys(FORMS) as Verb[];
export const TYPED_VERBS = VERBS.filter((verb): verb is TypedVerb => verb !== 'repull');
export const isTypedVerb = (word: string): word is TypedVerb => (TYPED_VERBS as readonly string[]).includes(word);
export const isFlagName = (word: string): word is FlagName => Object.hasOwn(FLAGS, word);
export const flagOf = (name: FlagName): Flag => FLAGS[name];

/** Longer is refused, never cut. Counted in characters as people see code points, not in UTF-16 units. */
export const LONGEST_REASON = 500;
