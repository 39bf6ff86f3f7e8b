/** conversations.info, members, open, history, replies. */
import { ApiError } from '../api-error.ts';
import { type Args, flag, page, required, text } from '../args.ts';
import { directMessage } from '../directory.ts';
import type { Hub } from '../hub.ts';
import type { StoredMessage } from '../messages.ts';
import { messagePayload } from '../payloads.ts';
import type { Channel } from '../workspace-types.ts';
import { botIsIn, type Caller, findChannel, type Method, needScope, scopeFor } from './method.ts';

function channelPayload(hub: Hub, channel: Channel): Record<string, unknown> {
  const direct = channel.kind === 'im';
  return {
    id: channel.id,
    ...(direct ? { user: channel.members.find((id) => id !== hub.app.botUserId) } : { name: channel.name, name_normalized: channel.name }),
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: direct,
    is_mpim: channel.kind === 'mpim',
    is_private: channel.kind !== 'public',
    created: channel.created,
    is_archived: channel.archived,
    is_general: false,
    is_shared: channel.extShared,
    is_ext_shared: channel.extShared,
    is_org_shared: false,
    is_pending_ext_shared: false,
    is_member: botIsIn(hub, channel),
    context_team_id: hub.directory.teamId,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previous_names: [],
    ...(channel.extShared
      ? { connected_team_ids: [...new Set(channel.members.flatMap((id) => hub.directory.users.get(id)?.teamId ?? []))] }
      : {}),
  };
}

export const info: Method = {
  scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args, caller) {
    const channel = findChannel(hub, required(args, 'channel'));
    needScope(caller, scopeFor(channel, 'read'));
    return {
      channel: {
        ...channelPayload(hub, channel),
        ...(flag(args, 'include_num_members') === true ? { num_members: channel.members.length } : {}),
      },
    };
  },
};

export const members: Method = {
  scopes: ['channels:read', 'groups:read', 'im:read', 'mpim:read'],
  tier: 'tier4',
  token: 'bot',
  run(hub, args, caller) {
    const channel = findChannel(hub, required(args, 'channel'));
    needScope(caller, scopeFor(channel, 'read'));
    const { items, next } = page(channel.members, args);
    return { members: items, response_metadata: { next_cursor: next } };
  },
};

export const open: Method = {
  scopes: ['im:write'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args) {
    const given = text(args, 'channel');
    const ids = (text(args, 'users') ?? '').split(',').filter((id) => id !== '');
    if (given === undefined && ids.length === 0) throw new ApiError('users_list_not_supplied');
    if (ids.length > 1) throw new ApiError('method_not_supported_for_channel_type');
    const [id] = ids;
    const user = id === undefined ? undefined : hub.directory.users.get(id);
    if (id !== undefined && (user === undefined || user.deactivated)) throw new ApiError('user_not_found');
    const channel =
      user === undefined
        ? findChannel(hub, given ?? '')
        : directMessage(hub.directory, user.id, hub.app.botUserId, () => hub.random.id('D', 10), hub.clock.now());
    return { channel: flag(args, 'return_im') === true ? channelPayload(hub, channel) : { id: channel.id } };
  },
};

/** Metadata is only told to who asks for it. */
const told = (hub: Hub, message: StoredMessage, args: Args): Record<string, unknown> => ({
  ...messagePayload(hub, message),
  ...(flag(args, 'include_all_metadata') === true && message.metadata !== undefined ? { metadata: message.metadata } : {}),
});

function readable(hub: Hub, args: Args, caller: Caller): { channel: Channel; within: (message: StoredMessage) => boolean } {
  const channel = findChannel(hub, required(args, 'channel'));
  needScope(caller, scopeFor(channel, 'history'));
  if (!botIsIn(hub, channel)) throw new ApiError('not_in_channel');
  const oldest = Number(text(args, 'oldest') ?? 0);
  const latest = Number(text(args, 'latest') ?? Number.POSITIVE_INFINITY);
  if (Number.isNaN(oldest)) throw new ApiError('invalid_ts_oldest');
  if (Number.isNaN(latest)) throw new ApiError('invalid_ts_latest');
  const inclusive = flag(args, 'inclusive') === true;
  return {
    channel,
    within: ({ ts, ephemeralFor }) =>
      ephemeralFor === undefined && (inclusive ? Number(ts) >= oldest && Number(ts) <= latest : Number(ts) > oldest && Number(ts) < latest),
  };
}

export const history: Method = {
  scopes: ['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args, caller) {
    const { channel, within } = readable(hub, args, caller);
    const all = hub.messages.in(channel.id).filter((message) => within(message) && (message.threadTs === undefined || message.broadcast));
    const { items, next } = page(all.toReversed(), args);
    return {
      messages: items.map((message) => told(hub, message, args)),
      has_more: next !== '',
      response_metadata: { next_cursor: next },
    };
  },
};

export const replies: Method = {
  scopes: ['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args, caller) {
    const { channel, within } = readable(hub, args, caller);
    const asked = hub.messages.find(channel.id, required(args, 'ts'));
    const parent = asked?.threadTs === undefined ? asked : hub.messages.find(channel.id, asked.threadTs);
    if (parent === undefined || parent.ephemeralFor !== undefined) throw new ApiError('thread_not_found');
    const all = [parent, ...hub.messages.replies(channel.id, parent.ts).filter(within)];
    const { items, next } = page(all, args);
    return {
      messages: items.map((message) => told(hub, message, args)),
      has_more: next !== '',
      response_metadata: { next_cursor: next },
    };
  },
};
