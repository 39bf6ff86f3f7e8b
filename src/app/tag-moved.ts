import type { ContainerPlan, Plan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { StepMemory } from './ports.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/**
 * Before "wrong image" is said, the registry is asked once more: somebody may have pushed again while the pods were starting, and then what they
 * run is newer than the plan, not wrong. True: the plan now holds the new answer, and the pods are to be judged by it.
 */
export async function tagMoved(deps: WorkerDeps, record: RequestRecord, plan: Plan, memory: StepMemory): Promise<boolean> {
  if (memory.told.includes('asked-again')) return false;
  memory.told.push('asked-again');
  const containers = await Promise.all(plan.containers.map((each) => askAgain(deps, each)));
  const moved = containers.filter((each, index) => each.registry.known && digestOf(each) !== digestOf(plan.containers[index]));
  await deps.store.saveMemory(record.id, memory);
  if (moved.length === 0) return false;
  const text = moved
    .map((each) => `${each.container}: the tag moved during the rollout; the registry now holds ${digestOf(each) ?? 'nothing'}.`)
    .join('\n');
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: record.state,
    patch: { plan: { ...plan, containers } },
    milestones: [{ kind: 'notice', text }],
    actor: WORKER,
    actionId: `moved-${record.version}`,
  });
  return result.moved;
}

async function askAgain(deps: WorkerDeps, container: ContainerPlan): Promise<ContainerPlan> {
  if (!container.concerned || !container.registry.known) return container;
  const answer = await deps.registry.resolve(container.registry.reference, await deps.cluster.credentials(container.workload));
  return answer.known ? { ...container, registry: answer } : container;
}

const digestOf = (container: ContainerPlan | undefined): string | undefined =>
  container?.registry.known === true ? container.registry.digest : undefined;
