/** Who and what there is: the data behind `Workspace`, and the questions that methods and the driver ask of it. */
import type { Channel, User, UserGroup } from './workspace-types.ts';

export interface Token {
  readonly value: string;
  kind: 'bot' | 'app';
  scopes: string[];
  state: 'valid' | 'revoked' | 'inactive';
}

/** The app as its manifest describes it. */
export interface App {
  readonly appId: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly name: string;
  readonly commands: readonly string[];
  readonly shouldEscape: boolean;
  readonly shortcuts: readonly { callbackId: string; name: string }[];
  readonly events: ReadonlySet<string>;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The verification token that old payloads carry. */
  readonly verificationToken: string;
}

export interface Directory {
  readonly teamId: string;
  readonly domain: string;
  readonly name: string;
  paidPlan: boolean;
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly groups: Map<string, UserGroup>;
  readonly tokens: Map<string, Token>;
}

export const SLACKBOT = 'USLACKBOT';

export function mustFind<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
  const found = map.get(id);
  if (found === undefined) throw new Error(`the local Slack has no ${what} ${id}`);
  return found;
}

/** Full members see public channels without being in them; everybody else only what they are in. */
export function canSee(directory: Directory, user: User, channel: Channel): boolean {
  if (user.deactivated) return false;
  if (channel.members.includes(user.id)) return true;
  return channel.kind === 'public' && (user.kind === 'member' || user.kind === 'owner') && user.teamId === directory.teamId;
}

/** The name in a payload: not data. In direct messages it is a literal, in private channels the old word for them. */
export const payloadChannelName = (channel: Channel): string => {
  if (channel.kind === 'im') return 'directmessage';
  return channel.kind === 'public' ? channel.name : 'privategroup';
};

export function directMessage(directory: Directory, a: string, b: string, id: () => string, now: number): Channel {
  for (const channel of directory.channels.values()) {
    if (channel.kind === 'im' && channel.members.includes(a) && channel.members.includes(b)) return channel;
  }
  const channel: Channel = {
    id: id(),
    name: '',
    kind: 'im',
    topic: '',
    archived: false,
    extShared: false,
    members: [a, b],
    created: Math.floor(now / 1000),
  };
  directory.channels.set(channel.id, channel);
  return channel;
}
