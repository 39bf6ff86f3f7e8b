import type { FlagName, Form, Verb } from './grammar.ts';
import { FLAGS, FORMS, flagOf, isFlagName } from './grammar.ts';
import { closest } from './suggest.ts';
import type { Token } from './tokens.ts';
import { isFlagLike } from './tokens.ts';

/** What is wrong, and the words that may have been meant (without the prefix). Whoever shows the line makes sure that it is understood. */
export interface Problem {
  wrong: string;
  fix?: Token[];
}

/** A line sorted by the table; values are still texts. */
export interface Filled {
  readonly verb: Verb;
  /** In the order of the form's arguments. */
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<FlagName, string>;
  /** Everything that was typed, for corrected lines. */
  readonly tokens: readonly Token[];
}

export const word = (text: string): Token => ({ text, quoted: false });
const value = (text: string): Token => ({ text, quoted: true });

/** Long enough to recognise, short enough to read. */
export const shownWord = (text: string): string => (text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`);

/** What the caller may see here. */
export interface Known {
  apps: readonly string[];
  environments: readonly string[];
}

/** `rest` are the tokens behind the verb; `head` the verb itself, or nothing for the form without one. */
export function readForm(verb: Verb, head: readonly Token[], rest: readonly Token[], known: Known): Filled | Problem {
  const form: Form = FORMS[verb];
  const words: { token: Token; at: number }[] = [];
  const flags = new Map<FlagName, string>();
  let lastValueAt: number | undefined;
  for (let at = 0; at < rest.length; at += 1) {
    const token = rest[at];
    if (token === undefined) break;
    if (token.quoted || !isFlagLike(token.text)) {
      // Words right behind an unquoted reason are the rest of it, forgotten quotes and all.
      const flag = lastValueAt === at - 1 ? rest[at - 2]?.text : undefined;
      if (flag === '--reason') return reasonWithoutQuotes(head, rest, at);
      if (flag === '--at' && /^\d{2}:\d{2}$/.test(token.text)) return timeWithoutQuotes(head, rest, at);
      words.push({ token, at });
      continue;
    }
    const name = token.text.replace(/^--/, '');
    const replaced = (texts: Token[], span = 1): Token[] => [...head, ...rest.slice(0, at), ...texts, ...rest.slice(at + span)];
    if (!isFlagName(name) || !form.flags.includes(name)) return unknownFlag(verb, token, replaced, rest[at + 1]);
    if (flags.has(name))
      return {
        wrong: `--${name} is given twice.`,
        fix: replaced([], flagOf(name).value === undefined || token.value !== undefined ? 1 : 2),
      };
    if (flagOf(name).value === undefined) {
      if (token.value !== undefined) return { wrong: `--${name} takes no value.`, fix: replaced([word(`--${name}`)]) };
      flags.set(name, '');
      continue;
    }
    const following = rest[at + 1];
    if (token.value !== undefined) flags.set(name, token.value);
    else if (following === undefined || (!following.quoted && isFlagLike(following.text)))
      return { wrong: `--${name} needs a value: --${name} ${flagOf(name).value}.` };
    else {
      flags.set(name, following.text);
      at += 1;
      lastValueAt = following.quoted ? undefined : at;
    }
  }
  if (words.length > form.arguments.length) return tooMany(form, head, rest, words, known);
  return { verb, words: words.map(({ token }) => token.text), flags, tokens: [...head, ...rest] };
}

function unknownFlag(
  verb: Verb,
  token: Token,
  replaced: (texts: Token[], span?: number) => Token[],
  following: Token | undefined,
): Problem {
  const form = FORMS[verb];
  const bare = token.text.replace(/^-+/, '');
  const name = verb === 'repull' ? 'This command' : verb;
  if (token.text === `--${bare}` && isFlagName(bare)) {
    const takesNext =
      flagOf(bare).value !== undefined &&
      token.value === undefined &&
      following !== undefined &&
      (following.quoted || !isFlagLike(following.text));
    return { wrong: `${name} takes no --${bare}.`, fix: replaced([], takesNext ? 2 : 1) };
  }
  // Two hyphens forgotten, or a capital from a phone, is the nearest there is.
  const meant = form.flags.find((flag) => flag === bare.toLowerCase()) ?? closest(bare, form.flags);
  const elsewhere = meant === undefined ? closest(bare, Object.keys(FLAGS)) : undefined;
  const hint = elsewhere === undefined ? '' : ` (--${elsewhere} belongs to another command)`;
  const known = form.flags.length === 0 ? `${name} takes no flags.` : `Known here: ${form.flags.map((flag) => `--${flag}`).join(', ')}.`;
  if (meant === undefined) return { wrong: `There is no flag ${shownWord(token.text)}${hint}. ${known}` };
  const corrected: Token = token.value === undefined ? word(`--${meant}`) : { ...word(`--${meant}`), value: token.value };
  return { wrong: `There is no flag ${shownWord(token.text)}; did you mean --${meant}?`, fix: replaced([corrected]) };
}

/** `--reason fix the thing`: everything up to the next flag, in quotes. */
function reasonWithoutQuotes(head: readonly Token[], rest: readonly Token[], at: number): Problem {
  let end = at;
  while (end < rest.length && (rest[end]?.quoted === true || !isFlagLike(rest[end]?.text ?? ''))) end += 1;
  const reason = rest
    .slice(at - 1, end)
    .map((token) => token.text)
    .join(' ');
  return {
    wrong: 'A reason of several words needs quotes around it.',
    fix: [...head, ...rest.slice(0, at - 1), value(reason), ...rest.slice(end)],
  };
}

function timeWithoutQuotes(head: readonly Token[], rest: readonly Token[], at: number): Problem {
  const time = `${rest[at - 1]?.text} ${rest[at]?.text}`;
  return {
    wrong: 'A date with a time needs quotes around it.',
    fix: [...head, ...rest.slice(0, at - 1), value(time), ...rest.slice(at + 1)],
  };
}

interface Placed {
  readonly token: Token;
  readonly at: number;
}

function tooMany(form: Form, head: readonly Token[], rest: readonly Token[], words: readonly Placed[], known: Known): Problem {
  const last = form.arguments.length - 1;
  if (form.arguments[last]?.kind === 'reason') {
    const reason = textOf(words.slice(last));
    const others = new Set(words.slice(last).map(({ at }) => at));
    const first = words[last]?.at;
    const fix = rest.flatMap((token, at) => (at === first ? [value(reason)] : others.has(at) ? [] : [token]));
    return { wrong: 'A reason of several words needs quotes around it.', fix: [...head, ...fix] };
  }
  const extra = words.slice(last + 1);
  const shown = extra.slice(0, 3).map(({ token }) => shownWord(token.text));
  const wrong = `I do not know what to do with ${shown.join(', ')}.`;
  const kept = keptWords(form, words, known);
  if (kept === undefined) return { wrong };
  const spare = words.filter((each) => !kept.includes(each));
  const gone = new Set(spare.map(({ at }) => at));
  const line = [...head, ...rest.filter((_, at) => !gone.has(at))];
  // Several words behind the names are a reason whose flag was forgotten.
  const behind = spare.every(({ at }) => at > (kept.at(-1)?.at ?? 0)) && spare.length > 1;
  const names = [...known.apps, ...known.environments];
  const isReason = behind && form.flags.includes('reason') && !spare.some(({ token }) => names.includes(token.text));
  if (!isReason || rest.some((token) => token.text === '--reason')) return { wrong, fix: line };
  return { wrong: `${wrong} A reason is given with --reason.`, fix: [...line, word('--reason'), value(textOf(spare))] };
}

const textOf = (words: readonly Placed[]): string => words.map(({ token }) => token.text).join(' ');

/**
 * Which of too many words were meant: an app and an environment that stand there once each ("my-app in prod", "please repull my-app prod"),
 * or the first ones where these fit. Anything else would be a guess.
 */
function keptWords(form: Form, words: readonly Placed[], known: Known): readonly Placed[] | undefined {
  const [first, second] = form.arguments;
  const start = words.slice(0, form.arguments.length);
  if (first?.kind !== 'app' || second?.kind !== 'environment') return start;
  const fits = known.apps.includes(words[0]?.token.text ?? '') && known.environments.includes(words[1]?.token.text ?? '');
  if (fits) return start;
  const [app, otherApp] = words.filter(({ token }) => known.apps.includes(token.text));
  const [environment, otherEnvironment] = words.filter(({ token }) => known.environments.includes(token.text));
  if (app === undefined || environment === undefined || otherApp !== undefined || otherEnvironment !== undefined) return undefined;
  return app.at < environment.at ? [app, environment] : undefined;
}
