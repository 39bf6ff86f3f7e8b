/** What an app says back to somebody's action, in its acknowledgement or through a response URL. */
import { ApiError } from './api-error.ts';
import { type Args, flag, text } from './args.ts';
import { readContent } from './content.ts';
import { mustFind } from './directory.ts';
import type { ResponseUrl } from './handles.ts';
import type { Hub } from './hub.ts';
import type { StoredMessage } from './messages.ts';
import { postToOne } from './web-api/chat-post.ts';

/**
 * Shows one answer: ephemeral unless `response_type` is `in_channel`, replacing or deleting the original where it says so. It needs no
 * membership of the bot: whoever holds the handle may post. Answers the message, or undefined where there is none to see.
 */
export function showAnswer(hub: Hub, answer: Args, handle: ResponseUrl): StoredMessage | undefined {
  const channel = mustFind(hub.directory.channels, handle.channelId, 'channel');
  const original = handle.originalTs === undefined ? undefined : hub.messages.find(channel.id, handle.originalTs);
  const reaches = handle.origin === 'message' || hub.settings.commandReplace === 'honoured';
  if (flag(answer, 'delete_original') === true) {
    if (original === undefined || !reaches) throw new ApiError('message_not_found');
    hub.messages.remove(original);
    return undefined;
  }
  const content = readContent(hub, answer);
  if (content.text === undefined) throw new ApiError('no_text');
  if (flag(answer, 'replace_original') === true && original !== undefined && reaches) {
    hub.messages.change(original, {
      text: content.text,
      blocks: content.blocks ?? [],
      ...(content.metadata === undefined || original.ephemeralFor !== undefined ? {} : { metadata: content.metadata }),
    });
    return original;
  }
  const posted = post(hub, answer, handle, { text: content.text, blocks: content.blocks ?? [] });
  if (posted !== undefined && handle.origin === 'command') handle.originalTs = posted.ts;
  return posted;
}

function post(
  hub: Hub,
  answer: Args,
  handle: ResponseUrl,
  content: { text: string; blocks: StoredMessage['blocks'] },
): StoredMessage | undefined {
  const channel = mustFind(hub.directory.channels, handle.channelId, 'channel');
  const threadTs = text(answer, 'thread_ts');
  if (threadTs !== undefined && hub.messages.find(channel.id, threadTs) === undefined) throw new ApiError('thread_not_found');
  const type = text(answer, 'response_type') ?? 'ephemeral';
  if (type === 'ephemeral') {
    const ts = postToOne(hub, { channel, userId: handle.userId, ...content, threadTs });
    return hub.messages.find(channel.id, ts);
  }
  if (type !== 'in_channel') throw new ApiError('invalid_response_type');
  if (channel.archived) throw new ApiError('is_archived');
  return hub.messages.post({
    channelId: channel.id,
    userId: hub.app.botUserId,
    botId: hub.app.botId,
    ...content,
    unfurl: { links: flag(answer, 'unfurl_links') ?? true, media: flag(answer, 'unfurl_media') ?? true },
    ...(threadTs === undefined ? {} : { threadTs }),
  });
}
