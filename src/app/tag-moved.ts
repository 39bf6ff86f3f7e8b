import type { ContainerPlan, Plan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import { sameWorkload, type Snapshot } from '../domain/workload.ts';
import type { StepMemory } from './ports.ts';
import { explained, imageIdsIn, platformsOf, platformsOption } from './same-content.ts';
import { sealed } from './vouched.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/**
 * Before "wrong image" is said, the registry is asked once more: somebody may have pushed again while the pods were starting, and then what they
 * run is newer than the plan, not wrong; or the runtime shows a digest that nobody has asked about yet, of the same code. True: the plan now holds
 * the new answer, and the pods are to be judged by it.
 */
export async function tagMoved(
  deps: WorkerDeps,
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  snapshot: Snapshot,
): Promise<boolean> {
  if (memory.told.includes('asked-again')) return false;
  memory.told.push('asked-again');
  const containers = await Promise.all(plan.containers.map((each) => askAgain(deps, each, snapshot)));
  const moved = containers.filter((each, index) => each.registry.known && digestOf(each) !== digestOf(plan.containers[index]));
  const learned = containers.some((each, index) => namesOf(each) > namesOf(plan.containers[index]));
  await deps.store.saveMemory(record.id, memory);
  if (moved.length === 0 && !learned) return false;
  const text = moved
    .map((each) => `${each.container}: the tag moved during the rollout; the registry now holds ${digestOf(each) ?? 'nothing'}.`)
    .join('\n');
  const renewed = { ...plan, containers };
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: record.state,
    patch: { plan: renewed, ...sealed(deps, record, 'writing', { plan: renewed }) },
    milestones: moved.length === 0 ? [] : [{ kind: 'notice', text }],
    actor: WORKER,
    actionId: `moved-${record.version}`,
  });
  return result.moved;
}

async function askAgain(deps: WorkerDeps, container: ContainerPlan, snapshot: Snapshot): Promise<ContainerPlan> {
  if (!container.concerned || !container.registry.known) return container;
  const { reference } = container.registry;
  const credentials = await deps.cluster.credentials(container.workload);
  const platforms = platformsOf(snapshot.nodes);
  // Not from memory: what was read for the plan a few seconds ago is what is in doubt.
  const answer = await deps.registry.resolve(reference, credentials, { ...platformsOption(platforms), fresh: true });
  if (!answer.known) return container;
  const view = snapshot.workloads.find((each) => sameWorkload(each.workload, container.workload));
  const shown = view === undefined ? [] : imageIdsIn(view, container.container);
  return { ...container, registry: await explained(deps, reference, answer, shown, credentials, platforms) };
}

const digestOf = (container: ContainerPlan | undefined): string | undefined =>
  container?.registry.known === true ? container.registry.digest : undefined;
const namesOf = (container: ContainerPlan | undefined): number =>
  container?.registry.known === true ? container.registry.identities.length : 0;
