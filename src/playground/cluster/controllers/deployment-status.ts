import type { Condition, Deployment, ReplicaSet } from '../objects.ts';
import { limits, sum } from './deployment-scaling.ts';

type Status = Deployment['status'];

/** Counters as the deployment controller adds them up; zeros are left out, as in Go's omitempty. */
export function countReplicas(deployment: Deployment, all: ReplicaSet[], newest: ReplicaSet | undefined): Status {
  const available = sum(all, (set) => set.status.availableReplicas);
  const counts: Record<string, number> = {
    replicas: sum(all, (set) => set.status.replicas),
    updatedReplicas: newest?.status.replicas ?? 0,
    readyReplicas: sum(all, (set) => set.status.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, (set) => set.spec.replicas) - available),
  };
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    terminatingReplicas: sum(all, (set) => set.status.terminatingReplicas),
    conditions: deployment.status.conditions ?? [],
  };
}

export function availability(deployment: Deployment, status: Status): Omit<Condition, 'lastTransitionTime'> {
  const enough = (status.availableReplicas ?? 0) >= deployment.spec.replicas - limits(deployment).unavailable;
  return enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

export function isComplete(deployment: Deployment, status: Status): boolean {
  const { replicas } = deployment.spec;
  return (status.updatedReplicas ?? 0) === replicas && (status.replicas ?? 0) === replicas && (status.availableReplicas ?? 0) === replicas;
}

/** Something moved since the last status. */
export function hasProgressed(before: Status, after: Status): boolean {
  const old = (status: Status) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/**
 * Puts a condition in its place. The same status and reason change nothing unless `renew` says that the update itself is news; the
 * transition time moves only with the status.
 */
export function withCondition(
  conditions: Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  at: string,
  renew = false,
): Condition[] {
  const before = conditions.find((one) => one.type === next.type);
  if (before && before.status === next.status && before.reason === next.reason && !renew) return conditions;
  const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? at) : at;
  return [...conditions.filter((one) => one.type !== next.type), { ...next, lastUpdateTime: at, lastTransitionTime }];
}
