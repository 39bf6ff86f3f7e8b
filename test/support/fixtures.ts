/** Objects recorded on a real cluster (kubelet and containerd), read the way the worker reads them. */
import { readFileSync } from 'node:fs';
import type { ClusterEvent, Pod } from '../../src/domain/workload.ts';
import { eventOf, podOf } from '../../src/kube/snapshot.ts';

const read = <T>(file: string): T[] =>
  JSON.parse(readFileSync(new URL(`./fixtures/kubernetes-1.36/${file}`, import.meta.url), 'utf8')) as T[];

/** Events of one recorded object, oldest first; all of them without a name. */
export function recordedEvents(name?: string): ClusterEvent[] {
  const events = read<Parameters<typeof eventOf>[0]>('events.json').map(eventOf);
  return events.filter((event) => name === undefined || event.objectName === name).toSorted((a, b) => a.at - b.at);
}

export function recordedPod(name: string): Pod {
  const pod = read<Parameters<typeof podOf>[0]>('pods.json')
    .map(podOf)
    .find((each) => each.name === name);
  if (pod === undefined) throw new Error(`no pod ${name} was recorded`);
  return pod;
}
