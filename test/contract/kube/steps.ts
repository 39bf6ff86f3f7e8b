import type { Seen } from '../../../src/app/ports.ts';
import type { Write } from '../../../src/domain/plan.ts';
import type { Pod, WorkloadKind, WorkloadRef, WorkloadView } from '../../../src/domain/workload.ts';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import { until } from '../../support/until.ts';

export function value<T>(seen: Seen<T>): T {
  if (!seen.ok) throw new Error(`failed: ${JSON.stringify(seen.failure)}`);
  return seen.value;
}
export function failure<T extends { ok: boolean }>(result: T) {
  if (result.ok || !('failure' in result)) throw new Error(`expected a failure, got ${JSON.stringify(result)}`);
  return result.failure as { code: string; evidence?: string; remedy?: string; subject?: string };
}

export const refTo = (kind: WorkloadKind, namespace: string, name: string): WorkloadRef => ({ kind, namespace, name });

export async function look(cluster: KubeCluster, ref: WorkloadRef): Promise<WorkloadView> {
  const [view] = value(await cluster.snapshot([ref])).workloads;
  if (view === undefined) throw new Error('the snapshot holds no workload');
  return view;
}

/** Looks until the view is as wanted. */
export const lookUntil = async (
  cluster: KubeCluster,
  ref: WorkloadRef,
  what: string,
  holds: (view: WorkloadView) => boolean,
): Promise<WorkloadView> =>
  await until(
    async () => {
      const view = await look(cluster, ref);
      return holds(view) ? view : undefined;
    },
    { what, withinMs: 60_000, everyMs: 200 },
  );

const isSettled = ({ workload: { status, replicas, generation, observedGeneration }, pods }: WorkloadView): boolean =>
  observedGeneration >= generation &&
  replicas > 0 &&
  status.updated === replicas &&
  status.ready === replicas &&
  pods.filter(({ ready, deleting }) => ready && !deleting).length === replicas &&
  pods.length === replicas;

/** Rolled out, every pod ready, no old one left. */
export const settled = async (cluster: KubeCluster, ref: WorkloadRef): Promise<WorkloadView> =>
  await lookUntil(cluster, ref, `${ref.kind} ${ref.name} is rolled out`, isSettled);

/** The controller has seen the newest template and has a revision for it; enough where no pod is needed. */
export const observed = async (cluster: KubeCluster, ref: WorkloadRef): Promise<WorkloadView> =>
  await lookUntil(
    cluster,
    ref,
    `${ref.kind} ${ref.name} is observed`,
    ({ workload, revisions }) => workload.observedGeneration >= workload.generation && revisions.length > 0,
  );

type PatchTemplate = Extract<Write, { action: 'patch-template' }>;

export const aPatch = ({ workload }: WorkloadView, changes: Partial<PatchTemplate> = {}): PatchTemplate => ({
  action: 'patch-template',
  workload: { kind: workload.kind, namespace: workload.namespace, name: workload.name },
  uid: workload.uid,
  resourceVersion: workload.resourceVersion,
  annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-23T05:00:00Z' },
  images: [],
  pullPolicies: [],
  ...changes,
});

export function onlyPod({ pods }: WorkloadView): Pod {
  const [pod] = pods;
  if (pod === undefined || pods.length !== 1) throw new Error(`expected one pod, there are ${pods.length}`);
  return pod;
}
