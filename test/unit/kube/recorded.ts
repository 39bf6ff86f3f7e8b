import { readFileSync } from 'node:fs';
import type { WorkloadView } from '../../../src/domain/workload.ts';
import { kindOf } from '../../../src/kube/kinds/all.ts';
import type {
  RawAutoscaler,
  RawBudget,
  RawControllerRevision,
  RawEvent,
  RawNode,
  RawPod,
  RawReplicaSet,
  RawWorkload,
} from '../../../src/kube/raw.ts';
import { viewOf } from '../../../src/kube/snapshot.ts';

/**
 * A namespace as Kubernetes 1.36 showed it: Deployment `web` (Helm's marks, sidecar, HPA, budget), StatefulSet `db` (partition 1),
 * DaemonSet `agent` (OnDelete), each with its template patched by `repull` for request `r-7`, then `web` scaled to 2.
 */
export interface Recorded {
  deployments: RawWorkload[];
  statefulsets: RawWorkload[];
  daemonsets: RawWorkload[];
  replicasets: RawReplicaSet[];
  controllerrevisions: RawControllerRevision[];
  pods: RawPod[];
  budgets: RawBudget[];
  autoscalers: RawAutoscaler[];
  events: RawEvent[];
  nodes: RawNode[];
}

export const recorded = (): Recorded =>
  JSON.parse(readFileSync(new URL('../../support/fixtures/kube/namespace.json', import.meta.url), 'utf8')) as Recorded;

/** The view of one of them, everything else of the namespace given along, as a list without a selector would. */
export function recordedView(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  change: (given: Recorded) => void = () => undefined,
): WorkloadView {
  const given = recorded();
  change(given);
  const all = { Deployment: given.deployments, StatefulSet: given.statefulsets, DaemonSet: given.daemonsets };
  const known = kindOf(kind);
  const [workload] = all[kind];
  if (known === undefined || workload === undefined) throw new Error(`no ${kind} was recorded`);
  const { pods, budgets, autoscalers, events } = given;
  const revisions = known.history === 'apps/v1 replicasets' ? given.replicasets : given.controllerrevisions;
  return viewOf(known, { workload, at: 0, pods, revisions, budgets, autoscalers, events });
}
