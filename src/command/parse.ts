import { build } from './build.ts';
import type { Command, Ignore, ParseContext, Reply } from './command.ts';
import type { Verb } from './grammar.ts';
import { FORMS, isTypedVerb, TYPED_VERBS } from './grammar.ts';
import { normalise } from './normalise.ts';
import type { Filled, Problem } from './read-form.ts';
import { readForm, shownWord, word } from './read-form.ts';
import { closest } from './suggest.ts';
import type { Token } from './tokens.ts';
import { printTokens, tokenise } from './tokens.ts';
import { usageLine } from './usage.ts';

/** Longer than any command; Slack itself takes 40,000 characters in a message. */
const LONGEST_LINE = 8000;
const HELP = new Set(['--help', '-h', '-help', '?']);

/**
 * What a person typed, as a command; or what is wrong with it, with a corrected line that is certain to be understood; or nothing of ours.
 * Never throws and never guesses. Names are not looked up: `decide` answers for them, and `nameHint` helps with typos in them.
 */
export function parse(text: string, context: ParseContext): Command | Reply | Ignore {
  const addressed = takeMention(text, context);
  if (addressed === undefined) return { ignore: 'mentioned within a sentence' };
  if (addressed.length > LONGEST_LINE)
    return { wrong: `That is ${addressed.length} characters long; a command has at most ${LONGEST_LINE}.` };
  const line = normalise(addressed);
  const read = tokenise(line);
  if (!read.ok) return unclosed(line, read.unclosed, context);
  // A line that we gave to copy begins with our own name.
  const tokens = read.tokens[0]?.text === '/repull' || read.tokens[0]?.text === '@repull' ? read.tokens.slice(1) : read.tokens;
  const result = understand(tokens, context);
  return 'wrong' in result ? reply(result, result.verb, context) : result;
}

/** Without the mention in front; undefined where it stands elsewhere. The listener may have taken it off already. */
function takeMention(text: string, context: ParseContext): string | undefined {
  if (context.source !== 'mention' || context.me === undefined) return text;
  const mention = text.indexOf(`<@${context.me}`);
  if (mention < 0) return text;
  if (text.slice(0, mention).trim() !== '') return undefined;
  return text.slice(mention).replace(/^<@[^>]*>\s*[:,]?/, '');
}

type Wrong = Problem & { verb: Verb };

function understand(tokens: readonly Token[], context: ParseContext): Command | Wrong {
  const [first] = tokens;
  if (first === undefined) return context.source === 'slash' ? { verb: 'modal' } : { verb: 'help' };
  const typed = !first.quoted && isTypedVerb(first.text) ? first.text : undefined;
  const verb: Verb = typed ?? 'repull';
  if (tokens.some((token) => !token.quoted && HELP.has(token.text))) return { verb: 'help', ...helpTopic(typed, tokens.length) };
  const head = typed === undefined ? [] : [first];
  const filled = readForm(verb, head, tokens.slice(head.length), context);
  if ('wrong' in filled) return { ...meantVerb(tokens, context, filled), verb };
  const late = lateVerb(filled);
  if (late !== undefined) return { ...late, verb };
  const missing = missingWord(filled, context);
  if (missing !== undefined) return { ...meantVerb(tokens, context, missing), verb };
  const built = build(filled, context);
  return 'wrong' in built ? { ...meantVerb(tokens, context, built), verb } : built;
}

/** `--force status prod` asks for no app called status. Whoever has one writes it in quotes. */
function lateVerb({ verb, words, tokens }: Filled): Problem | undefined {
  const [first] = words;
  if (verb !== 'repull' || first === undefined || !isTypedVerb(first)) return undefined;
  const typed = tokens.find((token) => token.text === first);
  if (typed === undefined || typed.quoted) return undefined;
  return { wrong: `The command comes first: ${first}, then everything else.`, fix: [typed, ...tokens.filter((token) => token !== typed)] };
}

function helpTopic(typed: Verb | undefined, words: number): { about?: string } {
  if (typed !== undefined && typed !== 'help') return { about: typed };
  return words > 1 && typed === undefined ? { about: 'repull' } : {};
}

function missingWord({ verb, words, tokens }: Filled, context: ParseContext): Problem | undefined {
  const missing = FORMS[verb].arguments[words.length];
  if (missing === undefined || missing.optional === true) return undefined;
  const [first] = words;
  if (missing.kind === 'environment') {
    const known = context.environments;
    if (verb === 'repull' && first !== undefined && known.includes(first) && !context.apps.includes(first)) {
      return { wrong: `Which app? ${shownWord(first)} is an environment.${listed('Apps', context.apps)}` };
    }
    const only = known.length === 1 ? known[0] : undefined;
    const about = first === undefined ? '' : ` ${verb === 'repull' ? `of ${shownWord(first)}` : `for ${verb} ${shownWord(first)}`}`;
    return {
      wrong: `Which environment${about}?${listed('Environments', known)}`,
      ...(only === undefined ? {} : { fix: insertWord(tokens, first, only) }),
    };
  }
  switch (missing.kind) {
    case 'app':
      return { wrong: `Which app?${listed('Apps', context.apps)}` };
    case 'id':
      return { wrong: `Which request? ${verb} needs an id; status and history show ids.` };
    case 'reason':
      return { wrong: `${verb} needs a reason, in quotes: everybody who is refused will read it.` };
    case 'switch':
      return { wrong: 'Say incident on or incident off.' };
    case 'right':
    case 'topic':
      return undefined;
  }
}

/** Behind the word it belongs to, in front of any flags. */
function insertWord(tokens: readonly Token[], behind: string | undefined, text: string): Token[] {
  const at = tokens.findIndex((token) => token.text === behind);
  return [...tokens.slice(0, at + 1), word(text), ...tokens.slice(at + 1)];
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return ` ${what} you may see here: ${names.slice(0, 10).join(', ')}${more}.`;
}

/** A line that does not work out may begin with a mistyped command: then that is the first thing to say. */
function meantVerb(tokens: readonly Token[], context: ParseContext, problem: Problem): Problem {
  const [first, ...rest] = tokens;
  if (first === undefined || first.quoted || isTypedVerb(first.text) || context.apps.includes(first.text)) return problem;
  const meant = closest(first.text, [...TYPED_VERBS, ...context.apps]);
  if (meant === undefined) return problem;
  const fix = [word(meant), ...rest];
  if (isTypedVerb(meant))
    return isUnderstood(fix, context) ? { wrong: `There is no command ${shownWord(first.text)}; did you mean ${meant}?`, fix } : problem;
  return problem.fix === undefined ? problem : { ...problem, fix: problem.fix.map((token) => (token === first ? word(meant) : token)) };
}

const isUnderstood = (tokens: readonly Token[], context: ParseContext): boolean => {
  const read = tokenise(printTokens(tokens));
  if (!read.ok) return false;
  const result = understand(read.tokens, context);
  return !('wrong' in result) && result.verb !== 'modal';
};

/** A corrected line is offered only if it works: whoever copies it must not be refused again. */
function reply(problem: Problem, verb: Verb, context: ParseContext): Reply {
  const { wrong, fix } = problem;
  const corrected = fix !== undefined && fix.length > 0 && isUnderstood(fix, context) ? `${context.prefix} ${printTokens(fix)}` : undefined;
  return { wrong, ...(corrected === undefined ? {} : { corrected }), usage: usageLine(verb, context.prefix) };
}

function unclosed(line: string, quote: string, context: ParseContext): Reply {
  const read = tokenise(`${line}${quote}`);
  const wrong = `A quote (${quote}) is never closed.`;
  if (!read.ok) return { wrong };
  const first = read.tokens[0];
  const verb = first !== undefined && !first.quoted && isTypedVerb(first.text) ? first.text : 'repull';
  return reply({ wrong, fix: read.tokens }, verb, context);
}
