import { ApiError } from '../api-error.ts';
import type { Args } from '../args.ts';
import type { Token } from '../directory.ts';
import type { Hub } from '../hub.ts';
import type { Tier } from '../rate-limits.ts';
import type { Channel } from '../workspace-types.ts';

export interface Method {
  /** Any one of them is enough; empty: none is needed. Some methods need one that depends on the channel, and ask for it themselves. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly token: 'bot' | 'app' | 'any';
  /** Answers the fields beside `ok`; refuses by throwing an ApiError. */
  run(hub: Hub, args: Args, caller: Caller): Record<string, unknown>;
}

export interface Caller {
  readonly token: Token;
  /** Scopes that this call turned out to need, for the log. */
  readonly needed: Set<string>;
}

export function needScope(caller: Caller, scope: string): void {
  caller.needed.add(scope);
  if (!caller.token.scopes.includes(scope)) {
    throw new ApiError('missing_scope', { needed: scope, provided: caller.token.scopes.join(',') });
  }
}

/** The family of scopes for this kind of channel: `channels:read`, `groups:read`, `im:read`, `mpim:read`. */
export const scopeFor = (channel: Channel, verb: 'read' | 'history'): string =>
  `${{ public: 'channels', private: 'groups', im: 'im', mpim: 'mpim' }[channel.kind]}:${verb}`;

/** A channel that the bot may know of: a private one only if it is in it. */
export function findChannel(hub: Hub, id: string): Channel {
  const channel = hub.directory.channels.get(id);
  if (channel === undefined) throw new ApiError('channel_not_found');
  if (channel.kind !== 'public' && !channel.members.includes(hub.app.botUserId)) throw new ApiError('channel_not_found');
  return channel;
}

export const botIsIn = (hub: Hub, channel: Channel): boolean => channel.members.includes(hub.app.botUserId);
