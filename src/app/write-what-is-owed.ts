import type { Failure } from '../domain/failure.ts';
import { isPatchObserved } from '../domain/generation.ts';
import { nextEviction } from '../domain/next-eviction.ts';
import { stuckPods } from '../domain/plan-rollback.ts';
import { evictionOf, type Plan, type RunJob, type WorkloadPlan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import { sameWorkload, workloadKey, type Snapshot, type WorkloadView } from '../domain/workload.ts';
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
    const view = snapshot.workloads.find((one) => sameWorkload(one.workload, each.workload));
    const done = await writeNext({ deps, record, each, memory, view, blocked });
    if (typeof done !== 'boolean') return { failure: done };
    wrote ||= done;
  }
  return { wrote, blocked };
}

/** What is to be written to one workload, and everything that it takes. */
interface Owed {
  deps: WorkerDeps;
  record: RequestRecord;
  each: WorkloadPlan;
  memory: StepMemory;
  view: WorkloadView | undefined;
  /** workload key → what is in the way. */
  blocked: Map<string, string>;
}

async function writeNext(owed: Owed): Promise<boolean | Failure> {
  const { each } = owed;
  switch (each.write.action) {
    case 'evict':
      return evictNext(owed);
    case 'run-job':
      return runOnce(owed, each.write);
    case 'patch-template':
    case 'restart-at':
      return patchOnce(owed);
  }
}

async function runOnce({ deps, record, memory }: Owed, write: RunJob): Promise<boolean | Failure> {
  const mark = `patched:${workloadKey(write.workload)}/${write.job}`;
  if (memory.told.includes(mark)) return false;
  const result = await deps.cluster.runJob(write, record.id);
  if (!result.ok) return result.failure;
  deps.log.info({ request: record.id, job: write.job, already: result.already }, 'job started');
  memory.told.push(mark);
  return true;
}

async function patchOnce(owed: Owed): Promise<boolean | Failure> {
  const { deps, record, each, memory, view } = owed;
  const mark = `patched:${workloadKey(each.workload)}`;
  if (each.write.action !== 'patch-template' && each.write.action !== 'restart-at') return false;
  if (memory.told.includes(mark)) {
    if (each.second === undefined) return unstick(owed);
    if (each.second.action === 'run-job') return runOnce(owed, each.second);
    return view !== undefined && isPatchObserved(view, record.id) ? evictNext(owed) : false;
  }
  const result = await deps.cluster.patch(each.write, record.id);
  if (!result.ok) return result.failure;
  deps.log.info({ request: record.id, workload: workloadKey(each.workload), already: result.already }, 'template patched');
  memory.told.push(mark);
  return true;
}

/**
 * A StatefulSet waits for ever for a pod of the old revision that cannot start, whatever its template says now: such a pod is evicted. A budget
 * that is overdrawn already refuses even that, and would for ever; the pod serves nobody, so it is deleted then, where the worker may.
 */
async function unstick(owed: Owed): Promise<boolean | Failure> {
  const { record, memory, view } = owed;
  const stuck = view === undefined ? undefined : stuckPods(view, record.id).find((pod) => !memory.evicted.includes(pod.uid));
  return stuck === undefined ? false : evict(owed, stuck, true);
}

/** One pod in flight per workload; the next is chosen from what the cluster shows now, never from a list made before. */
async function evictNext(owed: Owed): Promise<boolean | Failure> {
  const { each, memory, view } = owed;
  const eviction = evictionOf(each);
  if (eviction === undefined || view === undefined) return false;
  const next = nextEviction(view, each, memory.evicted);
  return 'evict' in next ? evict(owed, next.evict, eviction.forceDelete) : false;
}

async function evict(
  { deps, record, each, memory, blocked }: Owed,
  pod: { name: string; uid: string },
  forceDelete: boolean,
): Promise<boolean | Failure> {
  const result = await deps.cluster.evict({ name: pod.name, uid: pod.uid, namespace: each.workload.namespace }, { forceDelete });
  if (result.ok) {
    deps.log.info({ request: record.id, pod: pod.name }, 'evicted');
    memory.evicted.push(pod.uid);
    return true;
  }
  if ('failure' in result) return result.failure;
  blocked.set(workloadKey(each.workload), result.blocked);
  return false;
}
