/** Mentions: which ones a payload makes Slack deliver, and how typed text becomes one. */
import { isObject } from './check.ts';
import type { Directory } from './directory.ts';
import type { Mention } from './types.ts';

const CONTROL = /<(?:@([UW][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+)|!(channel|here|everyone))(?:\|[^>]*)?>/g;

/** Control sequences in text that Slack parses. Unknown ids notify nobody. */
function inMrkdwn(text: string, directory: Directory): Mention[] {
  return [...text.matchAll(CONTROL)].flatMap((match): Mention[] => {
    const [, user, group, range] = match;
    if (user !== undefined) return directory.users.has(user) ? [{ kind: 'user', id: user }] : [];
    if (group !== undefined) return directory.groups.has(group) ? [{ kind: 'group', id: group }] : [];
    return range === 'channel' || range === 'here' || range === 'everyone' ? [{ kind: range, id: range }] : [];
  });
}

/** Walks a payload: mrkdwn text objects, markdown blocks and rich_text elements notify; plain_text and raw_text do not. Confirm dialogs neither. */
function inBlocks(value: unknown, directory: Directory): Mention[] {
  if (Array.isArray(value)) return value.flatMap((entry) => inBlocks(entry, directory));
  if (!isObject(value)) return [];
  const { type, text } = value;
  if ((type === 'mrkdwn' || type === 'markdown') && typeof text === 'string') return inMrkdwn(text, directory);
  if (type === 'user' && typeof value['user_id'] === 'string') return inMrkdwn(`<@${value['user_id']}>`, directory);
  if (type === 'usergroup' && typeof value['usergroup_id'] === 'string') return inMrkdwn(`<!subteam^${value['usergroup_id']}>`, directory);
  if (type === 'broadcast' && typeof value['range'] === 'string') return inMrkdwn(`<!${value['range']}>`, directory);
  return Object.entries(value).flatMap(([key, entry]) => (key === 'confirm' ? [] : inBlocks(entry, directory)));
}

/** Who gets a notification of a message with this text and these blocks; each once. */
export function mentionsIn(text: string, blocks: readonly unknown[], directory: Directory): Mention[] {
  const found = new Map<string, Mention>();
  for (const mention of [...inMrkdwn(text, directory), ...inBlocks(blocks, directory)]) found.set(`${mention.kind} ${mention.id}`, mention);
  return [...found.values()];
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** What Slack's composer turns into a link by itself: a URL, or a bare host of a well-known domain with what follows it. */
const LINK =
  /\bhttps?:\/\/[^\s<>]+|(?<![\w.@/-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|io|dev|app|cloud|de|eu)(?=[/:\s]|$)(?:[/:][^\s<>]*)?/gi;

/**
 * Typed text as Slack stores and sends it: `& < >` escaped, `@name`, `@group`, `#channel`, `@here` resolved, links wrapped. Text that
 * already holds `<@U…>`, `<#C…>`, `<!subteam^S…>` keeps them, for tests that think in ids. Private channels come with an empty label.
 */
export function encodeTyped(typed: string, directory: Directory): string {
  const pieces = typed.split(/(<(?:[@#][A-Z0-9]+|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>)/);
  return pieces.map((piece, index) => (index % 2 === 1 ? piece : encodePlain(piece, directory))).join('');
}

function encodePlain(text: string, directory: Directory): string {
  return text
    .split(/(\s+)/)
    .map((word) => encodeWord(word, directory))
    .join('');
}

function encodeWord(word: string, directory: Directory): string {
  const tail = /[.,;:!?)]*$/.exec(word)?.[0] ?? '';
  const bare = word.slice(0, word.length - tail.length);
  const reference = bare.startsWith('@')
    ? mention(bare.slice(1), directory)
    : bare.startsWith('#')
      ? link(bare.slice(1), directory)
      : undefined;
  if (reference !== undefined) return reference + escape(tail);
  let out = '';
  let from = 0;
  for (const match of word.matchAll(LINK)) {
    const found = match[0].replace(/[.,;:!?)]+$/, '');
    out += escape(word.slice(from, match.index));
    out += /^https?:/i.test(found) ? `<${escape(found)}>` : `<http://${escape(found)}|${escape(found)}>`;
    from = match.index + found.length;
  }
  return out + escape(word.slice(from));
}

function mention(name: string, directory: Directory): string | undefined {
  if (name === 'here' || name === 'channel' || name === 'everyone') return `<!${name}>`;
  for (const user of directory.users.values()) if (user.name === name) return `<@${user.id}>`;
  for (const group of directory.groups.values())
    if (group.handle === name && !group.disabled) return `<!subteam^${group.id}|@${group.handle}>`;
  return undefined;
}

function link(name: string, directory: Directory): string | undefined {
  for (const channel of directory.channels.values()) {
    if (channel.name === name && channel.kind !== 'im') return `<#${channel.id}|${channel.kind === 'public' ? channel.name : ''}>`;
  }
  return undefined;
}
