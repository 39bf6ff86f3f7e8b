import { parseArgs } from 'node:util';
import type { RequestFilter } from '../app/ports.ts';
import { STATUSES } from '../domain/lifecycle.ts';

/** Which requests `repull history --json` prints; times are milliseconds, `until` is not in it. */
export interface HistoryFilter extends Pick<RequestFilter, 'app' | 'environment' | 'requester' | 'status'> {
  since?: number;
  until?: number;
  /** The audit stream instead of requests. */
  audit?: true;
  /** One line on stderr at the end, to file with the export. */
  summary?: true;
}

export const HISTORY_USAGE =
  'Usage: repull history --json [--app A] [--environment E] [--user ID] [--result STATE] [--since 2026-11-01] [--until 2026-12-01] [--summary]\n       repull history --json --audit [--since 2026-11-01] [--until 2026-12-01] [--summary]';

const OPTIONS = {
  json: { type: 'boolean' },
  app: { type: 'string' },
  environment: { type: 'string' },
  user: { type: 'string' },
  result: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  audit: { type: 'boolean' },
  summary: { type: 'boolean' },
} as const;

/** Days and times without a zone are UTC. */
export function historyFilter(args: readonly string[]): HistoryFilter | { wrong: string } {
  const read = parsed(args);
  if ('wrong' in read) return read;
  const { app, environment, user, result, since, until, json, audit, summary } = read.values;
  if (json !== true) return { wrong: 'repull history prints JSON: add --json' };
  const narrowed = Object.entries({ app, environment, user, result }).find(([, value]) => value !== undefined);
  if (audit === true && narrowed !== undefined)
    return { wrong: `--audit prints every entry of its time; --${narrowed[0]} belongs to the list of requests` };
  const status = STATUSES.find((each) => each === result);
  if (result !== undefined && status === undefined)
    return { wrong: `--result ${result}: there is no such state; known: ${STATUSES.join(', ')}` };
  const times = { since: timeOf(since), until: timeOf(until) };
  for (const [name, at] of Object.entries(times))
    if (Number.isNaN(at)) return { wrong: `--${name}: write a day (2026-11-01) or a time (2026-11-01T08:00:00Z)` };
  return {
    ...(app === undefined ? {} : { app }),
    ...(environment === undefined ? {} : { environment }),
    ...(user === undefined ? {} : { requester: user }),
    ...(status === undefined ? {} : { status }),
    ...(times.since === undefined ? {} : { since: times.since }),
    ...(times.until === undefined ? {} : { until: times.until }),
    ...(audit === true ? { audit } : {}),
    ...(summary === true ? { summary } : {}),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false });
  } catch (problem) {
    return { wrong: problem instanceof Error ? problem.message : String(problem) };
  }
}

/** NaN: not a time. Date.parse takes a bare day for UTC and a bare time for local, so a zone is added where there is none. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return Number.NaN;
  return Date.parse(text.length > 10 && !/(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T'));
}
