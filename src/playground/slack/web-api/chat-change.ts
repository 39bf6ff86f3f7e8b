/** chat.update and chat.delete: only the bot's own messages, never an ephemeral one. */
import { ApiError } from '../api-error.ts';
import { type Args, flag, required } from '../args.ts';
import { readContent } from '../content.ts';
import type { Hub } from '../hub.ts';
import { LIMITS, lengthOf } from '../limits.ts';
import type { StoredMessage } from '../messages.ts';
import { messagePayload } from '../payloads.ts';
import type { Block } from '../types.ts';
import { botIsIn, findChannel, type Method } from './method.ts';

function own(hub: Hub, args: Args, refusal: string): StoredMessage {
  const channel = findChannel(hub, required(args, 'channel'));
  const message = hub.messages.find(channel.id, required(args, 'ts'));
  if (message === undefined || message.ephemeralFor !== undefined || message.tombstone) throw new ApiError('message_not_found');
  if (message.userId !== hub.app.botUserId) throw new ApiError(refusal);
  if (channel.archived) throw new ApiError(refusal === 'cant_update_message' ? 'is_inactive' : 'is_archived');
  if (!botIsIn(hub, channel) && channel.kind !== 'public') throw new ApiError('channel_not_found');
  return message;
}

const hasRichText = (blocks: readonly Block[]): boolean => blocks.some((block) => block.type === 'rich_text');

export const update: Method = {
  scopes: ['chat:write'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args) {
    const message = own(hub, args, 'cant_update_message');
    const content = readContent(hub, args);
    if (content.text !== undefined && lengthOf(content.text) > LIMITS.message.updateText) throw new ApiError('msg_too_long');
    const broadcast = flag(args, 'reply_broadcast') === true;
    if (content.text === undefined && content.metadata === undefined && !broadcast) throw new ApiError('no_text');
    if (broadcast && message.threadTs === undefined) throw new ApiError('cant_broadcast_message');
    if (broadcast && content.text !== undefined) throw new ApiError('no_dual_broadcast_content_update');
    if (content.blocks !== undefined && hasRichText(message.blocks) && !hasRichText(content.blocks)) throw new ApiError('block_mismatch');
    hub.messages.change(message, {
      ...(content.text === undefined ? {} : { text: content.text }),
      /** Text without blocks takes the blocks away; neither leaves both. */
      ...(content.text === undefined ? {} : { blocks: content.blocks ?? [] }),
      ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
      ...(broadcast ? { broadcast } : {}),
      /** "(edited)" is only shown on messages without blocks. */
      ...(content.text !== undefined && content.blocks === undefined ? { edited: { userId: hub.app.botUserId } } : {}),
    });
    return { channel: message.channelId, ts: message.ts, text: message.text, message: messagePayload(hub, message) };
  },
};

export const remove: Method = {
  scopes: ['chat:write'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args) {
    const message = own(hub, args, 'cant_delete_message');
    hub.messages.remove(message);
    return { channel: message.channelId, ts: message.ts };
  },
};
