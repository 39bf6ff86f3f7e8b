import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { readAudit } from '../store/audit-stream.ts';
import { connectProducer } from '../store/connect.ts';
import { RedisRequestStore } from '../store/redis-store.ts';
import type { HistoryFilter } from './history-filter.ts';
import { historyLine, iso } from './history-line.ts';

const PAGE = 200;

/**
 * `repull history --json`: one JSON object per line, newest first, from Redis alone; with `--audit` the audit stream, oldest first. Either prints
 * all of it or fails: a part never looks like the whole. @returns the exit code.
 */
export async function printHistory(
  redisUrl: string,
  filter: HistoryFilter,
  write: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  const redis = connectProducer(redisUrl, { name: 'repull-history' });
  const receipt = makeReceipt();
  try {
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('error', reject);
    });
    const lines = filter.audit === true ? auditLines(redis, filter) : requestLines(redis, filter);
    for await (const { line, at } of lines) {
      const text = JSON.stringify(line);
      receipt.add(text, at);
      write(text);
    }
    if (filter.summary === true) complain(receipt.text(filter));
    return 0;
  } catch (problem) {
    complain(`repull history: Redis cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`);
    return 1;
  } finally {
    redis.disconnect();
  }
}

interface Printed {
  line: object;
  at: number;
}

async function* requestLines(
  redis: Redis,
  { since = 0, until = Number.POSITIVE_INFINITY, ...filter }: HistoryFilter,
): AsyncGenerator<Printed> {
  const store = new RedisRequestStore(redis);
  for (let before: string | undefined; ; ) {
    const page = await store.list({ ...filter, limit: PAGE, ...(before === undefined ? {} : { before }) });
    for (const record of page)
      if (record.createdAt >= since && record.createdAt < until) yield { line: historyLine(record), at: record.createdAt };
    const last = page.at(-1);
    // Newest first: what follows is older still.
    if (page.length < PAGE || last === undefined || last.createdAt < since) return;
    before = last.id;
  }
}

/** Everything that happened to requests, freezes and incident channels, refused clicks included. `id` is the request, environment or channel. */
async function* auditLines(redis: Redis, { since = 0, until = Number.POSITIVE_INFINITY }: HistoryFilter): AsyncGenerator<Printed> {
  for await (const { entry, at, ...fields } of readAudit(redis, since)) {
    if (at >= until) return;
    yield { line: { entry, at: iso(at), ...fields }, at };
  }
}

/** For whoever files an export: how much it is, from when to when, and the checksum that `sha256sum` gives of the file. */
function makeReceipt() {
  const hash = createHash('sha256');
  const times: number[] = [];
  let count = 0;
  return {
    add(text: string, at: number): void {
      hash.update(`${text}\n`);
      times[0] = Math.min(times[0] ?? at, at);
      times[1] = Math.max(times[1] ?? at, at);
      count += 1;
    },
    text: ({ since, until, ...filter }: HistoryFilter): string =>
      JSON.stringify({
        lines: count,
        sha256: hash.digest('hex'),
        oldest: times[0] === undefined ? undefined : iso(times[0]),
        newest: times[1] === undefined ? undefined : iso(times[1]),
        asked: {
          ...filter,
          summary: undefined,
          since: since === undefined ? undefined : iso(since),
          until: until === undefined ? undefined : iso(until),
        },
      }),
  };
}
