import { isTerminal } from '../domain/lifecycle.ts';
import { policyDiffers } from '../domain/policy-differs.ts';
import type { CardPlace, RequestRecord } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { hintFor, isUnknownName } from './name-hints.ts';
import { postOnce, type Dead, type Posted } from './post-once.ts';
import type { CardContext, Delivery, Listener } from './ports-slack.ts';
import type { Step } from './step.ts';
import { tellElsewhere } from './tell-elsewhere.ts';
import { tellFollowers, tellThread } from './tell-thread.ts';

/** A new state may arrive just as this run puts itself off, and then waits for it: it must still be shown within ten seconds. Milliseconds. */
const LONGEST = 5_000;
const DAY = 24 * 60 * 60_000;

/**
 * Makes the card and the thread match the record. Level-triggered: whatever was missed, doubled or came late, the next run compares what
 * is with what should be. At most one runs per request (the queue sees to that).
 */
export async function syncThread(deps: BotDeps, id: string): Promise<Step> {
  const record = await deps.store.load(id);
  if (record === undefined) return 'done';
  const delivery = await deps.deliveries.delivery(id);
  const step = await show(deps, record, delivery);
  if (step === 'unshown') return 'done';
  if (step === 'done') await deps.deliveries.synced(id, record.version);
  return typeof step === 'object' ? sooner(deps, record, step.again) : step;
}

/** `unshown`: stays among what Slack has not been shown, and reconcile comes back to it. */
async function show(deps: BotDeps, record: RequestRecord, delivery: Delivery): Promise<Step | 'unshown'> {
  const over = isTerminal(record.state.status);
  // Nothing more is said into a channel that is gone, until the end: by then it may be back.
  if (delivery.dead !== undefined && !over) return 'done';
  const shown = await match(deps, record, delivery);
  if (typeof shown !== 'object' || !('dead' in shown)) return shown;
  if (shown.everywhere !== true) return tellElsewhere(deps, record, delivery, shown.dead);
  // Whoever gives repull a new token within a day still gets to see the end.
  const isRecent = record.endedAt !== undefined && (await deps.store.now()) - record.endedAt < DAY;
  return over && isRecent ? 'unshown' : 'done';
}

/** Another state since this run began has no queue entry of its own: it is shown next, and not when this one comes back. None follows an end. */
async function sooner(deps: BotDeps, record: RequestRecord, again: number): Promise<Step> {
  if (isTerminal(record.state.status)) return { again };
  const now = again > 500 ? await deps.store.load(record.id) : record;
  return { again: now?.state.status === record.state.status ? Math.min(again, LONGEST) : 0 };
}

function match(deps: BotDeps, record: RequestRecord, delivery: Delivery): Promise<Step | Dead> {
  if (delivery.card === undefined && !wantsCard(record)) return answerOnly(deps, record, delivery);
  return showCard(deps, record, delivery);
}

/** A request that ended before it ever waited or ran makes no card. */
const wantsCard = (record: RequestRecord): boolean => {
  const { status } = record.state;
  if (status === 'planning' || status === 'denied') return false;
  return record.plan !== undefined || status === 'failed' || status === 'expired';
};

async function answerOnly(deps: BotDeps, record: RequestRecord, delivery: Delivery): Promise<Step> {
  const answer = await withHint(deps, record, finalAnswer(record, await linkOf(deps, record)));
  if (answer === undefined || delivery.answered === true) return 'done';
  const result = await deps.channel.tell(listenerOf(record), answer);
  if (!result.ok && result.because === 'rate-limited') return { again: result.retryAfterMs };
  if (!result.ok && result.because === 'unknown') return { again: 2_000 };
  await deps.deliveries.answered(record.id);
  return 'done';
}

/** An app that nothing in the cluster has the name of, or a denial: if it is a typo of what this person may see, the corrected line is offered. */
async function withHint(deps: BotDeps, record: RequestRecord, answer: Answer | undefined): Promise<Answer | undefined> {
  if (answer?.kind !== 'denied' && !isUnknownName(answer)) return answer;
  // Whoever may not break the glass has misspelt nothing.
  if (record.ask.override === true) return answer;
  const hint = await hintFor(deps, record);
  return hint ?? answer;
}

const listenerOf = (record: RequestRecord): Listener => ({
  channel: record.channel,
  user: record.requester,
  ...(record.thread === undefined ? {} : { thread: record.thread }),
  ...(record.handle === undefined ? {} : { handle: record.handle }),
});

async function linkOf(deps: BotDeps, record: RequestRecord): Promise<string | undefined> {
  if (record.state.status !== 'superseded') return undefined;
  const other = await deps.deliveries.delivery(record.state.by);
  return other.card === undefined ? undefined : deps.channel.permalink(other.card);
}

function finalAnswer(record: RequestRecord, link: string | undefined): Answer | undefined {
  const { app, environment } = record.ask;
  switch (record.state.status) {
    case 'denied':
      return record.decision.verdict === 'deny'
        ? { kind: 'denied', decision: record.decision, id: record.id, app, environment }
        : undefined;
    case 'refused':
      return { kind: 'failure', failure: record.state.because, id: record.id, app, environment, offer: offersFor(record) };
    case 'superseded':
      return { kind: 'joined', id: record.state.by, ...(link === undefined ? {} : { link }) };
    case 'cancelled':
      return { kind: 'done', text: `${record.id} was cancelled before anything was planned.` };
    default:
      return undefined;
  }
}

/** What would help, as a button: only what the requester could also type. */
function offersFor(record: RequestRecord): NonNullable<Extract<Answer, { kind: 'failure' }>['offer']> {
  if (record.state.status !== 'refused') return [];
  switch (record.state.because.code) {
    case 'nothing-new':
    case 'would-be-reverted':
    case 'registry-unknown':
      return [{ label: 'Do it all the same', action: 'force', id: record.id }];
    case 'would-not-pull':
      return [{ label: 'Pin to the new digest', action: 'pin', id: record.id }];
    case 'workload-paused':
      // Only where new pods of the old template would fetch.
      return record.state.because.remedy?.includes('--via evict') === true
        ? [{ label: 'Replace the pods as they are', action: 'evict', id: record.id }]
        : [];
    case 'outside-window':
    case 'frozen':
      return record.state.because.at === undefined ? [] : [{ label: 'Schedule', action: 'schedule', id: record.id }];
    default:
      return [];
  }
}

async function showCard(deps: BotDeps, record: RequestRecord, delivery: Delivery): Promise<Step | Dead> {
  const context = await contextOf(deps, record);
  const card = delivery.card ?? (await firstCard(deps, record, delivery, context));
  if ('again' in card || 'dead' in card) return card;
  if ('gone' in card) return 'done';
  const hash = deps.channel.hash(record, context);
  const isShown = delivery.card === undefined || delivery.cardHash === hash;
  const updated = isShown ? 'done' : await updateCard(deps, record, delivery, card, context, hash);
  if (typeof updated === 'object' && ('dead' in updated || updated.again === 0)) return updated;
  // A card that must wait for its turn does not keep the thread from having its own.
  const told = await tellThread(deps, record, delivery, card);
  if (told === 'done') return updated === 'done' ? tellFollowers(deps, record, delivery, card) : updated;
  if ('gone' in told) return replaceCard(deps, record, delivery, card, context, hash);
  return 'dead' in told || updated === 'done' ? told : { again: Math.min(told.again, updated.again) };
}

async function contextOf(deps: BotDeps, record: RequestRecord): Promise<CardContext> {
  const position = record.state.status === 'queued' ? await deps.store.position(record.id) : undefined;
  const newest = isTerminal(record.state.status)
    ? (await deps.store.list({ app: record.ask.app, environment: record.ask.environment, limit: 20 })).find(
        (each) => each.writing !== undefined,
      )
    : undefined;
  const differs = policyDiffers(deps.policy(), record);
  return {
    ...(differs === undefined ? {} : { policyDiffers: differs }),
    ...(position === undefined ? {} : { position }),
    ...(newest !== undefined && newest.id !== record.id && newest.createdAt > record.createdAt ? { newer: true } : {}),
  };
}

async function firstCard(
  deps: BotDeps,
  record: RequestRecord,
  delivery: Delivery,
  context: CardContext,
): Promise<CardPlace | Exclude<Posted, { ts: string }>> {
  const hash = deps.channel.hash(record, context);
  const posted = await postOnce(deps, record, delivery, 'card', { channel: record.channel }, hash, () =>
    deps.channel.postCard(record, context),
  );
  if (!('ts' in posted)) return posted;
  // What was found shows the record as it was when it was posted: the next run brings it up to date.
  return posted.adopted === true ? { again: 0 } : { channel: record.channel, ts: posted.ts };
}

async function updateCard(
  deps: BotDeps,
  record: RequestRecord,
  delivery: Delivery,
  card: CardPlace,
  context: CardContext,
  hash: string,
): Promise<Step | Dead> {
  deps.signal?.throwIfAborted();
  const result = await deps.channel.updateCard(card, record, context, delivery.cardHash);
  if (result.ok) {
    await deps.deliveries.posted(record.id, 'card', card, hash);
    return 'done';
  }
  switch (result.because) {
    case 'rate-limited':
      return { again: Math.max(1, result.retryAfterMs) };
    case 'unknown':
      return { again: 2_000 };
    case 'message-gone':
      return replaceCard(deps, record, delivery, card, context, hash);
    case 'channel-gone':
      await deps.deliveries.dead(record.id, result.detail);
      return { dead: result.detail, ...(result.everywhere === true ? { everywhere: true } : {}) };
    case 'refused':
      deps.log.error({ request: record.id, detail: result.detail }, 'Slack refused a card');
      return 'done';
  }
}

/** Somebody deleted the card: the state must stay visible, so it is posted again, once, and the thread goes on under the new one. */
async function replaceCard(
  deps: BotDeps,
  record: RequestRecord,
  delivery: Delivery,
  gone: CardPlace,
  context: CardContext,
  hash: string,
): Promise<Step | Dead> {
  const posted = await postOnce(deps, record, delivery, `card-after-${gone.ts}`, { channel: record.channel }, hash, () =>
    deps.channel.postCard(record, context),
  );
  if (!('ts' in posted)) return 'gone' in posted ? 'done' : posted;
  await deps.deliveries.posted(record.id, 'card', { channel: record.channel, ts: posted.ts }, posted.adopted === true ? '' : hash);
  return { again: 0 };
}
