import { digestOf } from './image-text.ts';
import { evictionOf, jobOf, type ContainerPlan, type Plan, type WorkloadPlan } from './plan.ts';
import type { Ask } from './request.ts';
import { workloadKey } from './workload.ts';

/**
 * Everything an approver said yes to, as one canonical text; the caller hashes it. Left out on purpose: resourceVersions, times, request ids,
 * pod uids where a controller replaces all pods anyway, and counts that move by themselves (replicas, healthy pods): a plan must not be outdated
 * by noise.
 */
export function planFingerprint(plan: Omit<Plan, 'hash'>): string {
  const workloads = plan.workloads.map(workloadFacts).toSorted(byText);
  const containers = plan.containers.map(containerFacts).toSorted(byText);
  return JSON.stringify({ cluster: plan.cluster, workloads, containers });
}

const byText = (a: unknown, b: unknown): number => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left === right ? 0 : left < right ? -1 : 1;
};

const workloadFacts = (each: WorkloadPlan) => ({
  workload: workloadKey(each.workload),
  uid: each.uid,
  method: each.method,
  strategy: strategyFacts(each.strategy),
  budgets: each.budgets.map(({ name }) => name).toSorted(),
  owners: each.owners.map(({ by, name }) => `${by}/${name ?? ''}`).toSorted(),
  // One pod by name is a choice: another pod under that name was not meant. All pods of a workload are whichever are there.
  pods:
    (evictionOf(each)?.pods.length ?? each.pods.length) < each.pods.length
      ? evictionOf(each)
          ?.pods.map(({ uid }) => uid)
          .toSorted()
      : 'all',
  forceDelete: evictionOf(each)?.forceDelete ?? false,
  second: each.second?.action ?? '',
  // A Rollout's template may lie in another object, and be moved to another one.
  writes: workloadKey(each.write.workload),
});

function strategyFacts(strategy: WorkloadPlan['strategy']): unknown[] {
  if (strategy === undefined) return [];
  if (strategy.type !== 'RollingUpdate') return [strategy.type];
  return [strategy.type, strategy.maxSurge ?? '', strategy.maxUnavailable ?? '', strategy.partition ?? 0];
}

const containerFacts = (each: ContainerPlan) => ({
  workload: workloadKey(each.workload),
  container: each.container,
  role: each.role,
  image: each.image,
  imageAfter: each.imageAfter,
  pullPolicy: each.pullPolicy,
  pullPolicyAfter: each.pullPolicyAfter,
  concerned: each.concerned,
  // Of a neighbour nothing is claimed, so its registry may move.
  registry: each.concerned ? registryFacts(each) : '',
});

const registryFacts = ({ registry }: ContainerPlan): string => (registry.known ? registry.digest : 'unknown');

/**
 * Two requests with the same text want the same thing done, whoever asks and why: the second joins the first (product.md §5). Unlike the
 * fingerprint it does not ask how the workloads were found. Another environment has other rules, and later is not now: neither joins.
 */
export function sameness(plan: Omit<Plan, 'hash'>, ask: Ask): string {
  const workloads = plan.workloads
    .map((each) => ({
      workload: workloadKey(each.workload),
      method: each.method,
      pod: evictionOf(each) !== undefined && ask.pod !== undefined ? ask.pod : '',
      forceDelete: evictionOf(each)?.forceDelete ?? false,
      runs: jobOf(each) !== undefined,
    }))
    .toSorted(byText);
  const containers = plan.containers
    .filter((each) => each.concerned)
    .map((each) => ({
      in: workloadKey(each.workload),
      container: each.container,
      image: each.imageAfter,
      digest: digestOf(each.imageAfter) ?? registryFacts(each),
    }))
    .toSorted(byText);
  return JSON.stringify({
    kind: ask.kind,
    cluster: plan.cluster,
    environment: ask.environment,
    at: ask.at ?? 'now',
    workloads,
    containers,
  });
}
