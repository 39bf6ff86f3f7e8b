import type { Failure } from '../domain/failure.ts';
import { nextEviction } from '../domain/next-eviction.ts';
import type { Plan, WorkloadPlan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import { sameWorkload, workloadKey, type Snapshot } from '../domain/workload.ts';
import type { StepMemory } from './ports.ts';
import type { WorkerDeps } from './worker-deps.ts';

export type Written =
  | { wrote: boolean /** workload key → what is in the way. */; blocked: ReadonlyMap<string, string> }
  | { failure: Failure };

/** Sends the writes that are not in the cluster yet. A patch finds its stamp, an eviction its uid: doing it again does nothing. */
export async function writeWhatIsOwed(
  deps: WorkerDeps,
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  snapshot: Snapshot,
): Promise<Written> {
  const blocked = new Map<string, string>();
  let wrote = false;
  for (const each of plan.workloads) {
    const done =
      each.write.action === 'patch-template'
        ? await patchOnce(deps, record, each, memory)
        : await evictNext(deps, record, each, memory, snapshot, blocked);
    if (typeof done !== 'boolean') return { failure: done };
    wrote ||= done;
  }
  return { wrote, blocked };
}

async function patchOnce(deps: WorkerDeps, record: RequestRecord, each: WorkloadPlan, memory: StepMemory): Promise<boolean | Failure> {
  const mark = `patched:${workloadKey(each.workload)}`;
  if (each.write.action !== 'patch-template' || memory.told.includes(mark)) return false;
  const result = await deps.cluster.patch(each.write, record.id);
  if (!result.ok) return result.failure;
  deps.log.info({ request: record.id, workload: workloadKey(each.workload), already: result.already }, 'template patched');
  memory.told.push(mark);
  return true;
}

/** One pod in flight per workload; the next is chosen from what the cluster shows now, never from a list made before. */
async function evictNext(
  deps: WorkerDeps,
  record: RequestRecord,
  each: WorkloadPlan,
  memory: StepMemory,
  snapshot: Snapshot,
  blocked: Map<string, string>,
): Promise<boolean | Failure> {
  if (each.write.action !== 'evict') return false;
  const view = snapshot.workloads.find((one) => sameWorkload(one.workload, each.workload));
  if (view === undefined) return false;
  const next = nextEviction(view, each, memory.evicted);
  if (!('evict' in next)) return false;
  const pod = { ...next.evict, namespace: each.workload.namespace };
  const result = await deps.cluster.evict(pod, { forceDelete: each.write.forceDelete });
  if (result.ok) {
    deps.log.info({ request: record.id, pod: pod.name }, 'evicted');
    memory.evicted.push(pod.uid);
    return true;
  }
  if ('failure' in result) return result.failure;
  blocked.set(workloadKey(each.workload), result.detail);
  return false;
}
