/** Events API: what the app is told without having asked. Only what it subscribed to, and where it may see it. */
import type { Ack } from './delivery.ts';
import type { Hub } from './hub.ts';

/** Events that this local Slack can send; a seed that subscribes to another is refused. */
export const KNOWN_EVENTS: readonly string[] = [
  'app_mention',
  'app_home_opened',
  'app_uninstalled',
  'tokens_revoked',
  'subteam_members_changed',
  'subteam_updated',
  'channel_archive',
  'channel_unarchive',
  'channel_rename',
  'channel_shared',
  'channel_unshared',
  'channel_id_changed',
  'channel_left',
  'group_archive',
  'group_unarchive',
  'group_rename',
  'group_left',
  'member_joined_channel',
  'member_left_channel',
  'user_change',
];

/** Undefined if the app is not told: not subscribed, or a private channel that it is not in. */
export function sendEvent(
  hub: Hub,
  event: { type: string } & Record<string, unknown>,
  where: { channelId?: string; contextTeamId?: string } = {},
): Promise<Ack> | undefined {
  if (!hub.app.events.has(event.type)) return undefined;
  const channel = where.channelId === undefined ? undefined : hub.directory.channels.get(where.channelId);
  const now = Math.floor(hub.clock.now() / 1000);
  return hub.delivery.deliverEvent({
    token: hub.app.verificationToken,
    team_id: hub.directory.teamId,
    context_team_id: where.contextTeamId ?? hub.directory.teamId,
    context_enterprise_id: null,
    api_app_id: hub.app.appId,
    event: { ...event, event_ts: typeof event['event_ts'] === 'string' ? event['event_ts'] : hub.messages.nextTs() },
    type: 'event_callback',
    event_id: hub.random.id('Ev', 10),
    event_time: now,
    authorizations: [
      { enterprise_id: null, team_id: hub.directory.teamId, user_id: hub.app.botUserId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: channel?.extShared ?? false,
    event_context: `4-${hub.random.hex(24)}`,
  });
}
