import { z } from 'zod';
import type { Clients } from './clients.ts';

/** Metadata can be read by every member of the workspace: a request's id and a key, nothing else. */
export const METADATA_EVENT = 'repull';

const PAGE = 100;
const PAGES = 5;

const Found = z.object({
  ts: z.string(),
  user: z.string().optional(),
  metadata: z.object({ event_type: z.string(), event_payload: z.object({ request: z.string(), key: z.string() }) }),
});

/**
 * Looks for a message of ours whose posting was answered by a lost reply. Needs history scopes, which the bot has only with
 * `manifest --exactly-once`; without them, and whenever the look fails, the answer is "cannot look", never "it is not there".
 *
 * `card-after-<ts>`: the card that took the place of a deleted one; it carries the key `card` like every card, and is newer.
 */
export async function findByMetadata(
  options: { clients: Clients; scopes: readonly string[]; botUserId: string },
  place: { channel: string; thread?: string },
  request: string,
  key: string,
): Promise<{ ts: string } | 'absent' | 'cannot-look'> {
  if (!['channels:history', 'groups:history'].some((scope) => options.scopes.includes(scope))) return 'cannot-look';
  const [wanted, after] = key.startsWith('card-after-') ? ['card', key.slice('card-after-'.length)] : [key, ''];
  try {
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await history(options.clients, place, cursor);
      const hit = (answer.messages ?? [])
        .flatMap((message) => {
          const found = Found.safeParse(message);
          return found.success ? [found.data] : [];
        })
        .find((each) => isIt(each, options.botUserId, request, wanted) && each.ts > after);
      if (hit !== undefined) return { ts: hit.ts };
      cursor = answer.response_metadata?.next_cursor;
      if (cursor === undefined || cursor === '') return 'absent';
    }
    return 'cannot-look';
  } catch {
    return 'cannot-look';
  }
}

const isIt = (found: z.infer<typeof Found>, bot: string, request: string, key: string): boolean =>
  // Anybody may post metadata: only a message of our own user counts.
  found.user === bot &&
  found.metadata.event_type === METADATA_EVENT &&
  found.metadata.event_payload.request === request &&
  found.metadata.event_payload.key === key;

function history(clients: Clients, place: { channel: string; thread?: string }, cursor: string | undefined) {
  const common = { channel: place.channel, limit: PAGE, include_all_metadata: true, ...(cursor === undefined ? {} : { cursor }) };
  return place.thread === undefined
    ? clients.progress.conversations.history(common)
    : clients.progress.conversations.replies({ ...common, ts: place.thread });
}
