/** What one person sees. */
import { canSee, mustFind } from './directory.ts';
import type { Hub } from './hub.ts';
import type { StoredMessage } from './messages.ts';
import { permalink } from './payloads.ts';
import { messageText } from './render-text.ts';
import type { ChannelView, MessageView, ModalState, View } from './types.ts';
import type { StoredView } from './views.ts';
import type { Channel, User } from './workspace-types.ts';

export const userOf = (hub: Hub, userId: string): User => mustFind(hub.directory.users, userId, 'user');

/** The channel, for somebody who can open it. */
export function channelFor(hub: Hub, user: User, channelId: string): Channel {
  const channel = mustFind(hub.directory.channels, channelId, 'channel');
  if (!canSee(hub.directory, user, channel))
    throw new Error(`${user.name} cannot open ${channelId} (${channel.name || 'a direct message'})`);
  return channel;
}

export const sees = (user: User, message: StoredMessage): boolean => message.ephemeralFor === undefined || message.ephemeralFor === user.id;

export function messageView(hub: Hub, user: User, message: StoredMessage): MessageView {
  const author = hub.directory.users.get(message.userId);
  const replies =
    message.threadTs === undefined
      ? hub.messages.in(message.channelId).filter((other) => other.threadTs === message.ts && sees(user, other))
      : [];
  return {
    channelId: message.channelId,
    ts: message.ts,
    userId: message.userId,
    username: message.username ?? author?.realName ?? message.userId,
    isBot: message.botId !== undefined || author?.kind === 'bot',
    text: message.text,
    blocks: message.blocks,
    ephemeral: message.ephemeralFor !== undefined,
    notice: message.notice,
    broadcast: message.broadcast,
    replies: replies.map((reply) => messageView(hub, user, reply)),
    mentions: message.mentions,
    revision: message.revision,
    unfurl: message.unfurl,
    permalink: permalink(hub, message),
    ...(message.edited === undefined ? {} : { edited: message.edited }),
    ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  };
}

export function channelView(hub: Hub, userId: string, channelId: string): ChannelView {
  const user = userOf(hub, userId);
  const channel = channelFor(hub, user, channelId);
  const shown = hub.messages
    .in(channelId)
    .filter((message) => sees(user, message) && (message.threadTs === undefined || message.broadcast));
  return { channel, messages: shown.map((message) => messageView(hub, user, message)) };
}

const labelOf = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string' ? value.text : undefined;
const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function viewState(view: StoredView): View {
  const { source } = view;
  const submit = labelOf(source['submit']);
  const close = labelOf(source['close']);
  return {
    id: view.id,
    type: view.type,
    callbackId: stringOf(source['callback_id']),
    externalId: stringOf(source['external_id']),
    privateMetadata: stringOf(source['private_metadata']),
    title: labelOf(source['title']) ?? '',
    blocks: view.blocks,
    hash: view.hash,
    notifyOnClose: source['notify_on_close'] === true,
    clearOnClose: source['clear_on_close'] === true,
    state: view.values,
    ...(submit === undefined ? {} : { submit }),
    ...(close === undefined ? {} : { close }),
  };
}

export function modalState(hub: Hub, userId: string): ModalState | undefined {
  const stack = hub.views.stack(userId);
  const top = stack.at(-1);
  if (top === undefined) return undefined;
  return { ...viewState(top), depth: stack.length, fieldErrors: top.fieldErrors, ...(top.error === undefined ? {} : { error: top.error }) };
}

/** Everything that anybody sees, and the calls that failed last: for the message of a wait that was in vain. */
export function dump(hub: Hub): string {
  const indent = (text: string, by: string): string => text.replaceAll(/^/gm, by);
  const channels = [...hub.directory.channels.values()].flatMap((channel) => {
    const lines = hub.messages
      .in(channel.id)
      .slice(-12)
      .map((message) => {
        const whose = message.ephemeralFor === undefined ? '' : ` (only ${message.ephemeralFor})`;
        return indent(`${message.ts} ${message.userId}${whose}: ${messageText(message)}`, message.threadTs === undefined ? '  ' : '    ↳ ');
      });
    return lines.length === 0 ? [] : [`#${channel.name || channel.id}`, ...lines];
  });
  const modals = [...hub.directory.users.keys()].flatMap((id) => {
    const top = hub.views.stack(id).at(-1);
    return top === undefined ? [] : [`modal of ${id}: ${viewState(top).title} ${JSON.stringify(top.values)}`];
  });
  const failed = hub.wire.calls
    .all()
    .filter((call) => call.result !== 'ok')
    .slice(-8);
  const calls = failed.map((call) => `  ${call.method} → ${call.result} ${JSON.stringify(call.response ?? '').slice(0, 300)}`);
  return ['visible:', ...channels, ...modals, ...(calls.length === 0 ? [] : ['calls that failed last:', ...calls])].join('\n');
}
