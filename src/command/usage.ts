import type { FlagName, Verb } from './grammar.ts';
import { FLAGS, FORMS, flagOf, isTypedVerb, VERBS } from './grammar.ts';

/** `/repull freeze <env> "reason" [--for 2h]`, from the table that the parser reads. */
export function usageLine(verb: Verb, prefix = '/repull'): string {
  const form = FORMS[verb];
  const words = form.arguments.map(({ kind, shown, optional }) => {
    const word = kind === 'reason' || kind === 'switch' ? shown : `<${shown}>`;
    return optional === true ? `[${shown}]` : word;
  });
  return [prefix, ...(verb === 'repull' ? [] : [verb]), ...words, ...flagWords(form.flags)].join(' ');
}

/** Alternatives share one pair of brackets. */
function flagWords(names: readonly FlagName[]): string[] {
  const grouped = names.filter((name) => flagOf(name).group !== undefined);
  const single = names.filter((name) => flagOf(name).group === undefined);
  return [...(grouped.length === 0 ? [] : [`[${grouped.map(flagWord).join(' | ')}]`]), ...single.map((name) => `[${flagWord(name)}]`)];
}

function flagWord(name: FlagName): string {
  const { value } = flagOf(name);
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** Help as plain text, not escaped: all commands, or one of them with its flags. An unknown name gives all. */
export function usage(about?: string, prefix = '/repull'): string {
  const verb = about === 'repull' || (about !== undefined && isTypedVerb(about)) ? about : undefined;
  return verb === undefined ? everything(prefix) : one(verb, prefix);
}

function everything(prefix: string): string {
  const forms = VERBS.map((verb) => `${usageLine(verb, prefix)}\n    ${FORMS[verb].about}`);
  return [
    ...forms,
    `${prefix}\n    opens a form (as a slash command)`,
    '',
    'Flags',
    ...Object.keys(FLAGS).map((name) => flagHelp(name as FlagName)),
  ].join('\n');
}

function one(verb: Verb, prefix: string): string {
  const { about, flags } = FORMS[verb];
  return [usageLine(verb, prefix), `    ${about}`, ...(flags.length === 0 ? [] : ['', 'Flags', ...flags.map(flagHelp)])].join('\n');
}

const flagHelp = (name: FlagName): string => `${flagWord(name)}\n    ${flagOf(name).about}`;
