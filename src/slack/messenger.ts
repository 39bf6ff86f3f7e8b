import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Answer } from '../app/answers.ts';
import type { Budget, Claim } from '../app/ports-budget.ts';
import { ANNOUNCED, keyOfMilestones } from '../app/ports-slack.ts';
import type { CardContext, Channel, HomeContent, Listener, PostResult } from '../app/ports-slack.ts';
import type { Log } from '../app/worker-deps.ts';
import type { CardPlace, Milestone, RequestRecord } from '../domain/request.ts';
import type { Clients } from './clients.ts';
import { isLimited, problemOf } from './errors.ts';
import { findByMetadata, METADATA_EVENT } from './find.ts';
import type { Handles } from './handles.ts';
import { renderAnswer, renderInThread } from './render/answer.ts';
import { renderAnnouncement } from './render/announcement.ts';
import { renderCard } from './render/card.ts';
import { renderMilestone } from './render/milestone.ts';
import type { Rendered } from './render/rich.ts';
import { publishHome } from './publish-home.ts';
import { rankOfEntry, rankOfUpdate } from './rank.ts';
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

const metadata = (request: string, key: string) => ({ event_type: METADATA_EVENT, event_payload: { request, key } });

/** Makes what the use cases want shown into calls. Never throws for anything that Slack does. */
export function makeMessenger(options: MessengerOptions): Channel {
  const { clients, budget } = options;

  const post = async (channel: string, message: Rendered, claim: Claim, more: object = {}): Promise<PostResult> => {
    const turn = await budget.post(channel, claim);
    if (!turn.go) return { ok: false, because: 'rate-limited', retryAfterMs: turn.retryAfterMs };
    const body = { channel, ...message, unfurl_links: false, unfurl_media: false, ...more };
    return call(
      clients.progress,
      (client) => client.chat.postMessage(body),
      (ms) => budget.pause({ channel }, ms),
    );
  };

  return {
    hash: (record, context) => `${record.state.status}:${digest(renderCard(record, context))}`,

    async postCard(record, context) {
      const claim: Claim = { of: record.id, rank: 'terminal', since: record.createdAt };
      const result = await post(record.channel, renderCard(record, context), claim, { metadata: metadata(record.id, 'card') });
      if (result.ok) await lead(options, record, result.ts);
      return result;
    },

    async updateCard(place: CardPlace, record: RequestRecord, context: CardContext, shown?: string) {
      const turn = await budget.update({ of: record.id, rank: rankOfUpdate(record, shown), since: record.since });
      if (!turn.go) return { ok: false, because: 'rate-limited', retryAfterMs: turn.retryAfterMs };
      const body = { channel: place.channel, ts: place.ts, ...renderCard(record, context) };
      return call(
        clients.progress,
        (client) => client.chat.update(body),
        (ms) => budget.pause('update', ms),
      );
    },

    postMilestone(card: CardPlace, record: RequestRecord, ...milestones: Milestone[]) {
      const broadcast = milestones.some((each) => each.broadcast === true);
      const claim: Claim = { of: record.id, rank: rankOfEntry(record, broadcast), since: milestones[0]?.at ?? record.since };
      return post(card.channel, together(milestones.map((each) => renderMilestone(record, each))), claim, {
        thread_ts: card.ts,
        ...(broadcast ? { reply_broadcast: true } : {}),
        metadata: metadata(record.id, keyOfMilestones(milestones)),
      });
    },

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

    announce: (channel, text, thread, id) =>
      post(
        channel,
        renderAnnouncement(text),
        { of: id ?? text, rank: 'state', since: 0 },
        {
          ...(thread === undefined ? {} : { thread_ts: thread }),
          ...(id === undefined ? {} : { metadata: metadata(id, ANNOUNCED) }),
        },
      ),

    home: (user: string, content: HomeContent, hash?: string) => publishHome(clients.interactive, user, content, hash),
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

const digest = (rendered: Rendered): string => createHash('sha256').update(JSON.stringify(rendered)).digest('hex').slice(0, 32);

const together = (entries: readonly Rendered[]): Rendered => ({
  text: entries.map((each) => each.text).join('\n'),
  blocks: entries.flatMap((each) => each.blocks),
});

async function tell(options: MessengerOptions, to: Listener, answer: Answer): Promise<PostResult> {
  const message = to.thread === undefined ? renderAnswer(answer) : renderInThread(answer);
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

async function call(
  client: WebClient,
  method: (client: WebClient) => Promise<{ ts?: string; message_ts?: string }>,
  onLimited: (ms: number) => Promise<void> = async () => undefined,
): Promise<PostResult> {
  try {
    const answer = await method(client);
    return { ok: true, ts: answer.ts ?? answer.message_ts ?? '' };
  } catch (error) {
    const problem = problemOf(error);
    if (problem.because === 'rate-limited' && isLimited(error)) await onLimited(problem.retryAfterMs);
    return problem;
  }
}
