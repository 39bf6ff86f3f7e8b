/** The workspace that there is when nobody describes another, and what is made up for what a seed leaves out. */
import type { App, Directory, Token } from './directory.ts';
import { SLACKBOT } from './directory.ts';
import { KNOWN_EVENTS } from './events.ts';
import type { Random } from './random.ts';
import type { Channel, ChannelSeed, User, UserGroup, UserGroupSeed, UserSeed, WorkspaceSeed } from './workspace-types.ts';

/** repull's manifest: least scopes. `channels:history` and `groups:history` come with `--exactly-once`. */
const BOT_SCOPES: readonly string[] = [
  'commands',
  'chat:write',
  'app_mentions:read',
  'usergroups:read',
  'users:read',
  'channels:read',
  'groups:read',
];
const BOT_EVENTS: readonly string[] = [
  'app_mention',
  'app_home_opened',
  'app_uninstalled',
  'tokens_revoked',
  'subteam_members_changed',
  'subteam_updated',
  'channel_archive',
  'channel_shared',
  'channel_unshared',
  'channel_id_changed',
  'group_archive',
];

/** Four people of the workspace, a guest, somebody from another company; two channels and a group. */
export const EXAMPLE: WorkspaceSeed = {
  users: [
    { id: 'U0DEV00001', name: 'dana', realName: 'Dana Dev' },
    { id: 'U0DEV00002', name: 'devi', realName: 'Devi Dev' },
    { id: 'U0SRE00001', name: 'sam', realName: 'Sam SRE' },
    { id: 'U0SRE00002', name: 'sofia', realName: 'Sofia SRE' },
    { id: 'U0GUEST001', name: 'gus', realName: 'Gus Guest', kind: 'guest' },
    { id: 'U0EXTERN01', name: 'ext', realName: 'Ext Ernal', kind: 'external', teamId: 'T9999EXT01' },
  ],
  channels: [
    { id: 'C0DEPLOYS1', name: 'deploys', members: ['U0DEV00001', 'U0DEV00002', 'U0SRE00001', 'U0SRE00002', 'U0GUEST001'] },
    { id: 'C0GENERAL1', name: 'general', members: ['U0DEV00001', 'U0DEV00002', 'U0SRE00001', 'U0SRE00002'], bot: false },
  ],
  userGroups: [{ id: 'S0SRE00001', handle: 'sre', members: ['U0SRE00001', 'U0SRE00002'] }],
};

export const newUser = (seed: UserSeed, teamId: string): User => ({
  realName: seed.name,
  kind: 'member',
  deactivated: false,
  timezone: 'Europe/Berlin',
  teamId: seed.kind === 'external' ? 'T9999EXT01' : teamId,
  ...seed,
});

export function newChannel(seed: ChannelSeed, botUserId: string, now: number): Channel {
  const { bot = true, members = [], ...rest } = seed;
  return {
    kind: 'public',
    topic: '',
    archived: false,
    extShared: false,
    ...rest,
    members: [...new Set([...members, ...(bot ? [botUserId] : [])])],
    created: Math.floor(now / 1000),
  };
}

export const newGroup = (seed: UserGroupSeed): UserGroup => ({
  name: seed.handle,
  disabled: false,
  ...seed,
  members: [...(seed.members ?? [])],
});

export function plant(seed: WorkspaceSeed, random: Random, now: number): { app: App; directory: Directory } {
  const given = seed.app ?? {};
  const secret = (length: number): string => random.hex(length);
  const appId = given.appId ?? random.id('A', 10);
  const app: App = {
    appId,
    botUserId: given.botUserId ?? random.id('U', 10),
    botId: given.botId ?? random.id('B', 10),
    name: given.name ?? 'repull',
    commands: given.commands ?? ['/repull'],
    shouldEscape: given.shouldEscape ?? true,
    shortcuts: given.shortcuts ?? [{ callbackId: 'repull_from_here', name: 'Repull from here' }],
    events: new Set(given.events ?? BOT_EVENTS),
    botToken: given.botToken ?? `xoxb-${random.below(1e12)}-${random.below(1e12)}-${secret(24)}`,
    appToken: given.appToken ?? `xapp-1-${appId}-${random.below(1e12)}-${secret(64)}`,
    signingSecret: given.signingSecret ?? secret(32),
    verificationToken: secret(24),
  };
  for (const event of app.events) if (!KNOWN_EVENTS.includes(event)) throw new Error(`the local Slack does not send ${event}`);
  const teamId = seed.teamId ?? random.id('T', 10);
  const token = (value: string, kind: Token['kind'], scopes: readonly string[]): [string, Token] => [
    value,
    { value, kind, scopes: [...scopes], state: 'valid' },
  ];
  const people: UserSeed[] = [
    { id: app.botUserId, name: app.name, kind: 'bot' },
    { id: SLACKBOT, name: 'slackbot', realName: 'Slackbot', kind: 'bot' },
    ...(seed.users ?? []),
  ];
  return {
    app,
    directory: {
      teamId,
      domain: seed.domain ?? 'local-slack',
      name: seed.name ?? 'Local Slack',
      paidPlan: seed.paidPlan ?? true,
      users: new Map(people.map((user) => [user.id, newUser(user, teamId)])),
      channels: new Map((seed.channels ?? []).map((channel) => [channel.id, newChannel(channel, app.botUserId, now)])),
      groups: new Map((seed.userGroups ?? []).map((group) => [group.id, newGroup(group)])),
      tokens: new Map([token(app.botToken, 'bot', given.scopes ?? BOT_SCOPES), token(app.appToken, 'app', ['connections:write'])]),
    },
  };
}
