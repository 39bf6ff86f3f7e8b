/** The people, channels and groups of the one workspace that the local Slack serves. Everything may change at run time. */

/** `external` is a person of another workspace (is_stranger, team T9…), `guest` a multi-channel and `single-channel-guest` an ultra-restricted one. */
type UserKind = 'member' | 'owner' | 'guest' | 'single-channel-guest' | 'bot' | 'workflow-bot' | 'external' | 'invited';

export interface User {
  readonly id: string;
  name: string;
  realName: string;
  kind: UserKind;
  deactivated: boolean;
  /** The workspace this person belongs to; differs from the workspace's own for `external`. */
  teamId: string;
  timezone: string;
}

export type UserSeed = { id: string; name: string } & Partial<Omit<User, 'id' | 'name'>>;

type ChannelKind = 'public' | 'private' | 'im' | 'mpim';

export interface Channel {
  readonly id: string;
  name: string;
  kind: ChannelKind;
  topic: string;
  archived: boolean;
  /** Shared with another workspace through Slack Connect: `is_ext_shared`. */
  extShared: boolean;
  /** User ids, the bot's own included where it is a member. For `im` exactly two. */
  members: string[];
  /** Seconds since the epoch. */
  created: number;
  /** Set by `changeChannelId`: the id under which the channel was known before. */
  previousId?: string;
}

/** `members` without the bot: use `bot: false` for a channel that the bot is not in (default: it is). */
export type ChannelSeed = { id: string; name: string; bot?: boolean } & Partial<Omit<Channel, 'id' | 'name' | 'created' | 'previousId'>>;

export interface UserGroup {
  readonly id: string;
  handle: string;
  name: string;
  members: string[];
  disabled: boolean;
}

export type UserGroupSeed = { id: string; handle: string } & Partial<Omit<UserGroup, 'id' | 'handle'>>;

/** How the app is set up in its manifest, and the credentials it was given. Everything that is left out is made up from the seed. */
interface AppSeed {
  appId?: string;
  botUserId?: string;
  botId?: string;
  /** Name of the bot user: `@repull …` in a typed message mentions it. */
  name?: string;
  /** With the slash; default `['/repull']`. */
  commands?: string[];
  shouldEscape?: boolean;
  shortcuts?: { callbackId: string; name: string }[];
  /** Event types that the app subscribed to; default: those of repull's manifest. */
  events?: string[];
  /** Scopes of the bot token; default: those of repull's manifest, without history. */
  scopes?: string[];
  botToken?: string;
  appToken?: string;
  signingSecret?: string;
}

export interface WorkspaceSeed {
  teamId?: string;
  domain?: string;
  name?: string;
  /** User groups need a paid plan (default true); without it their methods answer `plan_upgrade_required`. */
  paidPlan?: boolean;
  app?: AppSeed;
  users?: UserSeed[];
  channels?: ChannelSeed[];
  userGroups?: UserGroupSeed[];
}

/**
 * The workspace, and how to change it while the app runs. A change that Slack tells apps about is delivered as the event it would be
 * (`channel_archive`, `channel_rename`, `channel_shared`, `channel_id_changed`, `subteam_members_changed`, `user_change`, `tokens_revoked` …),
 * to an app that subscribed to it and may see it. Unknown ids throw.
 */
export interface Workspace {
  readonly teamId: string;
  readonly domain: string;
  readonly name: string;
  users(): User[];
  user(id: string): User | undefined;
  channels(): Channel[];
  channel(id: string): Channel | undefined;
  userGroups(): UserGroup[];
  userGroup(id: string): UserGroup | undefined;

  addUser(seed: UserSeed): User;
  changeUser(id: string, change: Partial<Omit<User, 'id'>>): void;
  addChannel(seed: ChannelSeed): Channel;
  addUserGroup(seed: UserGroupSeed): UserGroup;
  setGroupMembers(groupId: string, userIds: string[]): void;
  setGroupDisabled(groupId: string, disabled: boolean): void;
  setPaidPlan(paid: boolean): void;

  rename(channelId: string, name: string): void;
  archive(channelId: string): void;
  unarchive(channelId: string): void;
  /** Share with another workspace. */
  share(channelId: string): void;
  unshare(channelId: string): void;
  /** What Slack does to some channels when they are shared: the old id answers `channel_not_found` from then on. */
  changeChannelId(channelId: string, newId: string): void;
  setPrivate(channelId: string, isPrivate: boolean): void;
  join(channelId: string, userId: string): void;
  leave(channelId: string, userId: string): void;
  addBot(channelId: string): void;
  removeBot(channelId: string): void;
  /** The direct conversation between two users (one of them may be the bot); made when it is not there. */
  directMessage(userId: string, otherId: string): Channel;

  /** Scopes of a token, by default the bot's. */
  setScopes(scopes: string[], token?: string): void;
  scopes(token?: string): string[];
  /** By default the bot's token; calls with it answer `token_revoked` from then on. */
  revokeToken(token?: string): void;
  /** A further bot token of the same app. */
  issueToken(scopes?: string[]): string;
  /** `app_uninstalled`, `tokens_revoked`, and every token dead (`account_inactive`). */
  uninstall(): void;
}
