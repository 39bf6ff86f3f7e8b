import type { FailureCode } from '../../domain/failure.ts';
import { CLUSTER_WORDS } from './failure-words-cluster.ts';
import { of, type Words } from './failure-words-of.ts';

/** Exhaustive by type: a new code does not compile without its words. `docs/failures.md` has the long form. */
export const FAILURE_WORDS: Record<FailureCode, Words> = {
  'bad-usage': { what: () => ['That command was not understood'], why: 'Nothing was started.', next: 'Type /repull help.' },
  'unknown-workload': {
    what: of('No workload was found for ', '', 'this app'),
    why: 'Nothing in the namespaces of this environment has that name or label.',
    next: 'Check the name, or name the workload with --workload kind/name.',
  },
  'ambiguous-workload': {
    what: of('Several workloads match ', '', 'this app'),
    why: 'repull never guesses between them.',
    next: 'Choose one with --workload kind/name.',
  },
  'would-not-pull': {
    what: of('This would not make ', ' fetch its image', 'any pod'),
    why: 'With its pull policy the nodes would use the copy they already have.',
    next: 'Leave --via out, and repull chooses a method that does fetch.',
  },
  'nothing-new': {
    what: of('There is nothing new to pull for ', '', 'this app'),
    why: 'Every pod already runs the image that the registry holds.',
    next: 'Add --force to fetch it again anyway.',
  },
  'immutable-reference': {
    what: of('', ' is written with a digest', 'The image'),
    why: 'A digest always means the same image, so fetching it again changes nothing.',
    next: 'Name a new one with --tag or --image.',
  },
  'image-not-found': {
    what: of('The registry does not have ', '', 'this image'),
    why: 'Pods would end in ImagePullBackOff, so nothing was changed.',
    next: 'Push the image, or correct the tag.',
  },
  'workload-paused': {
    what: of('', ' is paused', 'The workload'),
    why: 'Kubernetes would take the change and roll nothing out.',
    next: 'Resume it first (kubectl rollout resume).',
  },
  'no-replicas': {
    what: of('', ' has no pods', 'The workload'),
    why: 'It is scaled to 0, so there is nothing that could fetch an image.',
    next: 'Scale it up; new pods fetch by their pull policy.',
  },
  'next-run': {
    what: of('There is nothing to change in ', '', 'the CronJob'),
    why: 'It runs nothing now, and its next run fetches the image by itself.',
    next: 'Wait for the next run, or ask with --now.',
  },
  'unsupported-kind': {
    what: of('repull cannot do this for ', '', 'that kind of workload'),
    why: 'Nothing would replace its pods in a way that can be followed.',
    next: 'Repull the workload that owns it.',
  },
  'invalid-image': {
    what: of('', ' is not an image reference', 'That'),
    why: 'The kubelet would answer InvalidImageName.',
    next: 'Write it as registry/repository:tag.',
  },
  'method-not-allowed': {
    what: of('The method ', ' is not allowed here', 'needed'),
    why: 'The policy file or the worker does not list it for this environment.',
    next: 'Choose another with --via, or ask the owner of the policy.',
  },
  'unknown-container': {
    what: of('There is no container ', '', 'of that name'),
    why: 'The workload has none of that name.',
    next: 'Check the name, or leave --container out.',
  },
  'unknown-pod': {
    what: of('There is no pod ', '', 'of that name'),
    why: 'It is gone, or belongs to something else.',
    next: 'Leave --pod out to repull all of them.',
  },
  'nothing-recorded': {
    what: of('There is nothing to roll ', ' back to', 'this app'),
    why: 'No earlier request recorded the digests that ran before it.',
    next: 'Name the image with --image repository:tag@sha256:…',
  },
  'not-permitted': {
    what: of('You may not do this to ', ' here', 'that'),
    why: 'No rule of the policy gives it.',
    next: 'Ask /repull can-i APP ENVIRONMENT who can help.',
  },
  'self-approval': {
    what: () => ['Your own request needs somebody else’s approval'],
    why: 'This environment does not count the requester’s vote.',
    next: 'Ask one of the approvers on the card.',
  },
  'approval-expired': { what: () => ['The time to approve is over'], why: 'Nothing was changed.', next: 'Press Retry to ask again.' },
  'plan-outdated': {
    what: of('The plan for ', ' is no longer true', 'this request'),
    why: 'The workload or the registry changed after it was made.',
    next: 'Look at the new plan on the card and approve that.',
  },
  'outside-window': {
    what: of('', ' may not be changed now', 'This environment'),
    why: 'It is outside the maintenance window.',
    next: 'Schedule it for the next opening with --at window.',
  },
  frozen: {
    what: of('', ' is frozen', 'This environment'),
    why: 'Changes are stopped until the freeze ends.',
    next: 'Wait for its end, or ask whoever froze it.',
  },
  unsigned: {
    what: () => ['The worker refused to carry this out'],
    why: 'The order did not carry a valid signature of the bot.',
    next: 'Tell the operator of repull: either the job keys differ, or somebody wrote to its Redis.',
  },
  ...CLUSTER_WORDS,
  'backend-away': {
    what: of('', ' could not be reached', 'A part that repull needs'),
    why: 'Its answer is unknown, so nothing was decided on a guess.',
    next: 'Try again in a minute.',
  },
  'registry-unknown': {
    what: of('The registry could not say what ', ' is', 'the image'),
    why: 'Without its answer, “nothing new” would be a guess.',
    next: 'Try again, or check the credentials and limits of the registry.',
  },
  'deadline-passed': {
    what: of('The request did not finish in the time that ', ' gives it', 'its environment'),
    why: 'What it began in the cluster goes on by itself; repull stopped following it.',
    next: 'Look at the pods, then press Retry.',
  },
  bug: {
    what: () => ['repull made a mistake of its own'],
    why: 'That is a bug in repull, not in your app or your cluster.',
    next: 'Give the reference to whoever runs repull: its log has the details.',
  },
};
