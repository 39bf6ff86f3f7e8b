/** The shapes in which Slack hands things to an app. */
import type { Hub } from './hub.ts';
import type { StoredMessage } from './messages.ts';
import type { User } from './workspace-types.ts';

export const permalink = (hub: Hub, message: { channelId: string; ts: string; threadTs?: string }): string => {
  const base = `https://${hub.directory.domain}.slack.com/archives/${message.channelId}/p${message.ts.replace('.', '')}`;
  return message.threadTs === undefined ? base : `${base}?thread_ts=${message.threadTs}&cid=${message.channelId}`;
};

/** A message as methods answer it and interactions carry it. */
export function messagePayload(hub: Hub, message: StoredMessage): Record<string, unknown> {
  const replies = message.ephemeralFor === undefined ? hub.messages.replies(message.channelId, message.ts) : [];
  return {
    type: 'message',
    ...(message.tombstone ? { subtype: 'tombstone' } : {}),
    ...(message.threadTs !== undefined && message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    user: message.userId,
    ts: message.ts,
    text: message.text,
    team: hub.directory.users.get(message.userId)?.teamId ?? hub.directory.teamId,
    ...(message.botId === undefined ? {} : { bot_id: message.botId, app_id: hub.app.appId }),
    ...(message.username === undefined ? {} : { username: message.username }),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.threadTs === undefined
      ? {}
      : { thread_ts: message.threadTs, parent_user_id: hub.messages.find(message.channelId, message.threadTs)?.userId }),
    ...(replies.length === 0
      ? {}
      : {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users: [...new Set(replies.map((reply) => reply.userId))],
          latest_reply: replies.at(-1)?.ts,
        }),
    ...(message.edited === undefined ? {} : { edited: { user: message.edited.userId, ts: message.edited.ts } }),
  };
}

const teamPayload = (hub: Hub): Record<string, unknown> => ({ id: hub.directory.teamId, domain: hub.directory.domain });

/** The person in an interaction: `team_id` is their own workspace, not the one the app is installed in. */
const userPayload = (user: User): Record<string, unknown> => ({
  id: user.id,
  username: user.name,
  name: user.name,
  team_id: user.teamId,
});

/** What every interaction carries. */
export const interactionBase = (hub: Hub, user: User): Record<string, unknown> => ({
  user: userPayload(user),
  api_app_id: hub.app.appId,
  token: hub.app.verificationToken,
  team: teamPayload(hub),
  enterprise: null,
  is_enterprise_install: false,
});
