import { toTimestamp } from '../clock.ts';
import type { DisruptionBudget } from '../budget-object.ts';
import type { Pod } from '../objects.ts';
import type { KubeObject } from '../types.ts';
import { deleteObject } from './delete.ts';
import type { DeleteOptions } from './delete.ts';
import { ApiError, notFound } from './errors.ts';
import { resourceNamed } from './resources.ts';
import { matchesSelector } from './selectors.ts';
import type { Store } from './store.ts';

/** The eviction subresource: a delete that the pod's disruption budget may refuse (pkg/registry/core/pod/storage/eviction.go). */
export function evict(store: Store, namespace: string, name: string, options: DeleteOptions): void {
  const pods = resourceNamed('pods');
  const pod = store.get<Pod>('pods', namespace, name);
  if (!pod) throw notFound({ ...pods, name });
  const { phase } = pod.status;
  const needsNoBudget = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || Boolean(pod.metadata.deletionTimestamp);
  if (!needsNoBudget) takeFromBudget(store, pod);
  deleteObject(store, pods, namespace, name, options);
}

function takeFromBudget(store: Store, pod: Pod): void {
  const budgets = store
    .list<DisruptionBudget>('poddisruptionbudgets', pod.metadata.namespace)
    .filter((budget) => matchesSelector(budget.spec.selector, pod.metadata.labels));
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const [budget] = budgets;
  if (!budget) return;
  const { name, namespace, generation = 0 } = budget.metadata;
  const { status, spec } = budget;
  const isReady = pod.status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (
    !isReady &&
    (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0))
  )
    return;
  if ((status.observedGeneration ?? 0) < generation) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  if (status.disruptionsAllowed < 0) {
    throw new ApiError(403, 'Forbidden', `poddisruptionbudgets.policy "${name}" is forbidden: pdb disruptions allowed is negative`);
  }
  if (status.disruptionsAllowed === 0) {
    throw tooMany(`The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`);
  }
  store.update('poddisruptionbudgets', namespace, name, (object) => {
    const current = object as DisruptionBudget;
    return {
      ...current,
      status: {
        ...current.status,
        disruptionsAllowed: current.status.disruptionsAllowed - 1,
        disruptedPods: { ...current.status.disruptedPods, [pod.metadata.name]: toTimestamp(Date.now()) },
      },
    };
  });
}

/** 429 with the cause by which clients tell a budget from an overloaded server. */
function tooMany(cause: string, retryAfterSeconds = 0): ApiError {
  return new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    causes: [{ reason: 'DisruptionBudget', message: cause }],
  });
}

export function evictionReply(): Record<string, unknown> {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

export type Eviction = KubeObject & { deleteOptions?: DeleteOptions };
