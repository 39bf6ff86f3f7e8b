import { createCode, readFailureEvent } from './failure-event.ts';
import type { Failure } from './failure.ts';
import type { Notebook } from './notebook.ts';
import { cut } from './pod-symptoms.ts';
import { shortName } from './select.ts';
import type { ClusterEvent, Revision, WorkloadView } from './workload.ts';

/** Pods that the API server does not let the controller make: how long that may last without any progress, and how often it may be refused. */
const QUOTA = 30_000;
const REFUSALS = 2;

/**
 * The refusal that keeps pods from being created, once it has lasted. Quota may be freed by pods that are still going, so only standing still
 * counts: `stillSince` is when the counts last moved.
 */
export function createFailure(
  view: WorkloadView,
  revision: Revision | undefined,
  notebook: Notebook,
  stillSince: number,
  now: number,
): Failure | undefined {
  const refused = refusal(view, revision);
  if (refused === undefined) return undefined;
  const { message, count } = refused;
  const code = createCode(message);
  const noted = notebook.note(`create/${code}`, count, message);
  const lasted = now - Math.max(noted.since, stillSince) >= QUOTA;
  if (!(lasted || (code === 'admission-refused' && noted.seen >= REFUSALS))) return undefined;
  const { namespace } = view.workload;
  const look =
    code === 'quota-exceeded' ? `kubectl -n ${namespace} describe quota` : `kubectl -n ${namespace} describe ${shortName(view.workload)}`;
  return { code, subject: shortName(view.workload), evidence: cut(message), transient: code !== 'admission-refused', remedy: look };
}

function refusal(view: WorkloadView, revision: Revision | undefined): { message: string; count: number } | undefined {
  // A Deployment and its ReplicaSets say it in a condition, which goes away with the cause.
  const conditions = [...view.workload.status.conditions, ...(revision?.conditions ?? [])];
  const condition = conditions.find(
    ({ type, status, reason }) =>
      (type === 'ReplicaFailure' && status === 'True' && reason === 'FailedCreate') ||
      (type === 'Progressing' && reason === 'ReplicaSetCreateError'),
  );
  const events = view.events.filter((event) => event.objectKind !== 'Pod');
  const last = newest(events, ({ reason }) => reason === 'FailedCreate');
  if (condition !== undefined) return { message: condition.message ?? last?.message ?? 'FailedCreate', count: last?.count ?? 1 };
  if (view.workload.kind === 'Deployment' || last === undefined || readFailureEvent(last) === undefined) return undefined;
  // StatefulSets and DaemonSets have events only; a later success cures an earlier failure.
  const success = newest(events, ({ reason }) => reason === 'SuccessfulCreate');
  const since = revision?.createdAt ?? 0;
  return last.at < since || (success !== undefined && success.at > last.at) ? undefined : { message: last.message, count: last.count };
}

const newest = (events: readonly ClusterEvent[], is: (event: ClusterEvent) => boolean): ClusterEvent | undefined =>
  events.filter(is).toSorted((a, b) => b.at - a.at)[0];
