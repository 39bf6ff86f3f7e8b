/** chat.postMessage, chat.postEphemeral, chat.getPermalink. */
import { ApiError, badArgument } from '../api-error.ts';
import { type Args, flag, required, text } from '../args.ts';
import { readContent } from '../content.ts';
import { directMessage, mustFind } from '../directory.ts';
import type { Hub } from '../hub.ts';
import { messagePayload, permalink } from '../payloads.ts';
import type { Channel } from '../workspace-types.ts';
import { botIsIn, type Caller, findChannel, type Method, needScope } from './method.ts';

/** By channel id, or by user id for the direct conversation with them. Names are refused: they may change. */
function target(hub: Hub, id: string): Channel {
  const user = /^[UW]/.test(id) ? hub.directory.users.get(id) : undefined;
  if (user === undefined) return findChannel(hub, id);
  if (user.deactivated) throw new ApiError('channel_not_found');
  return directMessage(hub.directory, user.id, hub.app.botUserId, () => hub.random.id('D', 10), hub.clock.now());
}

function mayPost(hub: Hub, channel: Channel, caller: Caller): void {
  if (channel.archived) throw new ApiError('is_archived');
  if (!botIsIn(hub, channel) && !caller.token.scopes.includes('chat:write.public')) throw new ApiError('not_in_channel');
}

/** The thread's first message; a reply's ts, or one that is not there, is refused. */
function threadOf(hub: Hub, channel: Channel, args: Args): string | undefined {
  const ts = text(args, 'thread_ts');
  if (ts === undefined) return undefined;
  const parent = hub.messages.find(channel.id, ts);
  if (parent === undefined || parent.ephemeralFor !== undefined) throw new ApiError('thread_not_found');
  if (parent.threadTs !== undefined) throw new ApiError('cannot_reply_to_message');
  return ts;
}

export const postMessage: Method = {
  scopes: ['chat:write'],
  tier: 'post',
  token: 'bot',
  run(hub, args, caller) {
    const channel = target(hub, required(args, 'channel'));
    mayPost(hub, channel, caller);
    const username = text(args, 'username');
    if (username !== undefined || text(args, 'icon_emoji') !== undefined || text(args, 'icon_url') !== undefined) {
      needScope(caller, 'chat:write.customize');
    }
    const content = readContent(hub, args);
    if (content.text === undefined) throw new ApiError('no_text');
    const threadTs = threadOf(hub, channel, args);
    const message = hub.messages.post({
      channelId: channel.id,
      userId: hub.app.botUserId,
      botId: hub.app.botId,
      text: content.text,
      blocks: content.blocks ?? [],
      broadcast: threadTs !== undefined && flag(args, 'reply_broadcast') === true,
      /** A bot's links unfold unless it says otherwise. */
      unfurl: { links: flag(args, 'unfurl_links') ?? true, media: flag(args, 'unfurl_media') ?? true },
      ...(threadTs === undefined ? {} : { threadTs }),
      ...(username === undefined ? {} : { username }),
      ...(content.metadata ? { metadata: content.metadata } : {}),
    });
    return { channel: channel.id, ts: message.ts, message: messagePayload(hub, message) };
  },
};

export const postEphemeral: Method = {
  scopes: ['chat:write'],
  tier: 'tier4',
  token: 'bot',
  run(hub, args, caller) {
    const channel = findChannel(hub, required(args, 'channel'));
    mayPost(hub, channel, caller);
    const user = hub.directory.users.get(required(args, 'user'));
    if (user === undefined || user.deactivated || !channel.members.includes(user.id)) throw new ApiError('user_not_in_channel');
    if (args['metadata'] !== undefined) throw badArgument('an ephemeral message holds no metadata', '/metadata');
    const content = readContent(hub, args);
    if (content.text === undefined) throw new ApiError('no_text');
    return {
      message_ts: postToOne(hub, {
        channel,
        userId: user.id,
        text: content.text,
        blocks: content.blocks ?? [],
        threadTs: threadOf(hub, channel, args),
      }),
    };
  },
};

/**
 * A message only one person sees. In a thread it is shown only if the thread is there already, that is, has a reply: otherwise Slack takes
 * it and shows it nowhere. Answers the ts it got, or would have got.
 */
export function postToOne(
  hub: Hub,
  message: {
    channel: Channel;
    userId: string;
    text: string;
    blocks: Parameters<Hub['messages']['post']>[0]['blocks'];
    threadTs: string | undefined;
  },
): string {
  const { channel, userId, threadTs } = message;
  if (threadTs !== undefined && hub.messages.replies(channel.id, threadTs).length === 0) return hub.messages.nextTs();
  return hub.messages.post({
    channelId: channel.id,
    userId: hub.app.botUserId,
    botId: hub.app.botId,
    text: message.text,
    blocks: message.blocks ?? [],
    ephemeralFor: mustFind(hub.directory.users, userId, 'user').id,
    ...(threadTs === undefined ? {} : { threadTs }),
  }).ts;
}

export const getPermalink: Method = {
  scopes: [],
  tier: 'special',
  token: 'bot',
  run(hub, args) {
    const channel = findChannel(hub, required(args, 'channel'));
    const message = hub.messages.find(channel.id, required(args, 'message_ts'));
    if (message === undefined || message.ephemeralFor !== undefined) throw new ApiError('message_not_found');
    return { channel: channel.id, permalink: permalink(hub, message) };
  },
};
