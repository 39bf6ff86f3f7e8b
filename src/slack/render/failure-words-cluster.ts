import type { FailureCode } from '../../domain/failure.ts';
import { of, type Words } from './failure-words-of.ts';

/** What is wrong in the cluster, and for its owner to cure. */
export const CLUSTER_WORDS = {
  'bot-forbidden': {
    what: of('repull has no Kubernetes right for ', '', 'this'),
    why: 'The API server answered Forbidden: the Role of the worker does not hold it.',
    next: 'Give its service account the right named below, then try again.',
  },
  conflict: {
    what: of('Somebody else keeps changing ', '', 'the workload'),
    why: 'The API server refused the write as out of date.',
    next: 'Find out who writes it, then press Retry.',
  },
  'disruption-budget': {
    what: of('The disruption budget ', ' lets no pod go', 'here'),
    why: 'Removing another pod now would break it, and repull never does that.',
    next: 'Bring its other pods back to health, widen the budget, or use a method with a rolling update (--via restart).',
  },
  'budget-misconfigured': {
    what: of('The disruption budgets over ', ' contradict each other', 'this workload'),
    why: 'More than one budget selects the same pod, and Kubernetes then refuses every eviction of it.',
    next: 'Delete all but one of them, or use a method with a rolling update (--via restart).',
  },
  'would-be-reverted': {
    what: of('', ' would undo this change', 'Another tool'),
    why: 'It keeps the workload equal to what is written elsewhere.',
    next: 'Change it there, or use --via restart or evict, which it leaves alone.',
  },
  'pull-failed': {
    what: of('The image of ', ' could not be fetched', 'a container'),
    why: 'The registry or the way to it failed for as long as repull waits for that; its words are below.',
    next: 'Check that the node can reach the registry, then press Retry.',
  },
  'registry-denied': {
    what: of('The registry refused to give out the image of ', '', 'a container'),
    why: 'The credentials of the pod are missing, wrong or expired. Some registries answer the same for a repository that does not exist.',
    next: 'Check the imagePullSecrets of the workload, then the name of the image; then press Retry.',
  },
  'no-matching-platform': {
    what: of('', ' has no image for the platform of its node', 'A container'),
    why: 'The image was built for another architecture or operating system.',
    next: 'Push an image for that platform too, or keep the pods on matching nodes (nodeSelector).',
  },
  'container-crashed': {
    what: of('', ' crashes after it starts', 'A container'),
    why: 'The image was fetched and started; the program in it ends.',
    next: 'Read the last lines of its log. Roll back brings the recorded digests back.',
  },
  'container-config': {
    what: of('', ' cannot be created', 'A container'),
    why: 'Its configuration names something that is not there (a Secret, a ConfigMap, a key, a command).',
    next: 'Add what is missing, then press Retry; or roll back.',
  },
  'out-of-memory': {
    what: of('', ' was killed: out of memory', 'A container'),
    why: 'It used more memory than its limit allows.',
    next: 'Raise its memory limit, or roll back.',
  },
  'probe-failing': {
    what: of('', ' runs but does not become ready', 'A container'),
    why: 'Its probe keeps failing; what it answered is below.',
    next: 'Look at the log of the container and at the probe (path, port, delay), or roll back.',
  },
  unschedulable: {
    what: of('No node takes ', '', 'the new pods'),
    why: 'The scheduler found no place for it; its words are below.',
    next: 'Make room (or add a node), or relax what the pod asks for: resources, selectors, affinity, tolerations.',
  },
  'quota-exceeded': {
    what: of('A quota stops the new pods of ', '', 'the workload'),
    why: 'The namespace has no room for them, and nothing moved for half a minute.',
    next: 'Raise the quota, scale something down, or lower maxSurge so that an old pod goes first.',
  },
  'mount-failed': {
    what: of('A volume of ', ' cannot be mounted', 'a pod'),
    why: 'The pod cannot start without it; the kubelet’s words are below.',
    next: 'Create what the volume is made from (Secret, ConfigMap, claim), or correct its name.',
  },
  'admission-refused': {
    what: of('An admission rule refused ', '', 'the change'),
    why: 'A policy or webhook of the cluster does not let it in; its words are below.',
    next: 'Satisfy the rule, or ask its owner.',
  },
  'rollout-stalled': {
    what: of('The rollout of ', ' makes no progress', 'the workload'),
    why: 'Nothing moved for as long as its progress deadline allows, and no pod says why.',
    next: 'Look at the pods that are not ready, or roll back.',
  },
  'wrong-image': {
    what: of('', ' runs another image than the registry holds', 'A container'),
    why: 'A mirror, a tag that moved meanwhile, or another architecture.',
    next: 'Compare the digests; --pin makes the exact image run.',
  },
  superseded: {
    what: of('Somebody changed ', ' meanwhile', 'the workload'),
    why: 'A newer change replaced this one.',
    next: 'Look at the newer change before you ask again.',
  },
  'workload-gone': { what: of('', ' was deleted', 'The workload'), why: 'It is no longer in the cluster.', next: 'Nothing to do here.' },
  'node-gone': {
    what: of('The node of ', ' does not answer', 'a pod'),
    why: 'Its kubelet reports nothing, so pods can neither start nor end there.',
    next: 'Bring the node back, or delete it from the cluster; then press Retry.',
  },
  'node-pressure': {
    what: of('', ' was thrown off its node', 'A pod'),
    why: 'The node is short of disk, memory or processes, and its kubelet ends pods to survive.',
    next: 'Free what the node is short of (images, logs, emptyDir volumes), or add a node.',
  },
  'pod-terminating': {
    what: of('The pod ', ' does not end', 'that was told to go'),
    why: 'It was told to go, its grace period is over, and its successor comes only after it.',
    next: 'Find out what holds it; a finalizer is taken off by whoever put it there.',
  },
} satisfies Partial<Record<FailureCode, Words>>;

/**
 * The same codes say something else once pods run into them: something was changed then, and the words of the plan ("nothing was changed") would
 * be wrong. What is not here reads the same before and after.
 */
export const PODS_WORDS: Partial<Record<FailureCode, Words>> = {
  'image-not-found': {
    what: of('The image of ', ' is not in the registry', 'a container'),
    why: 'The tag or the repository is missing, or it is private: registries answer a node without the right credentials alike.',
    next: 'Push the tag again, or correct it. If it is there, check the imagePullSecrets of the workload. Then press Retry.',
  },
  'invalid-image': {
    what: of('The image reference of ', ' is not valid', 'a container'),
    why: 'No registry was asked: the kubelet could not read it.',
    next: 'Correct the reference in the workload (lower case, registry/repository:tag); look also for a webhook that rewrites images.',
  },
  'would-not-pull': {
    what: of('The image of ', ' is not on its node, and may not be fetched', 'a container'),
    why: 'Its pull policy is Never.',
    next: 'Load the image onto that node, keep the pod on nodes that have it, or change the policy to IfNotPresent.',
  },
  'workload-paused': {
    what: of('', ' was paused in the middle of the rollout', 'The workload'),
    why: 'Kubernetes replaces no further pod while it is paused.',
    next: 'Resume it (kubectl rollout resume), or roll back.',
  },
  'no-replicas': {
    what: of('', ' has no pods any more', 'The workload'),
    why: 'It was scaled to 0 meanwhile, or no node is fit for it: nothing fetched an image, and nothing is proven.',
    next: 'Scale it up, or look at its nodes; new pods fetch by their pull policy.',
  },
};
