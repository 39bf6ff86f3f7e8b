import { countedPods } from '../api-server/create.ts';
import type { KubeObject } from '../types.ts';
import { TIMINGS } from '../timings.ts';
import type { ControllerParts } from './parts.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

interface Quota extends KubeObject {
  spec: { hard: Record<string, string> };
}

/** Writes down how much of a quota is used. Only pods are counted; admission counts for itself. */
export function runQuotas({ store, clock }: ControllerParts): WorkQueue {
  const queue = new WorkQueue(clock, TIMINGS.controller, (key) => {
    const [namespace, name] = splitKey(key);
    const quota = store.get<Quota>('resourcequotas', namespace, name);
    if (!quota) return;
    const isOfPods = ([limit]: [string, string]) => limit === 'pods' || limit === 'count/pods';
    const hard = Object.fromEntries(Object.entries(quota.spec.hard).filter(isOfPods));
    const used = Object.fromEntries(Object.keys(hard).map((limit) => [limit, String(countedPods(store, namespace))]));
    store.update('resourcequotas', namespace, name, (before) => ({ ...before, status: { hard, used } }));
  });
  store.onChange(({ resource, object, type }) => {
    if (resource === 'resourcequotas' && type !== 'DELETED') queue.add(keyOf(object));
    if (resource === 'pods') for (const quota of store.list('resourcequotas', object.metadata.namespace)) queue.add(keyOf(quota));
  });
  return queue;
}
