import { sameJson } from '../api-server/json.ts';
import { matchesSelector } from '../api-server/selectors.ts';
import { controllerOf } from '../objects.ts';
import type { DisruptionBudget } from '../budget-object.ts';
import type { Condition, Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { KubeObject } from '../types.ts';
import type { ControllerParts } from './parts.ts';
import { isFinished, isReady, isTerminating, resolveShare } from './pods.ts';
import { withCondition } from './deployment-status.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

/** Keeps the status of disruption budgets (pkg/controller/disruption). */
export function runDisruptions({ store, clock }: ControllerParts): WorkQueue {
  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const budget = store.get<DisruptionBudget>('poddisruptionbudgets', namespace, name);
    if (!budget) return;
    const pods = store
      .list<Pod>('pods', namespace)
      .filter((pod) => matchesSelector(budget.spec.selector, pod.metadata.labels) && !isFinished(pod));
    const { minAvailable, maxUnavailable } = budget.spec;
    const scale = expected(pods);
    const isShare = typeof minAvailable === 'string' || maxUnavailable !== undefined;
    const expectedPods = isShare ? scale : pods.length;
    const desiredHealthy =
      maxUnavailable === undefined
        ? resolveShare(minAvailable, scale, 'up')
        : Math.max(0, scale - resolveShare(maxUnavailable, scale, 'up'));
    // Evicted, but not yet seen to go: they count as gone already.
    const disrupted = Object.fromEntries(
      Object.entries(budget.status.disruptedPods ?? {}).filter(([pod]) =>
        pods.some((one) => one.metadata.name === pod && !isTerminating(one)),
      ),
    );
    const currentHealthy = pods.filter((pod) => isReady(pod) && !isTerminating(pod) && !(pod.metadata.name in disrupted)).length;
    const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
    store.update(
      'poddisruptionbudgets',
      namespace,
      name,
      (before) => ({
        ...before,
        status: {
          conditions: conditions(budget.status.conditions, disruptionsAllowed, before.metadata.generation ?? 1, clock.timestamp()),
          currentHealthy,
          desiredHealthy,
          disruptionsAllowed,
          expectedPods,
          observedGeneration: before.metadata.generation,
          ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
        },
      }),
      { manager: 'kube-controller-manager', subresource: 'status' },
    );
  };

  /** How many pods there should be: what their controllers were asked for. */
  const expected = (pods: Pod[]): number => {
    const sizes = new Map<string, number>();
    let single = 0;
    for (const pod of pods) {
      const owner = scaleOf(pod);
      if (owner) sizes.set(owner.uid, owner.replicas);
      else single += 1;
    }
    return single + [...sizes.values()].reduce((sum, size) => sum + size, 0);
  };

  const scaleOf = (pod: Pod): { uid: string; replicas: number } | undefined => {
    const { namespace } = pod.metadata;
    const replicasOf = (object: KubeObject | undefined) => (object?.['spec'] as { replicas?: number } | undefined)?.replicas ?? 0;
    const owner = controllerOf(pod);
    if (owner?.kind === 'StatefulSet') return { uid: owner.uid, replicas: replicasOf(store.get('statefulsets', namespace, owner.name)) };
    if (owner?.kind !== 'ReplicaSet') return undefined;
    const set = store.get('replicasets', namespace, owner.name);
    const top = set && controllerOf(set);
    if (top?.kind === 'Deployment') return { uid: top.uid, replicas: replicasOf(store.get('deployments', namespace, top.name)) };
    return { uid: owner.uid, replicas: replicasOf(set) };
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, previous }) => {
    if (resource === 'poddisruptionbudgets') {
      if (!previous || !sameJson(previous['spec'], object['spec'])) queue.add(keyOf(object));
    } else if (['pods', 'deployments', 'statefulsets', 'replicasets'].includes(resource)) {
      for (const budget of store.list<DisruptionBudget>('poddisruptionbudgets', object.metadata.namespace)) queue.add(keyOf(budget));
    }
  });
  return queue;
}

function conditions(before: Condition[] = [], allowed: number, observedGeneration: number, at: string): Condition[] {
  const next =
    allowed > 0
      ? { type: 'DisruptionAllowed', status: 'True' as const, reason: 'SufficientPods', message: '', observedGeneration }
      : { type: 'DisruptionAllowed', status: 'False' as const, reason: 'InsufficientPods', message: '', observedGeneration };
  return withCondition(before, next, at).map(({ lastUpdateTime: _unknownToBudgets, ...condition }) => condition);
}
