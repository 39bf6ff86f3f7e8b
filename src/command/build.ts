import { isPolicyVerb, POLICY_VERBS } from '../domain/policy.ts';
import type { Command, ParseContext } from './command.ts';
import { isTypedVerb, VERBS } from './grammar.ts';
import { buildOptions, given } from './options.ts';
import { optional, wrongWord } from './read-value.ts';
import type { Filled, Problem } from './read-form.ts';
import { shownWord, word } from './read-form.ts';
import { closest } from './suggest.ts';
import type { Read } from './values.ts';
import { readFor, readId, readName, readReason, readStatus, readUser } from './values.ts';

/** A filled form made into a command. Every needed word is there; what it says may still be wrong. */
export function build(filled: Filled, context: ParseContext): Command | Problem {
  const { verb, words } = filled;
  switch (verb) {
    case 'repull':
      if (/^[^:@]+:[^:@]+$/.test(words[0] ?? '')) return tagInName(filled, words[0] ?? '');
      return onApp(filled, (app, environment) => {
        const options = buildOptions(filled);
        return 'wrong' in options ? options : { verb, app, environment, options };
      });
    case 'check':
      return onApp(filled, (app, environment) => ({ verb, app, environment }));
    case 'rollback':
      return onApp(filled, (app, environment) => {
        const reason = optional(filled, filled.flags.get('reason'), readReason);
        return 'wrong' in reason ? reason : { verb, app, environment, ...(reason.value === undefined ? {} : { reason: reason.value }) };
      });
    case 'can-i':
      return onApp(filled, (app, environment) => {
        const about = words[2];
        if (about === undefined) return { verb, app, environment };
        if (isPolicyVerb(about)) return { verb, app, environment, about };
        return wrongWord(filled, about, {
          wrong: `There is no right ${shownWord(about)}. Known: ${POLICY_VERBS.join(', ')}.`,
          meant: closest(about, POLICY_VERBS),
        });
      });
    case 'status':
      return looking(filled, verb, context);
    case 'history':
      return history(filled, context);
    case 'show':
    case 'cancel':
      return mapped(filled, words[0] ?? '', readId, (id) => ({ verb, id }));
    case 'freeze':
      return onEnvironment(filled, (environment) =>
        mapped(filled, words[1] ?? '', readReason, (reason) => {
          const forMs = optional(filled, filled.flags.get('for'), readFor);
          return 'wrong' in forMs ? forMs : { verb, environment, reason, ...(forMs.value === undefined ? {} : { forMs: forMs.value }) };
        }),
      );
    case 'unfreeze':
      return onEnvironment(filled, (environment) => ({ verb, environment }));
    case 'incident':
      return buildIncident(filled);
    case 'apps':
    case 'envs':
      return { verb };
    case 'help':
      return buildHelp(filled);
  }
}

type Built = Command | Problem;

/** `my-app:v2 prod`, as with docker. */
function tagInName(filled: Filled, text: string): Problem {
  const [app = '', tag = ''] = text.split(':');
  const wrong = `${shownWord(text)} cannot be the name of an app; a tag is given with --tag.`;
  if ((['tag', 'image', 'pin'] as const).some((flag) => filled.flags.has(flag))) return { wrong };
  return { wrong, fix: [...filled.tokens.map((token) => (token.text === text ? word(app) : token)), word('--tag'), word(tag)] };
}

function onApp(filled: Filled, then: (app: string, environment: string) => Built): Built {
  const [first = '', second = ''] = filled.words;
  return mapped(
    filled,
    first,
    (text) => readName(text, 'app'),
    (app) =>
      mapped(
        filled,
        second,
        (text) => readName(text, 'environment'),
        (environment) => then(app, environment),
      ),
  );
}

const onEnvironment = (filled: Filled, then: (environment: string) => Built): Built =>
  mapped(filled, filled.words[0] ?? '', (text) => readName(text, 'environment'), then);

/** One word alone is an app, unless it can only be an environment. */
function looking(filled: Filled, verb: 'status' | 'history', context: ParseContext): Built {
  const [first, second] = filled.words;
  if (first === undefined) return { verb };
  if (second !== undefined) return onApp(filled, (app, environment) => ({ verb, app, environment }));
  if (context.environments.includes(first) && !context.apps.includes(first)) return { verb, environment: first };
  return mapped(
    filled,
    first,
    (text) => readName(text, 'app'),
    (app) => ({ verb, app }),
  );
}

function history(filled: Filled, context: ParseContext): Built {
  const user = optional(filled, filled.flags.get('user'), readUser);
  const result = optional(filled, filled.flags.get('result'), readStatus);
  const before = optional(filled, filled.flags.get('before'), readId);
  for (const each of [user, result, before]) if ('wrong' in each) return each;
  const command = looking(filled, 'history', context);
  if ('wrong' in command || command.verb !== 'history') return command;
  return {
    ...command,
    ...given('user', user),
    ...given('result', result),
    ...given('before', before),
  };
}

function buildIncident(filled: Filled): Built {
  const [text = ''] = filled.words;
  if (text !== 'on' && text !== 'off') {
    return wrongWord(filled, text, {
      wrong: `Say incident on or incident off, not ${shownWord(text)}.`,
      meant: closest(text, ['on', 'off']),
    });
  }
  const forMs = optional(filled, filled.flags.get('for'), readFor);
  if ('wrong' in forMs) return forMs;
  if (forMs.value === undefined) return { verb: 'incident', on: text === 'on' };
  if (text === 'on') return { verb: 'incident', on: true, forMs: forMs.value };
  return { wrong: 'incident off takes effect at once; --for belongs to incident on.', fix: filled.tokens.slice(0, 2) };
}

function buildHelp(filled: Filled): Built {
  const about = filled.words[0];
  if (about === undefined) return { verb: 'help' };
  if (about === 'repull' || isTypedVerb(about)) return { verb: 'help', about };
  return wrongWord(filled, about, {
    wrong: `There is no command ${shownWord(about)}. Known: ${VERBS.join(', ')}.`,
    meant: closest(about, VERBS),
  });
}

function mapped<T>(filled: Filled, text: string, read: (text: string) => Read<T>, then: (value: T) => Built): Built {
  const result = read(text);
  return result.ok ? then(result.value) : wrongWord(filled, text, result);
}
