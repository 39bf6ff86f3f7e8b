import type { Deployment, ReplicaSet } from '../objects.ts';
import { resolveShare } from './pods.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas';

export const sum = (sets: ReplicaSet[], count: (set: ReplicaSet) => number | undefined) =>
  sets.reduce((total, set) => total + (count(set) ?? 0), 0);
export const revisionOf = (object: { metadata: { annotations?: Record<string, string> } }) =>
  Number(object.metadata.annotations?.[REVISION] ?? 0);

/** How far a rolling update may go above and below the wanted number; never both zero. */
export function limits(deployment: Deployment): { surge: number; unavailable: number } {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const surge = resolveShare(strategy.rollingUpdate?.maxSurge, replicas, 'up');
  const unavailable = resolveShare(strategy.rollingUpdate?.maxUnavailable, replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

/** How many pods the new ReplicaSet may have now. */
export function newSetReplicas(deployment: Deployment, all: ReplicaSet[], current: number): number {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === 'Recreate') return replicas;
  const total = sum(all, (set) => set.spec.replicas);
  const room = replicas + limits(deployment).surge - total;
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}

/** Sizes for the old ReplicaSets (deployment/rolling.go): first what is not available, then what is not needed any more. */
export function oldSetSizes(deployment: Deployment, newest: ReplicaSet, old: ReplicaSet[]): Map<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  const all = [...old, newest];
  const minAvailable = deployment.spec.replicas - limits(deployment).unavailable;
  const newUnavailable = newest.spec.replicas - (newest.status.availableReplicas ?? 0);
  const mayGo = sum(all, (set) => set.spec.replicas) - minAvailable - newUnavailable;
  if (mayGo <= 0) return sizes;
  const byAge = [...old].sort((a, b) => revisionOf(a) - revisionOf(b));
  let cleaned = 0;
  for (const set of byAge) {
    const count = Math.min(mayGo - cleaned, set.spec.replicas - (set.status.availableReplicas ?? 0));
    if (count <= 0) continue;
    cleaned += count;
    sizes.set(set, set.spec.replicas - count);
  }
  let spare = sum(all, (set) => set.status.availableReplicas) - minAvailable;
  for (const set of byAge) {
    const size = sizes.get(set) ?? set.spec.replicas;
    const count = Math.min(size, spare);
    if (count <= 0) continue;
    spare -= count;
    sizes.set(set, size - count);
  }
  return sizes;
}

/** After a change of `replicas` in the middle of a rollout every ReplicaSet gets its share of the difference, the largest first. */
export function proportionalSizes(deployment: Deployment, active: ReplicaSet[]): Map<ReplicaSet, number> {
  const { replicas } = deployment.spec;
  const total = sum(active, (set) => set.spec.replicas);
  const allowed = replicas > 0 ? replicas + limits(deployment).surge : 0;
  let difference = allowed - total;
  const sizes = new Map<ReplicaSet, number>();
  const ordered = [...active].sort((a, b) => b.spec.replicas - a.spec.replicas || revisionOf(b) - revisionOf(a));
  for (const set of ordered) {
    const before = Number(set.metadata.annotations?.[MAXIMUM] ?? total);
    const share = before > 0 ? Math.round((set.spec.replicas * allowed) / before) - set.spec.replicas : 0;
    const change = difference > 0 ? Math.min(Math.max(share, 0), difference) : Math.max(Math.min(share, 0), difference);
    sizes.set(set, Math.max(0, set.spec.replicas + change));
    difference -= change;
  }
  const [largest] = ordered;
  if (largest && difference !== 0) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + difference));
  return sizes;
}
