import type { Plan, WorkloadPlan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import { reverted } from '../domain/reverted.ts';
import { workloadKey, type Workload } from '../domain/workload.ts';
import type { Step } from './step.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/** After success repull keeps looking this long, this often, for somebody who takes the change back; milliseconds. */
const GRACE = 10 * 60_000;
const LOOK_EVERY = 10_000;

/** The `grace` job: says, once for each workload, who took the change back. A newer request of ours is not a revert. */
export async function watchGrace(deps: WorkerDeps, id: string): Promise<Step> {
  const record = await deps.store.load(id);
  if (record?.state.status !== 'succeeded' || record.plan === undefined || record.endedAt === undefined) return 'done';
  if (record.rolledBackBy !== undefined || (await deps.store.now()) > record.endedAt + GRACE) return 'done';
  const { plan } = record;
  const left = await Promise.all(plan.workloads.filter((each) => !isTold(record, each)).map((each) => lookAt(deps, record, plan, each)));
  return left.includes('look again') ? { again: LOOK_EVERY } : 'done';
}

async function lookAt(deps: WorkerDeps, record: RequestRecord, plan: Plan, each: WorkloadPlan): Promise<'look again' | 'enough'> {
  const seen = await deps.cluster.workload(each.workload);
  if (!seen.ok && seen.failure.code !== 'workload-gone') return 'look again';
  const workload: Workload | undefined = seen.ok ? seen.value : undefined;
  const change = reverted({ workload, plan: each, containers: plan.containers, request: record.id, since: plan.at });
  if (change === undefined) return 'look again';
  if (change !== 'newer') await tell(deps, record, each, change.text);
  return 'enough';
}

const headOf = (each: WorkloadPlan): string => `${workloadKey(each.workload)}: `;
const isTold = (record: RequestRecord, each: WorkloadPlan): boolean =>
  record.milestones.some(({ kind, text }) => kind === 'reverted' && text.startsWith(headOf(each)));

async function tell(deps: WorkerDeps, record: RequestRecord, each: WorkloadPlan, text: string): Promise<void> {
  deps.log.warn({ request: record.id, workload: workloadKey(each.workload) }, text);
  await deps.store.transition({
    id: record.id,
    from: { statuses: ['succeeded'] },
    milestones: [{ kind: 'reverted', text: `${headOf(each)}${text}`, broadcast: true }],
    actor: WORKER,
    actionId: `reverted-${workloadKey(each.workload)}`,
  });
  await deps.queues.sync(record.id, true);
}
