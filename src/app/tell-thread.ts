import { isTerminal } from '../domain/lifecycle.ts';
import type { CardPlace, Milestone, RequestRecord } from '../domain/request.ts';
import type { BotDeps } from './bot-deps.ts';
import { postOnce, type Posted } from './post-once.ts';
import { keyOfMilestones, type Delivery } from './ports-slack.ts';
import type { Step } from './step.ts';

/** Of a thread that is behind, this much goes into one entry: about a screen, and far below what one message may hold. */
const TOGETHER = { milestones: 10, characters: 2_000 };

/** Thread entries in order, each once; several that are due at the same time are one message, because a channel takes one a second. */
export async function tellThread(
  deps: BotDeps,
  record: RequestRecord,
  delivery: Delivery,
  card: CardPlace,
): Promise<Exclude<Posted, { ts: string }> | 'done'> {
  const told = new Set(Object.keys(delivery.posted).flatMap((key) => key.split('+')));
  let missing = record.milestones.filter((each) => !told.has(String(each.seq)));
  while (missing.length > 0) {
    const batch = begun(missing, delivery) ?? together(missing);
    const posted = await postOnce(
      deps,
      record,
      delivery,
      keyOfMilestones(batch),
      { channel: card.channel, thread: card.ts },
      undefined,
      () => deps.channel.postMilestone(card, record, ...batch),
    );
    if (!('ts' in posted)) return posted;
    missing = missing.slice(batch.length);
  }
  return 'done';
}

/** A post whose answer was lost is looked up, and repeated, as what it was. */
function begun(missing: readonly Milestone[], delivery: Delivery): Milestone[] | undefined {
  const first = String(missing[0]?.seq);
  const key = Object.keys(delivery.intents).find((each) => each.split('+')[0] === first);
  const batch = missing.slice(0, key?.split('+').length ?? 0);
  return key === keyOfMilestones(batch) ? batch : undefined;
}

/** What the whole channel hears stays a message of its own. */
function together(missing: readonly Milestone[]): Milestone[] {
  const batch: Milestone[] = [];
  let characters = 0;
  for (const milestone of missing) {
    characters += milestone.text.length;
    const full = batch.length === TOGETHER.milestones || characters > TOGETHER.characters;
    if (batch.length > 0 && (full || milestone.broadcast === true || batch[0]?.broadcast === true)) break;
    batch.push(milestone);
  }
  return batch;
}

/** Those who joined hear the end, each once, where they asked. */
export async function tellFollowers(deps: BotDeps, record: RequestRecord, delivery: Delivery, card?: CardPlace): Promise<Step> {
  if (!isTerminal(record.state.status)) return 'done';
  for (const follower of record.followers) {
    const key = `follower-${follower.requester}`;
    if (delivery.posted[key] !== undefined) continue;
    const link = card === undefined ? undefined : await deps.channel.permalink(card);
    const text = `${record.id}, which you asked for too, is ${record.state.status.replace('-', ' ')}.${link === undefined ? '' : ` ${link}`}`;
    const result = await deps.channel.tell({ channel: follower.channel, user: follower.requester }, { kind: 'done', text });
    if (!result.ok && result.because === 'rate-limited') return { again: result.retryAfterMs };
    // Twice is better than never: nobody else tells them.
    if (!result.ok && result.because === 'unknown') return { again: 2_000 };
    await deps.deliveries.posted(record.id, key, { channel: follower.channel, ts: result.ok ? result.ts : 'not-shown' });
  }
  return 'done';
}
