import { parseArgs } from 'node:util';
import { closest } from '../command/suggest.ts';
import { canI as decideFor, canINotes } from '../domain/can-i.ts';
import { appOf } from '../domain/grants.ts';
import type { ZonedClock } from '../domain/local-time.ts';
import { formatClock } from '../domain/local-time.ts';
import type { ActorFacts, ChannelFacts, DenyReason, Environment, LocalTime, Policy, PolicyDecision, PolicyVerb } from '../domain/policy.ts';
import { isPolicyVerb, POLICY_VERBS } from '../domain/policy.ts';
import { openAt } from '../domain/window.ts';
import type { ReadText } from './check-config.ts';
import { readPolicy, readUtf8 } from './check-config.ts';
import type { Environment as ProcessEnvironment } from './env-readers.ts';
import type { Outcome } from './outcome.ts';
import { EXIT, outcome, wrongConfig, wrongUsage } from './outcome.ts';
import { formatProblem } from './policy-file.ts';

const USAGE = 'Usage: repull can-i --config FILE --user U --channel C [--in-group S]… [--json] VERB APP ENV';

export interface CanI {
  env: ProcessEnvironment;
  /** Milliseconds; only for saying whether a window is open. */
  now: number;
  clock: ZonedClock;
  readText?: ReadText;
}

interface Question {
  file: string;
  json: boolean;
  actor: ActorFacts;
  channel: ChannelFacts;
  verb: PolicyVerb;
  app: string;
  environment: string;
}

/**
 * `repull can-i`: answers from the file alone, taking the caller's word for who somebody is: a full member, in the groups named, in a channel
 * of ours without an incident. Windows and freezes do not count, but are printed (with --json to stderr, so that stdout is the JSON).
 */
export function canI(args: readonly string[], given: CanI): Outcome {
  const question = readQuestion(args, given.env);
  if ('wrong' in question) return wrongUsage([`repull can-i: ${question.wrong}`, USAGE]);
  const parsed = readPolicy(question.file, given.readText ?? readUtf8);
  if (!parsed.ok) return wrongConfig(parsed.problems.map(formatProblem));
  const { actor, channel, verb } = question;
  const decision = decideFor(parsed.policy, actor, channel, verb, question, 'file');
  const environment = parsed.policy.environments.get(question.environment);
  const notes = environment === undefined ? [] : [...hours(environment, given.now, given.clock), ...more(parsed.policy, question)];
  const exitCode = decision.verdict === 'deny' ? EXIT.denied : EXIT.fine;
  const because = sentence(decision, question);
  if (question.json) {
    const { verdict } = decision;
    const json = { verdict, rule: decision.rule ?? null, votes: decision.verdict === 'ask' ? decision.votes : 0, because };
    return outcome(exitCode, [JSON.stringify(json)], notes);
  }
  return outcome(
    exitCode,
    [`${decision.verdict}: ${because}`, ...(decision.rule === undefined ? [] : [`rule: ${decision.rule}`]), ...notes],
    [],
  );
}

function more(policy: Policy, question: Question): string[] {
  const { actor, channel, verb, app } = question;
  const unlisted = `note: ${app} is not in the file; in Slack, an app without an entry may be found in the cluster by its name`;
  const notes = canINotes(policy, actor, channel, verb, question).map((note) => `note: ${note}`);
  return appOf(policy, app) === undefined ? [unlisted] : notes;
}

function readQuestion(args: readonly string[], env: ProcessEnvironment): Question | { wrong: string } {
  const parsed = parsedArgs(args);
  if ('wrong' in parsed) return parsed;
  const { values, positionals } = parsed;
  const file = values.config ?? env['REPULL_CONFIG']?.trim();
  if (file === undefined || file === '') return { wrong: '--config FILE is missing (and REPULL_CONFIG is not set)' };
  const { user, channel, json } = values;
  const groups = values['in-group'] ?? [];
  if (user === undefined) return { wrong: '--user is missing' };
  if (channel === undefined) return { wrong: '--channel is missing' };
  if (!/^[UW][A-Z0-9]+$/.test(user)) return { wrong: `--user takes a Slack user id (U…), not "${user}"` };
  if (!/^[CGD][A-Z0-9]+$/.test(channel)) return { wrong: `--channel takes a Slack channel id (C…), not "${channel}"` };
  const wrongGroup = groups.find((id) => !/^S[A-Z0-9]+$/.test(id));
  if (wrongGroup !== undefined) return { wrong: `--in-group takes a Slack user-group id (S…), not "${wrongGroup}"` };
  const [verb, app, environment, extra] = positionals;
  if (verb === undefined || app === undefined || environment === undefined) return { wrong: 'VERB, APP and ENV are needed' };
  if (extra !== undefined) return { wrong: `"${extra}" is one word too many` };
  if (!isPolicyVerb(verb)) {
    const meant = closest(verb, POLICY_VERBS);
    return {
      wrong: `there is no verb "${verb}"; known: ${POLICY_VERBS.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    };
  }
  return {
    file,
    json: json === true,
    actor: { userId: user, teamId: '', kind: 'member', groups: { known: true, ids: groups } },
    channel: { id: channel, shared: false, archived: false, kind: channel.startsWith('D') ? 'dm' : 'public' },
    verb,
    app,
    environment,
  };
}

const OPTIONS = {
  config: { type: 'string' },
  user: { type: 'string' },
  channel: { type: 'string' },
  'in-group': { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

function sentence(decision: PolicyDecision, question: Question): string {
  const what = `${question.verb} ${question.app} in ${question.environment}`;
  if (decision.verdict === 'allow') return `${question.actor.userId} may ${what}`;
  if (decision.verdict === 'deny') {
    const help = decision.help.length === 0 ? '' : ` (could: ${decision.help.join(', ')})`;
    return `${question.actor.userId} may not ${what}: ${denial(decision.because)}${help}`;
  }
  const from = decision.from === undefined ? '' : ` from ${decision.from.join(' or ')}`;
  return `${question.actor.userId} may ${what} with ${decision.votes} ${decision.votes === 1 ? 'approval' : 'approvals'}${from}${decision.self ? '' : ', not their own'}`;
}

function denial(because: DenyReason): string {
  switch (because.code) {
    case 'not-a-member':
      return `${because.kind} is no full member of the workspace`;
    case 'direct-message':
      return 'not in direct messages';
    case 'channel-shared':
      return 'the channel is shared with another workspace';
    case 'channel-archived':
      return 'the channel is archived';
    case 'channel-unknown':
      return 'the channel cannot be seen';
    case 'role-unconfirmed':
      return 'the roles cannot be confirmed';
    case 'wrong-channel':
      return `not in this channel, but in ${because.channels.join(', ')}`;
    case 'not-permitted':
      return 'no binding gives it';
    case 'self-approval':
      return 'nobody approves their own request here';
    case 'not-an-approver':
      return `approvals are wanted from ${because.from.join(' or ')}`;
    case 'incidents-off':
      return 'incident channels are off';
  }
}

function hours(environment: Environment, now: number, clock: ZonedClock): string[] {
  const opening = openAt(environment, now, clock);
  const spans =
    environment.windows === undefined ? 'always open' : `${environment.windows.map((span) => span.text).join(', ')} (${environment.zone})`;
  const next = !opening.open && opening.opensAt !== undefined ? `; opens ${new Date(opening.opensAt).toISOString()}` : '';
  const state = opening.open ? 'open now' : `closed now${opening.because === 'freeze' ? ', frozen' : ''}${next}`;
  const freezes = environment.freezes.map(
    ({ from, to, reason }) =>
      `freeze: ${dayText(from)} to ${dayText(to)} (${environment.zone})${reason === undefined ? '' : `: ${reason}`}`,
  );
  return [`windows: ${spans}; ${state}`, ...freezes];
}

const dayText = (time: LocalTime): string => (time.minutes === undefined ? time.date : `${time.date} ${formatClock(time.minutes)}`);
