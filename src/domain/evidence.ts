import { containerIn } from './identity.ts';
import type { PullEvidence } from './verdict.ts';
import type { Pod } from './workload.ts';

/**
 * What kubelets said about one container of one pod, oldest first. An aggregated event does not say which container it means, so it
 * counts for those of the pod that run its image.
 */
export function evidenceFor(evidence: readonly PullEvidence[], pod: Pod, container: string): PullEvidence[] {
  const image = containerIn(pod, container)?.image ?? '';
  return evidence
    .filter((each) => each.podUid === pod.uid && (each.container === container || (each.container === '' && isImage(each.image, image))))
    .toSorted((a, b) => a.at - b.at || a.count - b.count);
}

/** Looked up once per rollout of thousands of pods instead of searched once per pod. */
export function groupedBy<T>(values: readonly T[], key: (value: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}

export const evidenceByPod = (evidence: readonly PullEvidence[]): ReadonlyMap<string, PullEvidence[]> =>
  groupedBy(evidence, ({ podUid }) => podUid);

/** The kubelet fills in the tag that the pod spec leaves out. */
const isImage = (said: string, written: string): boolean => said !== '' && (said === written || said === `${written}:latest`);

/** Pull attempts that failed. A repeated event is one object whose count grows; what differs in the text is another object. */
export function failedAttempts(evidence: readonly PullEvidence[]): number {
  const counts = new Map<string, number>();
  for (const each of evidence) {
    // The container starter repeats every failure in a second event, without the cause.
    if (each.what.is !== 'failed' || each.what.message === '') continue;
    counts.set(each.eventUid, Math.max(counts.get(each.eventUid) ?? 0, each.count));
  }
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** The cause in the kubelet's words, of the last attempt that failed. */
export function lastCause(evidence: readonly PullEvidence[]): string | undefined {
  const failed = evidence.findLast((each) => each.what.is === 'failed' && each.what.message !== '');
  return failed?.what.is === 'failed' ? failed.what.message : undefined;
}

/** `2.1 s`, `340 ms`: short enough for a card. */
export function seconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
