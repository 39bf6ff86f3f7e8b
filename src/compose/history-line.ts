import type { RequestRecord } from '../domain/request.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * One request as docs/operations.md describes it: times are ISO 8601 in UTC, durations milliseconds, digests `sha256:…`, people and channels
 * Slack ids; what is absent is left out.
 */
export function historyLine(record: RequestRecord) {
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
    ...beside(record),
  };
}

/** What a reader asks next: from where, by whom it was to be approved, how long it took, what it undoes and what undid it. */
function beside(record: RequestRecord) {
  const { decision, writing, endedAt, createdAt } = record;
  return {
    channel: record.channel,
    votes: decision.verdict === 'ask' ? decision.votes : decision.verdict === 'allow' ? 0 : undefined,
    approvers: decision.verdict === 'ask' ? decision.from : undefined,
    denied: decision.verdict === 'deny' ? decision.because.code : undefined,
    incident: record.incident,
    startedAt: writing === undefined ? undefined : iso(writing.at),
    durations: {
      waited: writing === undefined ? undefined : writing.at - createdAt,
      rollout: writing === undefined || endedAt === undefined ? undefined : endedAt - writing.at,
      total: endedAt === undefined ? undefined : endedAt - createdAt,
    },
    followers: record.followers.length === 0 ? undefined : record.followers.map(({ requester, at }) => ({ by: requester, at: iso(at) })),
    undoes: record.ask.undoes,
    rolledBackBy: record.rolledBackBy,
    changed: 'changed' in record.state ? record.state.changed : undefined,
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
