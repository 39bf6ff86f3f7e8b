import type { Redis } from 'ioredis';
import type { RequestFilter } from '../app/ports.ts';
import type { RequestRecord } from '../domain/request.ts';
import { indexes, keys } from './keys.ts';
import { asked } from '../ops/redis-errors.ts';
import { parseJson, parseRecord } from './stored-record.ts';

/** Ids looked at per round trip; a filter that no index serves walks the index in such pages. */
const PAGE = 100;

/** Records in the order of `ids`; one that has expired meanwhile is left out. Each is read in one MULTI, so it is whole. */
export async function loadMany(redis: Redis, ids: readonly string[]): Promise<RequestRecord[]> {
  const found: RequestRecord[] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const page = ids.slice(from, from + PAGE);
    const multi = redis.multi();
    for (const id of page) multi.hgetall(keys.request(id)).lrange(keys.milestones(id), 0, -1).hget(keys.delivery(id), 'card');
    const replies = await asked(() => multi.exec());
    if (replies === null) throw new Error('a MULTI without WATCH was aborted');
    page.forEach((id, at) => {
      const [fields, milestones, card] = replies.slice(at * 3, at * 3 + 3).map(([error, value]) => {
        if (error !== null) throw error;
        return value;
      });
      const record = parseRecord(id, fields as Record<string, string>, milestones as string[], (card as string | null) ?? '');
      if (record !== undefined) found.push(record);
    });
  }
  return found;
}

function narrowest(filter: RequestFilter): string {
  if (filter.app !== undefined && filter.environment !== undefined) return indexes.place(filter.app, filter.environment);
  if (filter.requester !== undefined) return indexes.requester(filter.requester);
  if (filter.app !== undefined) return indexes.app(filter.app);
  return indexes.time;
}

function fits(record: RequestRecord, filter: RequestFilter): boolean {
  return (
    (filter.app === undefined || record.ask.app === filter.app) &&
    (filter.environment === undefined || record.ask.environment === filter.environment) &&
    (filter.cluster === undefined || record.ask.cluster === filter.cluster) &&
    (filter.requester === undefined || record.requester === filter.requester) &&
    (filter.status === undefined || record.state.status === filter.status)
  );
}

/** Newest first. A `before` that is not known (any more) gives nothing: a page that silently began again at the top would be a lie. */
export async function listRequests(redis: Redis, filter: RequestFilter): Promise<RequestRecord[]> {
  const index = keys.index(narrowest(filter));
  const found: RequestRecord[] = [];
  let after: { id: string; score: string } | undefined;
  if (filter.before !== undefined) {
    const { before } = filter;
    const score = await asked(() => redis.zscore(keys.index(indexes.time), before));
    if (score === null) return [];
    after = { id: before, score };
  }
  while (found.length < filter.limit) {
    const { ids, last } = await page(redis, index, after);
    for (const record of await loadMany(redis, ids)) {
      if (found.length < filter.limit && fits(record, filter)) found.push(record);
    }
    if (last === undefined) break;
    after = last;
  }
  return found;
}

/** By score and not by rank: a request that arrives between two pages must not shift them. Equal scores are told apart by id, descending. */
async function page(redis: Redis, index: string, after: { id: string; score: string } | undefined) {
  const highest = after?.score ?? '+inf';
  // Everything created in the same millisecond as the last one seen comes again and is skipped, however many there are.
  const same = after === undefined ? 0 : await asked(() => redis.zcount(index, after.score, after.score));
  const flat = await asked(() => redis.zrevrangebyscore(index, highest, '-inf', 'WITHSCORES', 'LIMIT', 0, PAGE + same));
  const entries: { id: string; score: string }[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) entries.push({ id: flat[i] as string, score: flat[i + 1] as string });
  const fresh = entries.filter((entry) => after === undefined || entry.score !== after.score || entry.id < after.id);
  return { ids: fresh.map((entry) => entry.id), last: entries.length < PAGE + same ? undefined : fresh.at(-1) };
}

/** Where it stands in the worst of its lines, and who is first there. */
export async function positionOf(redis: Redis, id: string): Promise<{ position: number; holder?: string } | undefined> {
  const stored = await asked(() => redis.hget(keys.request(id), '_lines'));
  if (stored === null) return undefined;
  const lines = parseJson<string[]>(stored, `${id}._lines`);
  const multi = redis.multi();
  for (const line of lines) multi.zrank(keys.line(line), id).zrange(keys.line(line), '0', '0');
  const replies = (await asked(() => multi.exec())) ?? [];
  let worst: { position: number; holder?: string } = { position: 1 };
  for (let i = 0; i < lines.length; i++) {
    const rank = replies[i * 2]?.[1] as number | null | undefined;
    const first = (replies[i * 2 + 1]?.[1] as string[] | undefined)?.[0];
    // It has left its lines between the two questions.
    if (rank === null || rank === undefined) return undefined;
    if (rank + 1 > worst.position) worst = { position: rank + 1, ...(first === undefined ? {} : { holder: first }) };
  }
  return worst;
}
