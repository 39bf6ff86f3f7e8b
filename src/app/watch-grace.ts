import type { Plan, WorkloadPlan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import { sameWorkload, STAMP, workloadKey, type WorkloadView } from '../domain/workload.ts';
import type { Step } from './step.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/** After success repull keeps looking this long, this often, for somebody who takes the change back; milliseconds. */
const GRACE = 10 * 60_000;
const LOOK_EVERY = 10_000;

/** The `grace` job: says once who reverted the change. A newer request of ours is not a revert. */
export async function watchGrace(deps: WorkerDeps, id: string): Promise<Step> {
  const record = await deps.store.load(id);
  if (record?.state.status !== 'succeeded' || record.plan === undefined || record.endedAt === undefined) return 'done';
  if (record.rolledBackBy !== undefined || (await deps.store.now()) > record.endedAt + GRACE) return 'done';
  const seen = await deps.cluster.snapshot(record.plan.workloads.map((each) => each.workload));
  if (!seen.ok) return { again: LOOK_EVERY };
  for (const each of record.plan.workloads) {
    const view = seen.value.workloads.find((one) => sameWorkload(one.workload, each.workload));
    const change = reverted(record, record.plan, each, view);
    if (change === 'newer') return 'done';
    if (change === undefined) continue;
    await tell(deps, record, `${workloadKey(each.workload)}: ${change.text}`);
    return 'done';
  }
  return { again: LOOK_EVERY };
}

function reverted(
  record: RequestRecord,
  plan: Plan,
  each: WorkloadPlan,
  view: WorkloadView | undefined,
): { text: string } | 'newer' | undefined {
  if (each.write.action !== 'patch-template') return undefined;
  if (view === undefined || view.workload.uid !== each.uid) return { text: 'it was deleted or created again since.' };
  const stamp = view.workload.templateAnnotations[STAMP];
  if (stamp !== undefined && stamp !== record.id) return 'newer';
  const manager = view.workload.templateManagers[0]?.manager ?? 'somebody';
  const undone = plan.containers.filter((container) => {
    const now = view.workload.containers.find((one) => one.name === container.container);
    return (
      sameWorkload(container.workload, each.workload) &&
      now !== undefined &&
      (now.image !== container.imageAfter || now.pullPolicy !== container.pullPolicyAfter)
    );
  });
  if (undone.length > 0) {
    const now = undone.map(
      (container) =>
        `${container.container} is ${view.workload.containers.find((one) => one.name === container.container)?.image ?? 'gone'} again`,
    );
    return { text: `${manager} reverted the change: ${now.join(', ')}.` };
  }
  return stamp === undefined
    ? { text: `${manager} removed the stamp of this request from the template; its pods are being replaced.` }
    : undefined;
}

async function tell(deps: WorkerDeps, record: RequestRecord, text: string): Promise<void> {
  await deps.store.transition({
    id: record.id,
    from: { statuses: ['succeeded'] },
    milestones: [{ kind: 'reverted', text, broadcast: true }],
    actor: WORKER,
    actionId: 'reverted',
  });
  await deps.queues.sync(record.id, true);
}
