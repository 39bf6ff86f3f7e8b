/** Texts that somebody else wrote, at their worst: what a person types, what an annotation, an image or a kubelet says. */
import type { KnownBlock } from '@slack/types';
import type { Rendered } from '../../../src/slack/render/rich.ts';

export const CORPUS: readonly string[] = [
  '<!channel>',
  '<!here|here>',
  '<!everyone>',
  '<!subteam^S0SRE00001|@sre>',
  '<@U0SRE00001>',
  '<#C0DEPLOYS1>',
  '<http://evil.example|prod>',
  '<mailto:a@b.c|approve>',
  'https://evil.example/archives/C0DEPLOYS1/p1',
  'https://slack.com.evil.example/archives/C0DEPLOYS1/p1',
  '<!date^1^{date}^http://evil.example|now>',
  '```\n*done*\n```',
  '`code` *bold* _it_ ~no~',
  '> quote\n>>> all of it',
  '&lt;!channel&gt; &amp;',
  'shop\u202egpj.exe\u202c',
  'a\u200bb\u2066c\u2069\ufeff',
  'tab\tnull\u0000bell\u0007',
  'half \ud83d pair',
  'a|b>c<d&e',
  ' '.repeat(30),
  '',
];

/** Fields that hold somebody's words. All others are ids, numbers and closed unions. */
const WORDS = new Set(
  (
    'app environment cluster namespace name container image imageAfter why downtime reason subject evidence remedy look text detail message ' +
    'reference rule evidenceText blockedBy pod node label by requester holder wrong corrected usage note verb link kindText'
  ).split(' '),
);
const LISTS = new Set('warnings logs namespaces workloadsText help from notes rights aliases environments'.split(' '));

/** The same value with every such field replaced by `word(n)`. */
export function poisoned<T>(value: T, word: (n: number) => string): T {
  let n = 0;
  const walk = (each: unknown, key: string): unknown => {
    if (typeof each === 'string') return WORDS.has(key) ? word(n++) : each;
    if (Array.isArray(each)) return each.map((entry) => (typeof entry === 'string' && LISTS.has(key) ? word(n++) : walk(entry, '')));
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, entry]) => [name, walk(entry, name)]));
  };
  return walk(value, '') as T;
}

/** Every string that Slack would parse. */
export function parsedStrings(rendered: { text?: string; blocks: readonly KnownBlock[] }): string[] {
  const found: string[] = rendered.text === undefined ? [] : [rendered.text];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    if ('type' in value && value.type === 'mrkdwn' && 'text' in value && typeof value.text === 'string') found.push(value.text);
    else Object.values(value).forEach(walk);
  };
  walk(rendered.blocks);
  return found;
}

const OURS =
  /<@[UW][A-Z0-9]+>|<#[CGD][A-Z0-9]+>|<!date\^\d+\^(?:\{date_short_pretty\} \{time\}|\{date_num\} \{time_secs\})\|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC>|<https:\/\/[a-z0-9.-]+\.slack\.com\/[^\s<>|]+\|[^<>|]*>/g;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/u;

/** What of a string that Slack parses is markup which is not ours, or would deceive the reader. */
export function complaints(text: string): string[] {
  const rest = text.replaceAll(OURS, '').replaceAll(/&(?:amp|lt|gt);/g, '');
  const found: string[] = [];
  if (/[<>&]/.test(rest))
    found.push(`unescaped: ${JSON.stringify(rest.slice(Math.max(0, rest.search(/[<>&]/) - 30), rest.search(/[<>&]/) + 60))}`);
  if (INVISIBLE.test(text)) found.push('invisible character');
  return found;
}

export const everything = (rendered: Rendered): string[] => parsedStrings(rendered).flatMap(complaints);
