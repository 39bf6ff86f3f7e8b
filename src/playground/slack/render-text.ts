/** A message as plain, readable text: what tests compare, golden files hold and a failed wait prints. */
import { isObject } from './check.ts';
import type { Block } from './types.ts';

type Shown = { text: string; blocks: readonly Block[] };

/** The blocks, line by line; where there are none, the text. Control sequences are shown as `@U1`, `#C1`, `label (url)`, entities undone. */
export function messageText(message: Shown): string {
  return message.blocks.length === 0 ? plain(message.text) : blocksText(message.blocks);
}

const blocksText = (blocks: readonly unknown[]): string => blocks.flatMap(blockLines).join('\n');

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** Slack's mrkdwn without its escapes and control sequences. */
function plain(text: string): string {
  return text
    .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/<!subteam\^(S\w+)(?:\|[^>]*)?>/g, '@$1')
    .replaceAll(/<!(\w+)(?:\|[^>]*)?>/g, '@$1')
    .replaceAll(/<@(\w+)(?:\|[^>]*)?>/g, '@$1')
    .replaceAll(/<#(\w+)(?:\|[^>]*)?>/g, '#$1')
    .replaceAll(/<([^|>]+)\|([^>]*)>/g, '$2 ($1)')
    .replaceAll(/<([^>]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** A text object; plain_text is shown as it is. */
export function textOf(value: unknown): string {
  if (!isObject(value)) return word(value);
  return value['type'] === 'mrkdwn' ? plain(word(value['text'])) : word(value['text']);
}

function blockLines(block: unknown): string[] {
  if (!isObject(block)) return [];
  switch (block['type']) {
    case 'header':
      return [`# ${textOf(block['text'])}`];
    case 'section':
      return [
        ...(block['text'] === undefined ? [] : [textOf(block['text'])]),
        ...list(block['fields']).map((field) => `| ${textOf(field).replaceAll('\n', ' ')}`),
        ...(block['accessory'] === undefined ? [] : [elementText(block['accessory'])]),
      ];
    case 'context':
      return [`· ${list(block['elements']).map(elementText).join(' · ')}`];
    case 'actions':
    case 'context_actions':
      return [list(block['elements']).map(elementText).join(' ')];
    case 'divider':
      return ['---'];
    case 'image':
      return [`(image: ${word(block['alt_text'])})`];
    case 'input':
      return [`${textOf(block['label'])}${block['optional'] === true ? ' (optional)' : ''}: ${elementText(block['element'])}`];
    case 'rich_text':
      return list(block['elements']).flatMap(richLines);
    case 'markdown':
      return [word(block['text'])];
    case 'alert':
      return [`! ${textOf(block['text'])}`];
    case 'table':
      return list(block['rows']).map((row) => list(row).map(cellText).join(' | '));
    case 'task_card':
      return [`[${word(block['status'])}] ${word(block['title'])}`, ...blockLines(block['details']), ...blockLines(block['output'])];
    case 'plan':
      return [`# ${word(block['title'])}`, ...list(block['tasks']).flatMap(blockLines)];
    case 'card':
      return [
        ...['title', 'subtitle', 'body'].flatMap((key) => (block[key] === undefined ? [] : [textOf(block[key])])),
        ...(block['actions'] === undefined ? [] : [list(block['actions']).map(elementText).join(' ')]),
      ];
    case 'carousel':
      return list(block['elements']).flatMap(blockLines);
    case 'container':
      return [`# ${textOf(block['title'])}`, ...blockLines(block['rich_text_title']), ...list(block['child_blocks']).flatMap(blockLines)];
    default:
      return [`(${word(block['type'])})`];
  }
}

/** `[Approve]` for a button, `{options}` for a choice, `____` for something to type into. */
function elementText(element: unknown): string {
  if (!isObject(element)) return '';
  const { type } = element;
  if (type === 'plain_text' || type === 'mrkdwn') return textOf(element);
  if (type === 'image') return `(image: ${word(element['alt_text'])})`;
  if (type === 'button' || type === 'icon_button') return `[${textOf(element['text'])}]`;
  const offered = [
    ...list(element['options']),
    ...list(element['option_groups']).flatMap((group) => (isObject(group) ? list(group['options']) : [])),
  ];
  if (offered.length > 0) return `{${offered.map((option) => (isObject(option) ? textOf(option['text']) : '')).join(', ')}}`;
  return `____${element['placeholder'] === undefined ? '' : ` (${textOf(element['placeholder'])})`}`;
}

function richLines(part: unknown): string[] {
  if (!isObject(part)) return [];
  const elements = list(part['elements']);
  if (part['type'] === 'rich_text_list') {
    return elements.map((entry, index) => `${part['style'] === 'ordered' ? `${index + 1}.` : '-'} ${richLines(entry).join(' ')}`);
  }
  const text = elements.map(inlineText).join('');
  if (part['type'] === 'rich_text_quote') return text.split('\n').map((line) => `> ${line}`);
  if (part['type'] === 'rich_text_preformatted') return ['```', text, '```'];
  return [text.replace(/\n$/, '')];
}

function inlineText(part: unknown): string {
  if (!isObject(part)) return '';
  switch (part['type']) {
    case 'text':
      return word(part['text']);
    case 'link':
      return part['text'] === undefined ? word(part['url']) : `${word(part['text'])} (${word(part['url'])})`;
    case 'user':
      return `@${word(part['user_id'])}`;
    case 'usergroup':
      return `@${word(part['usergroup_id'])}`;
    case 'broadcast':
      return `@${word(part['range'])}`;
    case 'channel':
      return `#${word(part['channel_id'])}`;
    case 'emoji':
      return `:${word(part['name'])}:`;
    case 'date':
      return word(part['fallback']) || new Date(Number(part['timestamp']) * 1000).toISOString();
    default:
      return '';
  }
}

const cellText = (cell: unknown): string => {
  if (!isObject(cell)) return '';
  return cell['type'] === 'rich_text' ? blockLines(cell).join(' ') : word(cell['text']);
};
