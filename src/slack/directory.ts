import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Directory } from '../app/ports-slack.ts';
import type { Log } from '../app/worker-deps.ts';
import type { ActorFacts, ChannelFacts } from '../domain/policy.ts';
import { problemOf } from './errors.ts';
import { makeGroups } from './groups.ts';

/** A directory that can be told what it must ask anew. */
export interface FreshDirectory extends Directory {
  forgetGroups(): void;
  forgetChannel(channel: string): void;
}

export interface DirectoryOptions {
  client: WebClient;
  /** Our own workspace; everybody else is a stranger. */
  teamId: string;
  log: Log;
  /** Between two reads of the user groups, ms. */
  groupsTtlMs?: number;
  /** Between two reads of one channel, ms; events shorten it. */
  channelTtlMs?: number;
  now?: () => number;
}

/** Slack tells of each change by an event, but only one bot: the others may believe what was for no longer than this. */
const CHANNEL_TTL = 3_000;

const User = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  deleted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_workflow_bot: z.boolean().default(false),
  is_restricted: z.boolean().default(false),
  is_ultra_restricted: z.boolean().default(false),
  is_stranger: z.boolean().default(false),
  is_invited_user: z.boolean().default(false),
});
type User = z.infer<typeof User>;

const Channel = z.object({
  id: z.string(),
  is_im: z.boolean().default(false),
  is_mpim: z.boolean().default(false),
  is_private: z.boolean().default(false),
  is_archived: z.boolean().default(false),
  is_ext_shared: z.boolean().default(false),
  is_pending_ext_shared: z.boolean().default(false),
});

/**
 * Who somebody is and what a channel is, asked of Slack. People are asked about every time; whatever cannot be confirmed is `unknown`, and
 * nothing that Slack said earlier stands in for an answer that it does not give now, but for the user groups within their time to live.
 */
export function makeDirectory(options: DirectoryOptions): FreshDirectory {
  const now = options.now ?? Date.now;
  const groups = makeGroups(options);
  const channels = new Map<string, { at: number; facts: Promise<ChannelFacts> }>();

  return {
    async actor(userId, teamId) {
      const [kind, member] = await Promise.all([kindOf(options, userId, teamId), groups.of(userId)]);
      return { userId, teamId: teamId ?? '', kind, groups: kind === 'member' ? member : { known: member.known, ids: [] } };
    },
    async channel(channelId) {
      // Not asked about: it would take another scope to hear what the id says, and nothing is done there in any case.
      if (channelId.startsWith('D')) return { id: channelId, kind: 'dm', shared: false, archived: false };
      const kept = channels.get(channelId);
      if (kept !== undefined && now() - kept.at < (options.channelTtlMs ?? CHANNEL_TTL)) return kept.facts;
      if (channels.size > 500) channels.clear();
      const facts = channelFacts(options, channelId);
      channels.set(channelId, { at: now(), facts });
      const seen = await facts;
      // An answer that was not had is not kept: the next click asks again.
      if (seen.kind === 'unknown') channels.delete(channelId);
      return seen;
    },
    forgetGroups: () => groups.forget(),
    forgetChannel: (channel) => void channels.delete(channel),
  };
}

async function kindOf(options: DirectoryOptions, userId: string, teamId: string | undefined): Promise<ActorFacts['kind']> {
  // The payload's word for another workspace is enough for a no; its word for ours is not enough for a yes.
  if (teamId === undefined || teamId === '') return 'unknown';
  if (teamId !== options.teamId) return 'stranger';
  try {
    const answer = await options.client.users.info({ user: userId });
    const user = User.safeParse(answer.user);
    return user.success && user.data.id === userId ? kindOfUser(user.data, options.teamId) : 'unknown';
  } catch (error) {
    options.log.warn({ user: userId, because: problemOf(error).because }, 'Slack could not confirm who this is');
    return 'unknown';
  }
}

function kindOfUser(user: User, teamId: string): ActorFacts['kind'] {
  if (user.is_stranger || user.team_id !== teamId) return user.team_id === undefined && !user.is_stranger ? 'unknown' : 'stranger';
  if (user.deleted) return 'deactivated';
  if (user.is_bot || user.is_workflow_bot || user.id === 'USLACKBOT') return 'bot';
  if (user.is_restricted || user.is_ultra_restricted) return 'guest';
  // Invited and not yet here: nobody has proved to be this person.
  return user.is_invited_user ? 'unknown' : 'member';
}

async function channelFacts(options: DirectoryOptions, id: string): Promise<ChannelFacts> {
  const unknown: ChannelFacts = { id, shared: false, archived: false, kind: 'unknown' };
  try {
    const answer = await options.client.conversations.info({ channel: id });
    const found = Channel.safeParse(answer.channel);
    if (!found.success || found.data.id !== id) return unknown;
    const { data } = found;
    // `is_shared` also says yes to a channel shared within an organisation, and the id's first letter says nothing.
    const kind = data.is_im || data.is_mpim ? 'dm' : data.is_private ? 'private' : 'public';
    return { id, kind, archived: data.is_archived, shared: data.is_ext_shared || data.is_pending_ext_shared };
  } catch (error) {
    options.log.warn({ channel: id, because: problemOf(error).because }, 'Slack could not say what this channel is');
    return unknown;
  }
}
