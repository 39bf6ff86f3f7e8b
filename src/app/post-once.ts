import type { RequestRecord } from '../domain/request.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Delivery, PostResult } from './ports-slack.ts';

/** `adopted`: it was there already, as rendered by whoever posted it. `gone`: the card whose thread this belongs to was deleted. */
export type Posted = { ts: string; adopted?: true } | { again: number } | Dead | { gone: true };

/** Nothing can be shown in this channel, or `everywhere`, any more. */
export interface Dead {
  dead: string;
  everywhere?: true;
}

/** A request, or an announcement. */
type Told = Pick<RequestRecord, 'id' | 'channel'>;

/** What nothing renders to: the next comparison finds a difference, and shows the record as it is now. */
const UNKNOWN_RENDERING = '';

/** A post whose answer has not come by now is either there or never will be: the Slack timeout (5 s) and a margin. Milliseconds. */
const SETTLED = 8_000;

/**
 * Intent marker → post with metadata {request, key} → ts. After an unknown result the message is looked up by its metadata before it is posted
 * again (research/reliability.md §3.3). Without the scopes to look, a second post is possible; the start-up log says so.
 */
export async function postOnce(
  deps: BotDeps,
  record: Told,
  delivery: Delivery,
  key: string,
  place: { channel: string; thread?: string },
  hash: string | undefined,
  post: () => Promise<PostResult>,
): Promise<Posted> {
  const known = delivery.posted[key];
  if (known !== undefined) return { ts: known };
  const begun = delivery.intents[key];
  if (begun !== undefined) {
    const age = (await deps.store.now()) - begun;
    if (age < SETTLED) return { again: SETTLED - age };
    const found = await deps.channel.find(place, record.id, key);
    if (typeof found === 'object') {
      await keep(deps, record, key, place, found.ts, hash === undefined ? undefined : UNKNOWN_RENDERING);
      return { ts: found.ts, adopted: true };
    }
    await deps.deliveries.clearIntent(record.id, key);
  }
  if (!(await deps.deliveries.intend(record.id, key))) return { again: SETTLED };
  // Whoever lost the lock must not post beside the one who has it now; the marker makes the next run look first.
  deps.signal?.throwIfAborted();
  const result = await post();
  if (result.ok) return keep(deps, record, key, place, result.ts, hash);
  return settle(deps, record, key, place, result);
}

async function keep(
  deps: BotDeps,
  record: Told,
  key: string,
  place: { channel: string },
  ts: string,
  hash: string | undefined,
): Promise<Posted> {
  await deps.deliveries.posted(record.id, key, { channel: place.channel, ts }, hash);
  return { ts };
}

async function settle(
  deps: BotDeps,
  record: Told,
  key: string,
  place: { thread?: string },
  result: Exclude<PostResult, { ok: true }>,
): Promise<Posted> {
  switch (result.because) {
    case 'unknown':
      return { again: SETTLED };
    case 'rate-limited':
      await deps.deliveries.clearIntent(record.id, key);
      return { again: result.retryAfterMs };
    case 'channel-gone':
      await deps.deliveries.dead(record.id, result.detail);
      deps.log.warn({ request: record.id, detail: result.detail }, 'nothing can be shown in this channel any more');
      await deps.deliveries.clearIntent(record.id, key);
      return { dead: result.detail, ...(result.everywhere === true ? { everywhere: true } : {}) };
    case 'message-gone':
    case 'refused':
      if (result.because === 'message-gone' && place.thread !== undefined) {
        await deps.deliveries.clearIntent(record.id, key);
        return { gone: true };
      }
      // Not shown, and would not be shown next time: noted, so that the rest of the thread goes on.
      deps.log.error({ request: record.id, key, because: result.because }, 'Slack refused a message');
      await deps.deliveries.posted(record.id, key, { channel: record.channel, ts: 'refused' });
      return { ts: 'refused' };
  }
}
