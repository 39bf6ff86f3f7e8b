/** The composer: a slash command, a mention, or a plain message. */
import { ApiError } from './api-error.ts';
import { showAnswer } from './answers.ts';
import { isObject } from './check.ts';
import { payloadChannelName } from './directory.ts';
import { sendEvent } from './events.ts';
import type { Hub } from './hub.ts';
import { encodeTyped } from './mentions.ts';
import type { StoredMessage } from './messages.ts';
import { ackError, notice, ofAck, refused } from './outcome.ts';
import type { Outcome } from './types.ts';
import { channelFor, messageView } from './visible.ts';
import type { Channel, User } from './workspace-types.ts';

export async function typeText(
  hub: Hub,
  user: User,
  channelId: string,
  text: string,
  options: { threadTs?: string; broadcast?: boolean } = {},
): Promise<Outcome> {
  const channel = channelFor(hub, user, channelId);
  if (!channel.members.includes(user.id)) throw new Error(`${user.name} is not in ${channelId}: they would have to join first`);
  const { threadTs } = options;
  const place = { channelId, ...(threadTs === undefined ? {} : { threadTs }) };
  if (threadTs !== undefined && hub.messages.find(channelId, threadTs)?.threadTs !== undefined) {
    throw new Error(`${threadTs} is a reply: a thread is named by its first message`);
  }
  if (threadTs !== undefined && hub.messages.find(channelId, threadTs) === undefined)
    throw new Error(`${channelId} has no message ${threadTs}`);
  if (channel.archived) return refused(hub, user, 'You cannot post here: this channel is archived.', place);
  if (text.startsWith('/')) return command(hub, user, channel, text, threadTs);
  const message = hub.messages.post({
    ...place,
    userId: user.id,
    text: encodeTyped(text, hub.directory),
    broadcast: threadTs !== undefined && options.broadcast === true,
    unfurl: { links: true, media: true },
    ...(user.kind === 'bot' || user.kind === 'workflow-bot' ? { botId: `B${user.id.slice(1)}` } : {}),
  });
  return mention(hub, user, channel, message);
}

async function command(hub: Hub, user: User, channel: Channel, typed: string, threadTs: string | undefined): Promise<Outcome> {
  const name = typed.replace(/\s[^]*$/, '');
  const rest = typed.slice(name.length).trim();
  const place = { channelId: channel.id, ...(threadTs === undefined ? {} : { threadTs }) };
  /** Only people of the workspace in which the app is installed have its commands. */
  if (!hub.app.commands.includes(name) || user.teamId !== hub.directory.teamId || user.kind === 'external') {
    return refused(
      hub,
      user,
      `${name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
      place,
    );
  }
  if (threadTs !== undefined) return refused(hub, user, `${name} is not supported in threads. Sorry!`, place);
  const triggerId = hub.handles.trigger({ userId: user.id });
  const handle = hub.handles.responseUrl({ channelId: channel.id, userId: user.id, origin: 'command' });
  const responseUrl = hub.origin() + handle.path;
  const ack = await hub.delivery.deliver('slash_commands', {
    token: hub.app.verificationToken,
    team_id: hub.directory.teamId,
    team_domain: hub.directory.domain,
    channel_id: channel.id,
    channel_name: payloadChannelName(channel),
    user_id: user.id,
    user_name: user.name,
    command: name,
    text: hub.app.shouldEscape ? encodeTyped(rest, hub.directory) : rest,
    api_app_id: hub.app.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  });
  const outcome: Outcome = { kind: 'command', ...ofAck(ack), triggerId, responseUrl };
  const wrong = ackError(ack, name);
  if (wrong !== undefined) {
    notice(hub, user, wrong, place);
    return { ...outcome, error: wrong };
  }
  return { ...outcome, ...answered(hub, user, channel, name, ack.kind === 'acked' ? ack.payload : {}, handle.key) };
}

/** The message in the acknowledgement, if there is one. */
function answered(hub: Hub, user: User, channel: Channel, name: string, payload: unknown, key: string): Partial<Outcome> {
  const handle = hub.handles.findResponseUrl(key);
  if (!isObject(payload) || Object.keys(payload).length === 0 || typeof handle === 'string') return {};
  try {
    const shown = showAnswer(hub, payload, handle);
    return shown === undefined ? {} : { shown: messageView(hub, user, shown) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const text = `${name} failed because the app's answer was not valid. (${error.code}) ${JSON.stringify(error.extra)}`;
    notice(hub, user, text, { channelId: channel.id });
    return { error: text };
  }
}

/** The app hears of a mention where it is a member, and not in direct messages. */
async function mention(hub: Hub, user: User, channel: Channel, message: StoredMessage): Promise<Outcome> {
  const posted = { acked: true, ts: message.ts };
  const meant = message.mentions.some(({ kind, id }) => kind === 'user' && id === hub.app.botUserId);
  if (!meant || channel.kind === 'im' || !channel.members.includes(hub.app.botUserId)) return { kind: 'message', ...posted };
  const parent = message.threadTs === undefined ? undefined : hub.messages.find(channel.id, message.threadTs);
  const sent = sendEvent(
    hub,
    {
      type: 'app_mention',
      user: user.id,
      text: message.text,
      ts: message.ts,
      event_ts: message.ts,
      channel: channel.id,
      team: user.teamId,
      client_msg_id: hub.random.hex(32),
      ...(message.botId === undefined ? {} : { bot_id: message.botId }),
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs, parent_user_id: parent?.userId }),
      ...(channel.extShared ? { user_team: user.teamId, source_team: user.teamId } : {}),
    },
    { channelId: channel.id, contextTeamId: user.teamId },
  );
  if (sent === undefined) return { kind: 'message', ...posted };
  return { kind: 'mention', ...ofAck(await sent), ts: message.ts };
}
