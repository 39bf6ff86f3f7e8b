import { parseImage } from './image.ts';
import type { ContainerSpec, Pod, PullPolicy } from './workload.ts';

/**
 * What the API server fills in where a manifest names no policy
 * (https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting). It does so once, at creation: a later change of the tag keeps it.
 */
export function defaultPullPolicy(image: string): PullPolicy {
  const reference = parseImage(image);
  if (reference === undefined || reference.digest !== undefined) return 'IfNotPresent';
  return reference.tag === undefined || reference.tag === 'latest' ? 'Always' : 'IfNotPresent';
}

const WEAKEST_FIRST: readonly PullPolicy[] = ['Never', 'IfNotPresent', 'Always'];

/**
 * The policy that decides whether a kubelet asks the registry: that of the pods, because the AlwaysPullImages admission plugin changes
 * pods and leaves the template as it is. Where pods differ the weakest counts: one node that does not fetch is one pod with old bits.
 */
export function effectivePullPolicy(spec: ContainerSpec, pods: readonly Pod[]): PullPolicy {
  const seen = pods
    .filter((pod) => !pod.deleting)
    .flatMap((pod) => pod.containers.filter((container) => container.name === spec.name).map((container) => container.pullPolicy));
  return WEAKEST_FIRST.find((policy) => seen.includes(policy)) ?? spec.pullPolicy;
}
