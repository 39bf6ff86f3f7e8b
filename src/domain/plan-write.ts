import { asSeen, type Candidate } from './candidate.ts';
import { livePods } from './identity.ts';
import { isWeak, type Chosen } from './plan-method.ts';
import { replacesItself } from './plan-obstacle.ts';
import type { ContainerPlan, Evict, Write } from './plan.ts';
import type { Ask } from './request.ts';
import { rfc3339 } from './rfc3339.ts';
import { pinnedImage } from './select.ts';
import { RESTARTED_AT, STAMP } from './workload.ts';
import type { Pod, WorkloadView } from './workload.ts';

/** Every container of the workload as it is and as it will be. */
export function containerPlans(
  ask: Ask,
  view: WorkloadView,
  all: readonly Candidate[],
  targets: readonly Candidate[],
  method: Chosen,
): ContainerPlan[] {
  return all.map((candidate) => {
    const seen = asSeen(view, candidate);
    if (!targets.includes(candidate)) return { ...seen, concerned: false };
    return {
      ...seen,
      concerned: true,
      imageAfter: imageAfter(ask, candidate, method),
      pullPolicyAfter: method === 'always' ? 'Always' : seen.pullPolicy,
    };
  });
}

function imageAfter(ask: Ask, candidate: Candidate, method: Chosen): string {
  switch (method) {
    case 'set-image':
      return candidate.target;
    case 'pin':
      // What `auto` pins are the containers that need it; one with the policy Always fetches anyway when its pod is replaced.
      return candidate.answer.known && (ask.via === 'pin' || isWeak(candidate))
        ? pinnedImage(ask, candidate.spec, candidate.answer.digest)
        : candidate.spec.image;
    case 'restart':
    case 'always':
    case 'evict':
      return candidate.spec.image;
  }
}

/** One patch carries everything, because two would be two rollouts; the time in it is the request's, so that sending it again changes nothing. */
export function patchFor(view: WorkloadView, containers: readonly ContainerPlan[], request: string, at: number): Write {
  // A Rollout may take its template from a Deployment (workloadRef): the image lies there.
  const { kind, namespace, name, uid, resourceVersion } = view.workload.argo?.template ?? view.workload;
  const changed = containers.filter((container) => container.imageAfter !== container.image);
  const otherwise = containers.filter((container) => container.pullPolicyAfter !== container.pullPolicy);
  return {
    action: 'patch-template',
    workload: { kind, namespace, name },
    uid,
    resourceVersion,
    annotations: { [STAMP]: request, [RESTARTED_AT]: rfc3339(at) },
    images: changed.map(({ container, role, imageAfter: image }) => ({ container, role, image })),
    pullPolicies: otherwise.map(({ container, role, pullPolicyAfter }) => ({ container, role, pullPolicy: pullPolicyAfter })),
  };
}

/** Pods that cannot serve go first: they cost no budget. Then by name; a StatefulSet from its highest ordinal, as its controller would. */
export function evictionFor(ask: Pick<Ask, 'pod' | 'forceDelete'>, view: WorkloadView): Evict {
  const { kind, namespace, name, uid } = view.workload;
  const pods = livePods(view.pods)
    .filter((pod) => ask.pod === undefined || pod.name === ask.pod)
    .toSorted((a, b) => Number(a.ready) - Number(b.ready) || (b.ordinal ?? 0) - (a.ordinal ?? 0) || (a.name < b.name ? -1 : 1));
  return { action: 'evict', workload: { kind, namespace, name }, uid, pods: pods.map(placed), forceDelete: ask.forceDelete };
}

export const placed = (pod: Pod): { name: string; uid: string; node?: string } => ({
  name: pod.name,
  uid: pod.uid,
  ...(pod.node === undefined ? {} : { node: pod.node }),
});

/** What has to follow a patch of the template, so that pods are replaced at all. */
export const afterPatch = (ask: Pick<Ask, 'pod' | 'forceDelete'>, view: WorkloadView): { second?: Evict } =>
  replacesItself(view) ? {} : { second: evictionFor(ask, view) };
