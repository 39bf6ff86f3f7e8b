import { livePods } from './identity.ts';
import type { ContainerPlan, WorkloadPlan } from './plan.ts';
import { sameWorkload, STAMP } from './workload.ts';
import type { Pod, Revision, Snapshot, Workload, WorkloadView } from './workload.ts';

/** The revision that a request made, told by its stamp: generation numbers move for many reasons, an autoscaler's among them. */
export function stampedRevision(view: WorkloadView, request: string): Revision | undefined {
  const stamped = view.revisions.filter((revision) => revision.stamp === request);
  return stamped.find((revision) => revision.hash === view.workload.status.updateRevision) ?? stamped[0];
}

/** Only these ordinals are replaced; 0 for all kinds but a partitioned StatefulSet. */
const partitionOf = ({ strategy }: Workload): number => (strategy.type === 'RollingUpdate' ? (strategy.partition ?? 0) : 0);

export const inReach = (workload: Workload, pod: Pod): boolean => (pod.ordinal ?? 0) >= partitionOf(workload);

/** Pods that this request's rollout is to bring up. */
export const desiredPods = (workload: Workload): number => Math.max(0, workload.replicas - partitionOf(workload));

/** Live pods of a revision. */
export const podsOf = (view: WorkloadView, revision: Revision): Pod[] =>
  livePods(view.pods).filter((pod) => pod.revision === revision.hash && inReach(view.workload, pod));

/** Every pod that is still there and will not stay, those that are terminating included. */
export const oldPods = (view: WorkloadView, revision: Revision): Pod[] =>
  view.pods.filter(
    (pod) => pod.revision !== revision.hash && inReach(view.workload, pod) && pod.phase !== 'Succeeded' && pod.phase !== 'Failed',
  );

/** A container without a readiness probe is ready the moment it runs, also one that ends a blink later; milliseconds. */
const SETTLES = 2_000;
/** Ready conditions carry the clock of the node. Both have whole seconds, and the lists of one look are not read at once. */
const CLOCKS_DIFFER = 5_000;

/** How long a ready pod has been so, milliseconds. For ever, where that began in a time to come: its node's clock is ahead, and tells nothing. */
export function readyFor(pod: Pod, now: number): number {
  const lasted = now - (pod.readySince ?? now);
  return lasted < -CLOCKS_DIFFER ? Infinity : lasted;
}

/** Ready, and for as long as the workload wants before it counts, but never for a blink only; `now` is the API server's. */
export const isSettled = (pod: Pod, workload: Workload, now: number): boolean =>
  // Where the workload wants it to last, its controller counts by the same clocks, and waits for them as well.
  pod.ready &&
  (workload.minReadySeconds === 0
    ? readyFor(pod, now) >= SETTLES
    : now - (pod.readySince ?? now) >= Math.max(workload.minReadySeconds * 1000, SETTLES));

/**
 * Who changed the template away from what this request wrote, or undefined where it stands. A stamp that is still there proves nothing alone:
 * `kubectl set image` leaves it.
 */
export function supersededBy(view: WorkloadView, containers: readonly ContainerPlan[], request: string): string | undefined {
  const { templateAnnotations, templateManagers } = view.workload;
  const stamp = templateAnnotations[STAMP];
  // Whoever wrote before us did not change what we wrote; who only takes fields away is not noted at all.
  const ours = templateManagers.find((each) => each.manager === 'repull')?.at ?? 0;
  const manager = templateManagers.find((each) => each.manager !== 'repull' && each.at >= ours)?.manager ?? 'somebody';
  // `kubectl rollout undo` brings the stamp of an older request back.
  const last = templateManagers[0]?.manager ?? 'repull';
  if (stamp !== undefined && stamp !== request) return last === 'repull' ? `request ${stamp}` : last;
  return stamp === undefined || differs(view.workload, containers) ? manager : undefined;
}

/** The same for a request that writes no template: any other image in it than the plan saw. */
export function templateChangedBy(view: WorkloadView, containers: readonly ContainerPlan[]): string | undefined {
  const stamp = view.workload.templateAnnotations[STAMP];
  if (!differs(view.workload, containers)) return undefined;
  return view.workload.templateManagers[0]?.manager ?? (stamp === undefined ? 'somebody' : `request ${stamp}`);
}

const differs = (workload: Workload, containers: readonly ContainerPlan[]): boolean =>
  containers.some((planned) => {
    const spec = workload.containers.find((each) => each.name === planned.container);
    if (spec === undefined || spec.image !== planned.imageAfter) return true;
    return planned.pullPolicyAfter !== planned.pullPolicy && spec.pullPolicy !== planned.pullPolicyAfter;
  });

/** The write of this request is in the cluster and stands: a restart of an Argo Rollout is stamped on the object, everything else on the template. */
export const isStamped = (workload: Workload, { write }: Pick<WorkloadPlan, 'write'>, request: string): boolean =>
  (write.action === 'restart-at' ? workload.argo?.stamp : workload.templateAnnotations[STAMP]) === request;

/** The workload of a plan as it is seen now: not one that was created again under its name. */
export const viewOf = (snapshot: Snapshot, plan: Pick<WorkloadPlan, 'workload' | 'uid'>): WorkloadView | undefined =>
  snapshot.workloads.find((view) => sameWorkload(view.workload, plan.workload) && view.workload.uid === plan.uid);

/** The write of this request stands in the cluster, whoever sent it. */
export function isWritten(snapshot: Snapshot, plan: WorkloadPlan, request: string): boolean {
  const view = viewOf(snapshot, plan);
  return view !== undefined && isStamped(view.workload, plan, request);
}

/** The controller has seen the template that this request wrote: whatever pod it makes from now on is made from it. */
export function isPatchObserved(view: WorkloadView, request: string): boolean {
  const { workload } = view;
  if (workload.observedGeneration < workload.generation || workload.templateAnnotations[STAMP] !== request) return false;
  const newest = workload.status.updateRevision;
  return newest === undefined || stampedRevision(view, request)?.hash === newest;
}
