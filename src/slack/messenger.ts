import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Answer } from '../app/answers.ts';
import type { CardContext, Channel, Listener, PostResult } from '../app/ports-slack.ts';
import type { Log } from '../app/worker-deps.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import type { CardPlace, Milestone, RequestRecord } from '../domain/request.ts';
import type { Budget, Rank } from './budget.ts';
import type { Clients } from './clients.ts';
import { problemOf } from './errors.ts';
import { findByMetadata, METADATA_EVENT } from './find.ts';
import type { Handles } from './handles.ts';
import { renderAnswer } from './render/answer.ts';
import { renderAnnouncement } from './render/announcement.ts';
import { renderCard } from './render/card.ts';
import { renderMilestone } from './render/milestone.ts';
import type { Rendered } from './render/rich.ts';
import { dismiss, respond } from './respond.ts';

export interface MessengerOptions {
  clients: Clients;
  handles: Handles;
  budget: Budget;
  /** Granted to the bot token; `find` needs history. */
  scopes: readonly string[];
  botUserId: string;
  log: Log;
}

/** A channel takes one message a second. A new card, and what the whole channel is to know, go before the thread entries of what has ended. */
const FIRST: Rank = 'terminal';

const metadata = (request: string, key: string) => ({ event_type: METADATA_EVENT, event_payload: { request, key } });

/** Makes what the use cases want shown into calls. Never throws for anything that Slack does. */
export function makeMessenger(options: MessengerOptions): Channel {
  const { clients, budget } = options;

  const post = async (channel: string, message: Rendered, rank: Rank, more: object = {}): Promise<PostResult> => {
    const turn = await budget.post(channel, rank);
    if (!turn.go) return { ok: false, because: 'rate-limited', retryAfterMs: turn.retryAfterMs };
    const body = { channel, ...message, unfurl_links: false, unfurl_media: false, ...more };
    const result = await call(clients.progress, (client) => client.chat.postMessage(body));
    if (!result.ok && result.because === 'rate-limited') budget.pause({ channel }, result.retryAfterMs);
    return result;
  };

  return {
    hash: (record, context) =>
      createHash('sha256')
        .update(JSON.stringify(renderCard(record, context)))
        .digest('hex')
        .slice(0, 32),

    async postCard(record, context) {
      const result = await post(record.channel, renderCard(record, context), FIRST, { metadata: metadata(record.id, 'card') });
      if (result.ok) await lead(options, record, result.ts);
      return result;
    },

    async updateCard(place: CardPlace, record: RequestRecord, context: CardContext) {
      const turn = await budget.update(rankOf(record), place.ts);
      if (!turn.go) return { ok: false, because: 'rate-limited', retryAfterMs: turn.retryAfterMs };
      const body = { channel: place.channel, ts: place.ts, ...renderCard(record, context) };
      const result = await call(clients.progress, (client) => client.chat.update(body));
      if (!result.ok && result.because === 'rate-limited') budget.pause('update', result.retryAfterMs);
      return result;
    },

    postMilestone: (card: CardPlace, record: RequestRecord, milestone: Milestone) =>
      post(card.channel, renderMilestone(record, milestone), milestone.broadcast === true ? FIRST : 'state', {
        thread_ts: card.ts,
        ...(milestone.broadcast === true ? { reply_broadcast: true } : {}),
        metadata: metadata(record.id, String(milestone.seq)),
      }),

    find: (place, request, key) => findByMetadata(options, place, request, key),

    tell: (to, answer) => tell(options, to, answer),

    async permalink(place) {
      try {
        const answer = await clients.interactive.chat.getPermalink({ channel: place.channel, message_ts: place.ts });
        return answer.permalink;
      } catch (error) {
        options.log.debug({ channel: place.channel, problem: problemOf(error).because }, 'no permalink');
        return undefined;
      }
    },

    announce: (channel, text) => post(channel, renderAnnouncement(text), 'state'),
  };
}

/**
 * Leads whoever asked to the new card: their "Planning …" goes, and where they asked in a thread, which a card with a thread of its own
 * cannot stand in, they get its address there. A courtesy: it may fail without anything being lost.
 */
async function lead(options: MessengerOptions, record: RequestRecord, ts: string): Promise<void> {
  if (record.handle !== undefined) await dismiss(options.handles, record.handle);
  if (record.thread === undefined) return;
  try {
    const { permalink } = await options.clients.interactive.chat.getPermalink({ channel: record.channel, message_ts: ts });
    const text = `${record.ask.app} in ${record.ask.environment}, ${record.id}: ${permalink ?? ''}`;
    await options.clients.interactive.chat.postEphemeral({
      channel: record.channel,
      user: record.requester,
      thread_ts: record.thread,
      ...renderAnnouncement(text),
    });
  } catch (error) {
    options.log.debug({ request: record.id, problem: problemOf(error).because }, 'nobody was led to the card');
  }
}

const rankOf = (record: RequestRecord): Rank => {
  if (isTerminal(record.state.status)) return 'terminal';
  return record.state.status === 'rolling-out' ? 'progress' : 'state';
};

async function tell(options: MessengerOptions, to: Listener, answer: Answer): Promise<PostResult> {
  const message = renderAnswer(answer);
  if (to.handle !== undefined) {
    const said = await respond(options.handles, to.handle, message, answer.kind === 'planning');
    if (said !== undefined && (said.ok || said.because === 'rate-limited')) return said;
  }
  return call(options.clients.interactive, (client) =>
    client.chat.postEphemeral({
      channel: to.channel,
      user: to.user,
      ...message,
      ...(to.thread === undefined ? {} : { thread_ts: to.thread }),
    }),
  );
}

async function call(client: WebClient, method: (client: WebClient) => Promise<{ ts?: string; message_ts?: string }>): Promise<PostResult> {
  try {
    const answer = await method(client);
    return { ok: true, ts: answer.ts ?? answer.message_ts ?? '' };
  } catch (error) {
    return problemOf(error);
  }
}
