import { AWAY, accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';
import { MentionEvent } from './payloads.ts';

/** Threads in which a bot was answered already: a bot that answers back must not start a conversation without end. */
const ANSWERED_MOST = 1000;

export function makeMention(deps: ListenerDeps): (event: unknown, eventId: string) => Promise<void> {
  const answered = new Set<string>();
  return async (event, eventId) => {
    const parsed = MentionEvent.safeParse(event);
    if (!parsed.success) {
      deps.log.warn({ eventId }, 'a mention that could not be read was dropped');
      return;
    }
    const mention = parsed.data;
    // Our own words, and edits: what was asked once is not asked again by correcting a typo in it.
    if (mention.user === deps.botUserId || mention.edited !== undefined) return;
    if (mention.bot_id !== undefined || mention.user === undefined) return answerBot(deps, mention, answered);
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

async function answerBot(
  deps: ListenerDeps,
  mention: { channel: string; ts: string; thread_ts?: string | undefined },
  answered: Set<string>,
): Promise<void> {
  const thread = mention.thread_ts ?? mention.ts;
  const place = `${mention.channel}/${thread}`;
  if (answered.has(place)) return;
  if (answered.size >= ANSWERED_MOST) answered.clear();
  answered.add(place);
  await deps.clients.progress.chat
    .postMessage({
      channel: mention.channel,
      thread_ts: thread,
      text: 'repull takes requests from people only; nothing was changed.',
      unfurl_links: false,
      unfurl_media: false,
    })
    .catch(() => deps.log.warn({ channel: mention.channel }, 'a bot could not be answered'));
}
