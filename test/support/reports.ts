import type { Json, World } from './world.ts';

/** When the cluster said what, in its own times (milliseconds, whole seconds): every repetition of an event once. */
export interface Reports {
  /** Of the pods (or other objects) whose name begins so, oldest first. */
  of(prefix: string, pattern: RegExp): number[];
  stop(): Promise<void>;
}

interface Said {
  name: string;
  text: string;
  count: number;
  at: number;
}

/** Follows the events of a namespace, because an event that repeats keeps only its last time. */
export async function followReports(world: World, namespace: string): Promise<Reports> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { body } = await world.request('GET', path);
  const said: Said[] = [];
  const counts = new Map<string, number>();
  const take = (event: Json): void => {
    const count: number = event.series?.count ?? event.count ?? 1;
    const before = counts.get(event.metadata.uid) ?? 0;
    if (count <= before) return;
    counts.set(event.metadata.uid, count);
    const at = Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp);
    said.push({ name: event.involvedObject.name, text: `${event.reason}: ${event.message}`, count: count - before, at });
  };
  for (const event of body.items as Json[]) take(event);
  const watch = world.watch(`${path}?watch=true&resourceVersion=${body.metadata.resourceVersion}`, (event) => {
    if (event.type === 'ADDED' || event.type === 'MODIFIED') take(event.object);
  });
  return {
    of: (prefix, pattern) =>
      said
        .filter(({ name, text }) => name.startsWith(prefix) && pattern.test(text))
        .flatMap(({ count, at }) => Array.from({ length: count }, () => at))
        .toSorted((a, b) => a - b),
    stop: () => watch.stop(),
  };
}
