import { BackendAway, type EvictResult, type WriteResult } from '../app/ports.ts';
import type { KubeApi } from './client.ts';
import { failureOf, hasStatus, StatusError } from './errors.ts';
import type { RawPod } from './raw.ts';

type PodRef = { namespace: string; name: string; uid: string };

const pathOfPod = (pod: { namespace: string; name: string }): string =>
  `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}`;

const BUDGET = /disruption budget (\S+)/;
const TWO_BUDGETS = /more than one PodDisruptionBudget/;

/** Asks for one pod to go, through the Eviction API so that budgets hold. Sending it twice is harmless: the uid is a precondition. */
export async function evictPod(api: KubeApi, pod: PodRef, options: { forceDelete: boolean }): Promise<EvictResult> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod.name, namespace: pod.namespace },
    deleteOptions: { preconditions: { uid: pod.uid } },
  };
  try {
    await api.text({ method: 'POST', path: `${pathOfPod(pod)}/eviction`, body });
    return { ok: true, gone: false };
  } catch (error) {
    const refused = await refusedBecause(api, pod, error);
    const stopped = !refused.ok && ('blocked' in refused || refused.failure.code === 'budget-misconfigured');
    if (!options.forceDelete || !stopped) return refused;
    const deleted = await deletePod(api, pod);
    return deleted.ok ? { ok: true, gone: deleted.already } : deleted;
  }
}

async function refusedBecause(api: KubeApi, pod: PodRef, error: unknown): Promise<EvictResult> {
  if (hasStatus(error, 404)) return { ok: true, gone: true };
  if (hasStatus(error, 409)) {
    const gone = await isGone(api, pod).catch((problem: unknown) => failureOf(problem, `${pod.namespace}/${pod.name}`));
    if (gone === true) return { ok: true, gone: true };
    if (gone !== false) return { ok: false, failure: gone };
    // Same pod, so the server lost a race with itself (budget status): nothing was done.
    throw new BackendAway('kubernetes', `eviction of ${pod.namespace}/${pod.name}: ${error.message}`, { cause: error, retryAfterMs: 1000 });
  }
  // Other 429s are the server's own overload and no statement about the pod.
  const budget = hasStatus(error, 429) ? error.causedBy('DisruptionBudget') : undefined;
  if (error instanceof StatusError && budget !== undefined) {
    return {
      ok: false,
      blocked: BUDGET.exec(budget.message)?.[1] ?? 'a disruption budget',
      detail: budget.message || error.message,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  if (hasStatus(error, 500) && TWO_BUDGETS.test(error.message)) {
    const look = `kubectl -n ${pod.namespace} get poddisruptionbudgets`;
    return { ok: false, failure: { code: 'budget-misconfigured', subject: `${pod.namespace}/${pod.name}`, evidence: error.message, look } };
  }
  return { ok: false, failure: failureOf(error, `${pod.namespace}/${pod.name}`) };
}

/** A plain delete, past every budget. `already`: it was gone, or another pod has its name. */
export async function deletePod(api: KubeApi, pod: PodRef): Promise<WriteResult & { already?: boolean }> {
  const subject = `${pod.namespace}/${pod.name}`;
  try {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: pod.uid } };
    await api.text({ method: 'DELETE', path: pathOfPod(pod), body });
    return { ok: true, already: false };
  } catch (error) {
    if (hasStatus(error, 404)) return { ok: true, already: true };
    const gone = hasStatus(error, 409) ? await isGone(api, pod).catch((problem: unknown) => problem) : error;
    return gone === true ? { ok: true, already: true } : { ok: false, failure: failureOf(gone === false ? error : gone, subject) };
  }
}

async function isGone(api: KubeApi, pod: PodRef): Promise<boolean> {
  try {
    const { body } = await api.json<RawPod>({ method: 'GET', path: pathOfPod(pod) });
    return body.metadata.uid !== pod.uid;
  } catch (error) {
    if (hasStatus(error, 404)) return true;
    throw error;
  }
}
