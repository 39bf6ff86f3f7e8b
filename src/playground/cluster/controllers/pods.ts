import { createHash } from 'node:crypto';
import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import { controllerOf, controllerReference } from '../objects.ts';
import type { IntOrPercent, Pod, PodTemplate } from '../objects.ts';
import type { KubeObject } from '../types.ts';

export const isReady = (pod: Pod) => pod.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
export const isTerminating = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined;
export const isFinished = (pod: Pod) => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
export const isActive = (pod: Pod) => !isFinished(pod) && !isTerminating(pod);

export function ownedBy<T extends KubeObject>(store: Store, plural: string, owner: KubeObject): T[] {
  return store.list<T>(plural, owner.metadata.namespace).filter((object) => controllerOf(object)?.uid === owner.metadata.uid);
}

/** Since when each pod is ready, to the millisecond: the timestamps in a status have only seconds. */
export class ReadyTimes {
  private readonly since = new Map<string, number>();
  private readonly clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.clock = clock;
    store.onChange(({ resource, type, object }) => {
      if (resource !== 'pods') return;
      const uid = object.metadata.uid ?? '';
      if (type === 'DELETED' || !isReady(object as Pod)) this.since.delete(uid);
      else if (!this.since.has(uid)) this.since.set(uid, Date.now());
    });
  }

  /** Ready for at least `minReadySeconds`. */
  isAvailable(pod: Pod, minReadySeconds = 0): boolean {
    return isReady(pod) && this.missing(pod, minReadySeconds) <= 0;
  }

  /** Cluster milliseconds until a ready pod becomes available. */
  missing(pod: Pod, minReadySeconds = 0): number {
    const since = this.since.get(pod.metadata.uid ?? '') ?? Date.now();
    return minReadySeconds * 1000 - this.clock.since(since);
  }
}

/** An absolute number or a share of `total`; shares round up for surge, down for unavailability. */
export function resolveShare(value: IntOrPercent | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return value.endsWith('%') ? Math[round === 'up' ? 'ceil' : 'floor'](share) : Number(value);
}

/** A name for a template, in the API server's alphabet without vowels. */
export function templateHash(template: PodTemplate, collisions = 0): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const hash = createHash('sha256')
    .update(`${JSON.stringify(template)}${collisions || ''}`)
    .digest();
  return Array.from(hash.subarray(0, 10), (byte) => alphabet[byte % alphabet.length]).join('');
}

export function podFrom(
  owner: KubeObject,
  template: PodTemplate,
  extra: { name?: string; labels?: Record<string, string> },
): Record<string, unknown> {
  const { labels, annotations } = template.metadata ?? {};
  return {
    metadata: {
      ...(extra.name ? { name: extra.name } : { generateName: `${owner.metadata.name}-` }),
      namespace: owner.metadata.namespace,
      labels: { ...labels, ...extra.labels },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: structuredClone(template.spec),
  };
}

/** Who is deleted first: those that do the least (controller.ActivePodsWithRanks). */
export function deletionOrder(pods: Pod[], readyTimes: ReadyTimes): Pod[] {
  const onNode = new Map<string, number>();
  for (const pod of pods) onNode.set(pod.spec.nodeName ?? '', (onNode.get(pod.spec.nodeName ?? '') ?? 0) + 1);
  const restarts = (pod: Pod) => Math.max(0, ...(pod.status.containerStatuses ?? []).map((one) => one.restartCount));
  const rank = (pod: Pod) => [
    pod.spec.nodeName ? 1 : 0,
    pod.status.phase === 'Pending' ? 0 : 1,
    isReady(pod) ? 1 : 0,
    -(onNode.get(pod.spec.nodeName ?? '') ?? 0),
    -restarts(pod),
    readyTimes.missing(pod) < 0 ? -readyTimes.missing(pod) : 0,
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
  ];
  return [...pods].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const index = left.findIndex((value, at) => value !== right[at]);
    return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
  });
}
