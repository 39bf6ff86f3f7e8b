import { AWAY, accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { MentionEvent } from './payloads.ts';

export function makeMention(deps: ListenerDeps): (event: unknown, eventId: string) => Promise<void> {
  return async (event, eventId) => {
    const parsed = MentionEvent.safeParse(event);
    if (!parsed.success) {
      deps.log.warn({ eventId }, 'a mention that could not be read was dropped');
      return;
    }
    const mention = parsed.data;
    // Our own words, and edits: what was asked once is not asked again by correcting a typo in it.
    if (mention.user === deps.botUserId || mention.edited !== undefined) return;
    if (mention.bot_id !== undefined || mention.user === undefined) return answerBot(deps, mention);
    const intake = {
      kind: 'command' as const,
      text: mention.text,
      user: mention.user,
      // Only people of another workspace carry `user_team`; users.info has the last word in any case.
      team: mention.user_team ?? mention.team ?? deps.teamId,
      channel: mention.channel,
      mention: true,
      ...(mention.thread_ts === undefined ? {} : { thread: mention.thread_ts }),
    };
    if (await accept(deps, intake, keyOf('event', eventId))) return;
    await sayAway(deps, mention.channel, mention.user, mention.thread_ts);
  };
}

/** Said and acknowledged; where it cannot even be said, the event stays unacknowledged and Slack brings it again. */
async function sayAway(deps: ListenerDeps, channel: string, user: string, thread: string | undefined): Promise<void> {
  await deps.clients.interactive.chat.postEphemeral({ channel, user, text: AWAY, ...(thread === undefined ? {} : { thread_ts: thread }) });
}

/** One key for the whole thread: a bot that answers back must not start a conversation without end, whichever of our processes hears it. */
async function answerBot(deps: ListenerDeps, mention: { channel: string; ts: string; thread_ts?: string | undefined }): Promise<void> {
  const thread = mention.thread_ts ?? mention.ts;
  const accepted = await accept(
    deps,
    { kind: 'bot-mention', channel: mention.channel, thread },
    keyOf('bot-mention', mention.channel, thread),
  );
  if (!accepted) throw new Error('not written down; Slack brings it again');
}
