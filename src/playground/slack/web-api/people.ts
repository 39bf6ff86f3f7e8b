/** users.info, bots.info, usergroups.list, usergroups.users.list. */
import { ApiError } from '../api-error.ts';
import { flag, required, text } from '../args.ts';
import type { Hub } from '../hub.ts';
import type { User, UserGroup } from '../workspace-types.ts';
import type { Method } from './method.ts';

/** Deactivated people come with far fewer fields: no role flags at all. */
export function userInfo(hub: Hub, user: User): Record<string, unknown> {
  const profile = { real_name: user.realName, display_name: user.name, real_name_normalized: user.realName, team: user.teamId };
  const base = {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deactivated,
    profile,
    is_bot: user.kind === 'bot',
    is_app_user: false,
    updated: Math.floor(hub.clock.now() / 1000),
  };
  if (user.deactivated) return base;
  return {
    ...base,
    color: '9f69e7',
    real_name: user.realName,
    tz: user.timezone,
    tz_label: user.timezone,
    tz_offset: 0,
    is_admin: user.kind === 'owner',
    is_owner: user.kind === 'owner',
    is_primary_owner: user.kind === 'owner',
    is_restricted: user.kind === 'guest' || user.kind === 'single-channel-guest',
    is_ultra_restricted: user.kind === 'single-channel-guest',
    is_email_confirmed: true,
    who_can_share_contact_card: 'EVERYONE',
    ...(user.kind === 'external' ? { is_stranger: true } : {}),
    ...(user.kind === 'invited' ? { is_invited_user: true } : {}),
    ...(user.kind === 'workflow-bot' ? { is_bot: true, is_workflow_bot: true } : {}),
  };
}

export const info: Method = {
  scopes: ['users:read'],
  tier: 'tier4',
  token: 'bot',
  run(hub, args) {
    const user = hub.directory.users.get(required(args, 'user'));
    if (user === undefined) throw new ApiError('user_not_found');
    return { user: userInfo(hub, user) };
  },
};

/** Only the app's own bot is known: other bots are users here. */
export const bot: Method = {
  scopes: ['users:read'],
  tier: 'tier3',
  token: 'bot',
  run(hub, args) {
    if ((text(args, 'bot') ?? hub.app.botId) !== hub.app.botId) throw new ApiError('bot_not_found');
    return {
      bot: {
        id: hub.app.botId,
        deleted: false,
        name: hub.app.name,
        updated: now(hub),
        app_id: hub.app.appId,
        user_id: hub.app.botUserId,
        icons: {},
      },
    };
  },
};

const now = (hub: Hub): number => Math.floor(hub.clock.now() / 1000);
const paid = (hub: Hub): void => {
  if (!hub.directory.paidPlan) throw new ApiError('plan_upgrade_required');
};

export const groupPayload = (hub: Hub, group: UserGroup, withUsers: boolean): Record<string, unknown> => ({
  id: group.id,
  team_id: hub.directory.teamId,
  is_usergroup: true,
  is_subteam: true,
  name: group.name,
  handle: group.handle,
  description: '',
  is_external: false,
  date_create: 1_700_000_000,
  date_update: now(hub),
  date_delete: group.disabled ? now(hub) : 0,
  user_count: group.members.length,
  ...(withUsers ? { users: [...group.members] } : {}),
});

export const groups: Method = {
  scopes: ['usergroups:read'],
  tier: 'tier2',
  token: 'bot',
  run(hub, args) {
    paid(hub);
    const all = [...hub.directory.groups.values()].filter((group) => !group.disabled || flag(args, 'include_disabled') === true);
    return { usergroups: all.map((group) => groupPayload(hub, group, flag(args, 'include_users') === true)) };
  },
};

/** A disabled group is not there, unless the call says `include_disabled`. */
export const groupMembers: Method = {
  scopes: ['usergroups:read'],
  tier: 'tier2',
  token: 'bot',
  run(hub, args) {
    paid(hub);
    const group = hub.directory.groups.get(required(args, 'usergroup'));
    if (group === undefined || (group.disabled && flag(args, 'include_disabled') !== true)) throw new ApiError('no_such_subteam');
    return { users: [...group.members] };
  },
};
