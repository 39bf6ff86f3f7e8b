import { createCode, isWebhookAway, readFailureEvent } from './failure-event.ts';
import type { Failure } from './failure.ts';
import { shortName } from './select.ts';
import { cut, TRANSIENT, type Symptom } from './symptom.ts';
import type { ClusterEvent, Revision, WorkloadView } from './workload.ts';

/** Pods that the API server does not let the controller make: how long that may last without any progress, and how often it may be refused. */
const QUOTA = 30_000;
const REFUSALS = 2;

/**
 * The refusal that keeps pods from being created. Quota may be freed by pods that are still going, so only standing still counts: the caller
 * measures its budget from when the counts last moved.
 */
export function createSymptom(view: WorkloadView, revision: Revision | undefined): Symptom | undefined {
  const refused = refusal(view, revision);
  if (refused === undefined) return undefined;
  const { message, count } = refused;
  const code = createCode(message);
  const away = isWebhookAway(message);
  const final = code === 'admission-refused' && !away;
  const budget = final ? 0 : away ? TRANSIENT : QUOTA;
  const failure: Failure = {
    code,
    subject: shortName(view.workload),
    evidence: cut(message),
    transient: !final,
    ...help(view, code, message),
  };
  return { key: `create/${code}`, detail: code, failure, seen: count, fatalAt: final ? REFUSALS : 0, budgetMs: budget, certainMs: QUOTA };
}

function help({ workload }: WorkloadView, code: Failure['code'], message: string): Pick<Failure, 'remedy' | 'look'> {
  const { namespace } = workload;
  if (code === 'quota-exceeded') return { look: `kubectl -n ${namespace} describe quota` };
  const webhook = /failed calling webhook "([^"]+)"/.exec(message)?.[1];
  if (webhook === undefined) return { look: `kubectl -n ${namespace} describe ${shortName(workload)}` };
  return {
    remedy: `bring the service behind the webhook ${webhook} back; pods are created again by themselves then`,
    look: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
  };
}

function refusal(view: WorkloadView, revision: Revision | undefined): { message: string; count: number } | undefined {
  // A Deployment and its ReplicaSets say it in a condition, which goes away with the cause.
  const conditions = [...view.workload.status.conditions, ...(revision?.conditions ?? [])];
  const condition = conditions.find(
    ({ type, status, reason }) =>
      (type === 'ReplicaFailure' && status === 'True' && reason === 'FailedCreate') ||
      (type === 'Progressing' && reason === 'ReplicaSetCreateError'),
  );
  const since = revision?.createdAt ?? 0;
  const events = view.events.filter((event) => event.objectKind !== 'Pod' && event.at >= since);
  const failed = events.filter(({ reason }) => reason === 'FailedCreate');
  const last = newest(failed);
  // Every attempt is for a pod of another name, so one event per attempt, each counted once.
  const count = failed.reduce((sum, event) => sum + event.count, 0);
  if (condition !== undefined) return { message: condition.message ?? last?.message ?? 'FailedCreate', count: Math.max(count, 1) };
  if (view.workload.kind === 'Deployment' || last === undefined || readFailureEvent(last) === undefined) return undefined;
  // StatefulSets and DaemonSets have events only; a later success cures an earlier failure.
  const success = newest(events.filter(({ reason }) => reason === 'SuccessfulCreate'));
  return success !== undefined && success.at > last.at ? undefined : { message: last.message, count };
}

const newest = (events: readonly ClusterEvent[]): ClusterEvent | undefined => events.toSorted((a, b) => b.at - a.at)[0];
