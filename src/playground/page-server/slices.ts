import type { LocalSlack, MessageView } from '../slack/types.ts';
import type { Channel } from '../slack/workspace-types.ts';
import type { ChannelSlice, CommandHints, Persona, Tour, WorkspaceSlice } from './wire.ts';

/** What the page is told besides what the local Slack knows. */
export interface Stage {
  personas: Persona[];
  shortcuts: { callbackId: string; name: string }[];
  hints: CommandHints;
  tour?: Tour;
}

/** The messages of a channel as this person sees them; undefined where they cannot open it. */
export function messagesFor(slack: LocalSlack, userId: string, channelId: string): MessageView[] | undefined {
  try {
    return slack.view(userId, channelId).messages;
  } catch {
    return undefined;
  }
}

export function workspaceSlice(slack: LocalSlack, userId: string, stage: Stage): WorkspaceSlice {
  const { workspace } = slack;
  // The conversation with the app itself is its Messages tab, which is read-only: the App Home stands for it.
  const channels = workspace.channels().filter((channel) => channel.kind !== 'im' || !channel.members.includes(slack.botUserId));
  const nameFor = (channel: Channel): string => {
    if (channel.kind !== 'im') return channel.name;
    const other = workspace.user(channel.members.find((member) => member !== userId) ?? userId);
    return other?.realName || other?.name || channel.id;
  };
  return {
    name: workspace.name,
    botUserId: slack.botUserId,
    botName: workspace.user(slack.botUserId)?.name ?? 'repull',
    connections: slack.connections(),
    users: workspace.users().map((user) => ({
      id: user.id,
      name: user.name,
      realName: user.realName,
      guest: user.kind === 'guest' || user.kind === 'single-channel-guest',
      bot: user.kind === 'bot' || user.kind === 'workflow-bot',
      away: user.deactivated,
    })),
    groups: workspace.userGroups().map((group) => ({ id: group.id, name: group.handle })),
    channelNames: channels.filter(({ kind }) => kind !== 'im').map((channel) => ({ id: channel.id, name: channel.name })),
    channels: channels.flatMap((channel) => {
      const messages = messagesFor(slack, userId, channel.id);
      if (!messages) return [];
      return [
        {
          id: channel.id,
          name: nameFor(channel),
          kind: channel.kind,
          topic: channel.topic,
          members: channel.members.length,
          archived: channel.archived,
          lastTs: messages.at(-1)?.ts ?? '',
        },
      ];
    }),
    personas: stage.personas,
    shortcuts: stage.shortcuts,
    hints: stage.hints,
    ...(stage.tour ? { tour: stage.tour } : {}),
  };
}

/**
 * The difference to what was sent before. `sent` (ts → JSON) is brought up to date here, so that one edited card does not send
 * the whole channel again. Undefined: nothing changed.
 */
export function channelDifference(channelId: string, messages: MessageView[], sent: Map<string, string>): ChannelSlice | undefined {
  const order = messages.map((message) => message.ts);
  const changed: MessageView[] = [];
  const isSameOrder = order.length === sent.size && [...sent.keys()].every((ts, index) => ts === order[index]);
  const before = new Map(sent);
  sent.clear();
  for (const message of messages) {
    const json = JSON.stringify(message);
    if (before.get(message.ts) !== json) changed.push(message);
    sent.set(message.ts, json);
  }
  return isSameOrder && changed.length === 0 ? undefined : { channelId, order, changed };
}
