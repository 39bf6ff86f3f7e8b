import type { ContextBlock, KnownBlock, MrkdwnElement, PlainTextElement, SectionBlock } from '@slack/types';
import { clean, escape, oneLine } from './escape.ts';
import { cut, LIMITS, SPAN } from './limits.ts';

/** What a renderer gives back: the blocks, and the same content as plain words, because screen readers read only `text`. */
export interface Rendered {
  text: string;
  blocks: KnownBlock[];
}

/** Markup that is ours (a mention, a date): it goes out as it is. Made only by the functions below. */
export interface Markup {
  readonly markup: string;
}

/** A plain string is always somebody's text: it is escaped in one place, here, so that no renderer can forget it. */
export type Span = string | { bold: string } | { code: string } | Markup;
export type Line = readonly Span[];

const SLACK_USER = /^[UW][A-Z0-9]{2,}$/;
const SLACK_CHANNEL = /^[CGD][A-Z0-9]{2,}$/;

/** A mention where it is a person's id; any other actor (`repull:clock`) is a name like any text. */
export const person = (id: string): Span => (SLACK_USER.test(id) ? { markup: `<@${id}>` } : id);
export const channel = (id: string): Span => (SLACK_CHANNEL.test(id) ? { markup: `<#${id}>` } : id);

/** In the reader's own time zone; the part after the bar is what clients without dates show. */
export function when(ms: number): Markup {
  const seconds = Math.floor(ms / 1000);
  const utc = new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return { markup: `<!date^${seconds}^{date_short_pretty} {time}|${utc} UTC>` };
}

/** To the second, as the API server writes its events: for evidence. */
export function whenExactly(ms: number): Markup {
  const seconds = Math.floor(ms / 1000);
  const utc = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return { markup: `<!date^${seconds}^{date_num} {time_secs}|${utc} UTC>` };
}

/** Only for addresses that Slack itself gave us (permalinks). */
export function link(url: string, label: string): Span {
  return /^https?:\/\/[^\s<>|]+$/.test(url) ? { markup: `<${url}|${escape(clean(label)).replaceAll('|', '¦')}>` } : label;
}

/** Inline code cannot hold a backtick or a line break. */
const inlineCode = (text: string): string => {
  const body = cut(oneLine(text), SPAN.code);
  return body === '' ? '–' : `\`${escape(body).replaceAll('`', 'ˋ')}\``;
};

/** Slack reads `* text *` as two asterisks: the spaces go outside. */
function bold(text: string): string {
  const body = escape(cut(oneLine(text), SPAN.bold)).replaceAll('*', '∗');
  if (body === '') return text === '' ? '' : ' ';
  return `${/^\s/.test(text) ? ' ' : ''}*${body}*${/\s$/.test(text) ? ' ' : ''}`;
}

export function mrkdwn(line: Line): string {
  return line
    .map((span) => {
      if (typeof span === 'string') return escape(cut(clean(span), SPAN.text));
      if ('markup' in span) return span.markup;
      if ('bold' in span) return bold(span.bold);
      return inlineCode(span.code);
    })
    .join('');
}

/** The same line for `text`: no asterisks and backticks to read aloud. `text` is parsed by Slack too, so it is escaped as well. */
export function speak(line: Line): string {
  return line
    .map((span) => {
      if (typeof span === 'string') return escape(cut(clean(span), SPAN.text));
      if ('markup' in span) return span.markup;
      return escape('bold' in span ? cut(clean(span.bold), SPAN.bold) : cut(oneLine(span.code), SPAN.code));
    })
    .join('');
}

/** Slack refuses a whole message for one empty text. */
const orDash = (text: string): string => (text.trim() === '' ? '–' : text);

/** `verbatim`: Slack must not make links and mentions out of what the text happens to look like. */
export const mrkdwnText = (text: string, max: number = LIMITS.sectionText): MrkdwnElement => ({
  type: 'mrkdwn',
  text: cut(orDash(text), max),
  verbatim: true,
});

/** Shown literally. Angle brackets become quotes, so that it is harmless wherever a client copies it to. */
export const plainText = (text: string, max: number): PlainTextElement => ({
  type: 'plain_text',
  text: cut(orDash(oneLine(text).replaceAll('<', '‹').replaceAll('>', '›')), max),
  emoji: true,
});

export const section = (lines: readonly Line[]): SectionBlock => ({ type: 'section', text: mrkdwnText(lines.map(mrkdwn).join('\n')) });
export const context = (line: Line): ContextBlock => ({ type: 'context', elements: [mrkdwnText(mrkdwn(line), LIMITS.contextText)] });

/** A run of lines that becomes one block and as many lines of `text`. */
export interface Part {
  lines: readonly Line[];
  blocks: KnownBlock[];
}

export const NOTHING: Part = { lines: [], blocks: [] };
export const sectionPart = (lines: readonly Line[]): Part => (lines.length === 0 ? NOTHING : { lines, blocks: [section(lines)] });
export const contextPart = (line: Line): Part => (line.length === 0 ? NOTHING : { lines: [line], blocks: [context(line)] });

const spoken = (parts: readonly Part[]): string => parts.flatMap((part) => part.lines.map(speak)).join('\n');

/** Nothing of it would have to be cut. */
export const fits = (parts: readonly Part[]): boolean =>
  spoken(parts).length <= LIMITS.updateText && parts.flatMap((part) => part.blocks).length <= LIMITS.blocks;

/** Joins parts into a message that keeps to Slack's limits. */
export function compose(parts: readonly Part[]): Rendered {
  const blocks = parts.flatMap((part) => part.blocks);
  const text = spoken(parts);
  if (blocks.length === 0) return { text: 'There is nothing to show.', blocks: [section([['There is nothing to show.']])] };
  return { text: cut(orDash(text), LIMITS.updateText), blocks: keepBlocks(blocks) };
}

/** Too many blocks: the middle goes, because the head says what happened and the tail holds the buttons. */
function keepBlocks(blocks: KnownBlock[]): KnownBlock[] {
  if (blocks.length <= LIMITS.blocks) return blocks;
  const tail = blocks.slice(-3);
  const head = blocks.slice(0, LIMITS.blocks - tail.length - 1);
  return [...head, context([`… and ${blocks.length - head.length - tail.length} more parts; Details has everything`]), ...tail];
}

/** Joins spans with a separator: `a · b · c`, leaving out what is not there. */
export function joined(lines: readonly (Line | undefined)[], separator = ' · '): Line {
  const present = lines.filter((line): line is Line => line !== undefined && line.length > 0);
  return present.flatMap((line, index) => (index === 0 ? [...line] : [separator, ...line]));
}
