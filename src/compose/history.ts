import type { RequestRecord } from '../domain/request.ts';
import { connectProducer } from '../store/connect.ts';
import { RedisRequestStore } from '../store/redis-store.ts';
import type { HistoryFilter } from './history-filter.ts';

const PAGE = 200;

/** `repull history --json`: one JSON object per line, newest first, from Redis alone. @returns the exit code. */
export async function printHistory(
  redisUrl: string,
  { since = 0, until = Number.POSITIVE_INFINITY, ...filter }: HistoryFilter,
  write: (line: string) => void,
  complain: (line: string) => void,
): Promise<number> {
  const redis = connectProducer(redisUrl, { name: 'repull-history' });
  try {
    await new Promise<void>((resolve, reject) => {
      redis.once('ready', resolve);
      redis.once('error', reject);
    });
    const store = new RedisRequestStore(redis);
    for (let before: string | undefined; ; ) {
      const page = await store.list({ ...filter, limit: PAGE, ...(before === undefined ? {} : { before }) });
      for (const record of page) if (record.createdAt >= since && record.createdAt < until) write(JSON.stringify(historyLine(record)));
      const last = page.at(-1);
      // Newest first: what follows is older still.
      if (page.length < PAGE || last === undefined || last.createdAt < since) return 0;
      before = last.id;
    }
  } catch (problem) {
    complain(`repull history: Redis cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`);
    return 1;
  } finally {
    redis.disconnect();
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The shape of product.md §2; times are ISO 8601 in UTC, digests `sha256:…`, absent values left out. */
function historyLine(record: RequestRecord) {
  const { ask, decision, state } = record;
  return {
    id: record.id,
    at: iso(record.createdAt),
    kind: ask.kind,
    app: ask.app,
    environment: ask.environment,
    cluster: ask.cluster,
    workloads:
      record.plan?.workloads.map(({ workload }) => `${workload.kind.toLowerCase()}/${workload.namespace}/${workload.name}`) ??
      ask.workloads,
    requester: record.requester,
    reason: ask.reason,
    rule: decision.rule,
    decisions: record.decisions.map(({ by, verdict, reason, at }) => ({ by, verdict, reason, at: iso(at) })),
    method: record.plan?.workloads[0]?.method ?? ask.via,
    containers: containersOf(record),
    state: state.status,
    because: 'because' in state ? (typeof state.because === 'string' ? state.because : state.because.code) : undefined,
    endedAt: record.endedAt === undefined ? undefined : iso(record.endedAt),
  };
}

function containersOf(record: RequestRecord) {
  const planned = record.plan?.containers.filter((each) => each.concerned) ?? [];
  return planned.map((each) => {
    const verdict = record.verdicts?.find(
      (one) => one.container === each.container && one.workload.name === each.workload.name && one.workload.kind === each.workload.kind,
    );
    return {
      workload: `${each.workload.kind.toLowerCase()}/${each.workload.namespace}/${each.workload.name}`,
      container: each.container,
      before: each.running,
      registry: each.registry.known ? each.registry.digest : undefined,
      after: verdict?.after,
      verdict: verdict?.word,
    };
  });
}
