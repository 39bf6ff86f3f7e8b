/** Changing people, channels, groups and tokens while the app runs; each change is told to whoever looks, and to the app as the event it would be. */
import { directMessage, mustFind, SLACKBOT } from './directory.ts';
import { sendEvent } from './events.ts';
import type { Hub } from './hub.ts';
import { newChannel, newGroup, newUser } from './seed.ts';
import { groupPayload, userInfo } from './web-api/people.ts';
import type { Channel, Workspace } from './workspace-types.ts';

export function makeWorkspace(hub: Hub): Workspace {
  const { directory, app, changes } = hub;
  const channelOf = (id: string): Channel => mustFind(directory.channels, id, 'channel');
  const event = (type: string, fields: Record<string, unknown>, channel?: Channel): void => {
    /** What happens in a private channel is told only to an app that is in it. */
    if (channel !== undefined && channel.kind !== 'public' && !channel.members.includes(app.botUserId)) return;
    void sendEvent(hub, { type, ...fields }, channel === undefined ? {} : { channelId: channel.id });
  };
  const tell = (what: 'user' | 'channel' | 'user-group' | 'token' | 'plan', id: string): void =>
    changes.tell({ kind: 'workspace-changed', what, id });
  /** `channel_archive` or `group_archive`. */
  const named = (channel: Channel, suffix: string): string => `${channel.kind === 'public' ? 'channel' : 'group'}_${suffix}`;
  const tokenOf = (value: string = app.botToken) => mustFind(directory.tokens, value, 'token');
  const groupOf = (id: string) => mustFind(directory.groups, id, 'user group');

  const archive = (id: string, archived: boolean): void => {
    const channel = channelOf(id);
    channel.archived = archived;
    tell('channel', id);
    event(named(channel, archived ? 'archive' : 'unarchive'), { channel: id, user: SLACKBOT }, channel);
  };
  const share = (id: string, shared: boolean): void => {
    const channel = channelOf(id);
    channel.extShared = shared;
    tell('channel', id);
    event(shared ? 'channel_shared' : 'channel_unshared', { channel: id, ...(shared ? { connected_team_id: 'T9999EXT01' } : {}) }, channel);
  };
  const join = (id: string, userId: string): void => {
    const channel = channelOf(id);
    mustFind(directory.users, userId, 'user');
    if (channel.members.includes(userId)) return;
    channel.members.push(userId);
    tell('channel', id);
    event('member_joined_channel', { channel: id, user: userId, channel_type: channel.kind === 'public' ? 'C' : 'G' }, channel);
  };
  const leave = (id: string, userId: string): void => {
    const channel = channelOf(id);
    if (!channel.members.includes(userId)) return;
    event('member_left_channel', { channel: id, user: userId }, channel);
    channel.members = channel.members.filter((member) => member !== userId);
    tell('channel', id);
    if (userId === app.botUserId) event(named(channel, 'left'), { channel: id });
  };
  const kill = (state: 'revoked' | 'inactive', values: string[]): void => {
    for (const value of values) {
      tokenOf(value).state = state;
      tell('token', value);
    }
  };

  return {
    teamId: directory.teamId,
    domain: directory.domain,
    name: directory.name,
    users: () => [...directory.users.values()],
    user: (id) => directory.users.get(id),
    channels: () => [...directory.channels.values()],
    channel: (id) => directory.channels.get(id),
    userGroups: () => [...directory.groups.values()],
    userGroup: (id) => directory.groups.get(id),

    addUser(seed) {
      if (directory.users.has(seed.id)) throw new Error(`user ${seed.id} is there already`);
      const user = newUser(seed, directory.teamId);
      directory.users.set(user.id, user);
      tell('user', user.id);
      return user;
    },
    changeUser(id, change) {
      const user = Object.assign(mustFind(directory.users, id, 'user'), change);
      tell('user', id);
      event('user_change', { user: userInfo(hub, user) });
    },
    addChannel(seed) {
      if (directory.channels.has(seed.id)) throw new Error(`channel ${seed.id} is there already`);
      const channel = newChannel(seed, app.botUserId, hub.clock.now());
      directory.channels.set(channel.id, channel);
      tell('channel', channel.id);
      return channel;
    },
    addUserGroup(seed) {
      if (directory.groups.has(seed.id)) throw new Error(`user group ${seed.id} is there already`);
      const group = newGroup(seed);
      directory.groups.set(group.id, group);
      tell('user-group', group.id);
      return group;
    },
    setGroupMembers(id, userIds) {
      const group = groupOf(id);
      const before = group.members;
      group.members = [...userIds];
      tell('user-group', id);
      const added = userIds.filter((user) => !before.includes(user));
      const removed = before.filter((user) => !userIds.includes(user));
      event('subteam_members_changed', {
        subteam_id: id,
        team_id: directory.teamId,
        date_previous_update: 0,
        date_update: Math.floor(hub.clock.now() / 1000),
        added_users: added,
        added_users_count: added.length,
        removed_users: removed,
        removed_users_count: removed.length,
      });
    },
    setGroupDisabled(id, disabled) {
      const group = groupOf(id);
      group.disabled = disabled;
      tell('user-group', id);
      event('subteam_updated', { subteam: groupPayload(hub, group, true) });
    },
    setPaidPlan(paid) {
      directory.paidPlan = paid;
      tell('plan', directory.teamId);
    },

    rename(id, name) {
      const channel = channelOf(id);
      channel.name = name;
      tell('channel', id);
      event(named(channel, 'rename'), { channel: { id, name, created: channel.created } }, channel);
    },
    archive: (id) => archive(id, true),
    unarchive: (id) => archive(id, false),
    share: (id) => share(id, true),
    unshare: (id) => share(id, false),
    changeChannelId(id, newId) {
      const channel = channelOf(id);
      if (directory.channels.has(newId)) throw new Error(`channel ${newId} is there already`);
      const moved: Channel = { ...channel, id: newId, previousId: id };
      directory.channels.delete(id);
      directory.channels.set(newId, moved);
      hub.messages.move(id, newId);
      tell('channel', newId);
      event('channel_id_changed', { old_channel_id: id, new_channel_id: newId }, moved);
    },
    setPrivate(id, isPrivate) {
      channelOf(id).kind = isPrivate ? 'private' : 'public';
      tell('channel', id);
    },
    join,
    leave,
    addBot: (id) => join(id, app.botUserId),
    removeBot: (id) => leave(id, app.botUserId),
    directMessage(a, b) {
      mustFind(directory.users, a, 'user');
      mustFind(directory.users, b, 'user');
      return directMessage(directory, a, b, () => hub.random.id('D', 10), hub.clock.now());
    },

    setScopes(scopes, token) {
      tokenOf(token).scopes = [...scopes];
      tell('token', token ?? app.botToken);
    },
    scopes: (token) => [...tokenOf(token).scopes],
    revokeToken(token = app.botToken) {
      kill('revoked', [token]);
      event('tokens_revoked', { tokens: { oauth: [], bot: [app.botUserId] } });
    },
    issueToken(scopes) {
      const value = `xoxb-${hub.random.below(1e12)}-${hub.random.below(1e12)}-${hub.random.hex(24)}`;
      directory.tokens.set(value, { value, kind: 'bot', scopes: [...(scopes ?? tokenOf().scopes)], state: 'valid' });
      return value;
    },
    uninstall() {
      event('app_uninstalled', {});
      event('tokens_revoked', { tokens: { oauth: [], bot: [app.botUserId] } });
      kill('inactive', [...directory.tokens.keys()]);
    },
  };
}
