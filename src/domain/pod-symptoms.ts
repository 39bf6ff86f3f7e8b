import { evidenceFor, failedAttempts, lastCause } from './evidence.ts';
import { readFailureEvent } from './failure-event.ts';
import type { Failure } from './failure.ts';
import type { ContainerPlan } from './plan.ts';
import { isPullReason, readPullError } from './pull-error.ts';
import type { PullEvidence } from './verdict.ts';
import type { ClusterEvent, ContainerState, Pod, PodContainer } from './workload.ts';

/** Something that keeps a pod from becoming ready. It is fatal once it was seen `fatalAt` times and for `budgetMs`. */
export interface Symptom {
  /** Within its workload. */
  key: string;
  failure: Failure;
  /** For the card: the kubelet's one word. */
  detail: string;
  seen: number;
  fatalAt: number;
  budgetMs: number;
  /** A symptom seen this long counts as seen often enough, because its events may be lost. */
  certainMs: number;
}

/** Budgets, in milliseconds (research/kubernetes.md §7C). */
const TRANSIENT_PULL = 5 * 60_000;
const CONFIG = 30_000;
/** Two attempts take less: the kubelet waits 10 s after the first. */
const CERTAIN = 30_000;
const SLOW = 60_000;
const RESTARTS = 2;
const NEVER = Number.POSITIVE_INFINITY;

export function podSymptoms(
  pod: Pod,
  plans: readonly ContainerPlan[],
  evidence: readonly PullEvidence[],
  events: readonly ClusterEvent[],
): Symptom[] {
  // A list of events has no order of its own; the last word counts.
  const own = events.filter((event) => event.objectUid === pod.uid).toSorted((a, b) => a.at - b.at);
  return [
    ...pod.containers.flatMap((container) => {
      const plan = plans.find((each) => each.container === container.name);
      return (
        imageSymptom(pod, container, plan, evidence) ??
        crashSymptom(pod, container, own) ??
        configSymptom(pod, container) ??
        probeSymptom(pod, container, own) ??
        []
      );
    }),
    ...(unschedulable(pod, own) ?? mountSymptom(pod, own) ?? []),
  ];
}

function imageSymptom(
  pod: Pod,
  container: PodContainer,
  plan: ContainerPlan | undefined,
  evidence: readonly PullEvidence[],
): Symptom[] | undefined {
  const state = container.state;
  if (state?.is !== 'waiting' || state.reason === undefined || !isPullReason(state.reason)) return undefined;
  const said = evidenceFor(evidence, pod, container.name);
  const text = causeIn(state.message) ?? lastCause(said) ?? state.message ?? state.reason;
  const error = readPullError(state.reason, text);
  // Nothing but a change of the pod cures these two, so nothing is gained by a second attempt; and one is enough where the registry told us the same.
  const certain = error.code === 'invalid-image' || error.code === 'would-not-pull' || agrees(plan, error.code);
  return [
    {
      ...base(pod, container.name, error.code),
      detail: state.reason,
      failure: {
        code: error.code,
        subject: `${pod.name}/${container.name}`,
        evidence: cut(text),
        transient: error.transient,
        remedy: describe(pod),
      },
      seen: failedAttempts(said),
      fatalAt: certain || error.transient ? 0 : 2,
      budgetMs: error.transient ? TRANSIENT_PULL : 0,
      certainMs: CERTAIN,
    },
  ];
}

/** Newer kubelets put the cause behind the back-off: `Back-off pulling image "X": ErrImagePull: cause`. Alone, the back-off says nothing. */
function causeIn(message: string | undefined): string | undefined {
  if (message === undefined || !message.startsWith('Back-off pulling image')) return message;
  const at = message.indexOf('": ');
  return at < 0 ? undefined : message.slice(at + 3);
}

const agrees = (plan: ContainerPlan | undefined, code: Failure['code']): boolean =>
  plan !== undefined &&
  !plan.registry.known &&
  ((plan.registry.because === 'not-found' && code === 'image-not-found') ||
    (plan.registry.because === 'unauthorized' && code === 'registry-denied'));

function crashSymptom(pod: Pod, container: PodContainer, events: readonly ClusterEvent[]): Symptom[] | undefined {
  if (!hasCrashed(container)) return undefined;
  const last = lastExit(container);
  const killed = killedByProbe(events, container.name, last);
  const code = crashCode(last, killed);
  return [
    {
      ...base(pod, container.name, code),
      detail: container.state?.is === 'waiting' ? (container.state.reason ?? 'restarting') : 'crashed',
      failure: {
        code,
        subject: `${pod.name}/${container.name}`,
        evidence: cut(crashText(container, last, killed)),
        remedy: `kubectl -n ${pod.namespace} logs ${pod.name} -c ${container.name} --previous`,
      },
      seen: container.restartCount,
      fatalAt: RESTARTS,
      budgetMs: 0,
      certainMs: NEVER,
    },
  ];
}

/** How a container ends when the kubelet ends it; any other code is its own doing, whatever its probes said meanwhile. */
const ENDED_BY_KUBELET = [0, 137, 143];

/**
 * A probe of a container that has just crashed finds nobody, and says so in an Unhealthy event ("probe errored"): that is a consequence, not the
 * cause. The kubelet announces what it ends itself; without that announcement (events get lost) the exit code has to fit.
 */
function killedByProbe(events: readonly ClusterEvent[], container: string, last: Exit | undefined): ClusterEvent | undefined {
  const own = events.filter((event) => event.container === container);
  const failed = own.findLast((event) => event.reason === 'Unhealthy' && /^(?:Liveness|Startup) probe failed/.test(event.message));
  const announced = own.findLast((event) => event.reason === 'Killing' && /failed (?:liveness|startup) probe/.test(event.message));
  if (announced !== undefined) return failed ?? announced;
  return last === undefined || ENDED_BY_KUBELET.includes(last.exitCode) ? failed : undefined;
}

/** Ended where it should run, or brought back since; an init container that ended well has done its work. */
function hasCrashed({ role, state, ready, restartCount }: PodContainer): boolean {
  const ended = state?.is === 'terminated' ? state.exitCode : undefined;
  if (role === 'init' && ended === 0) return false;
  if (ended !== undefined) return true;
  return restartCount > 0 && !(ready && state?.is === 'running');
}

type Exit = Extract<ContainerState, { is: 'terminated' }>;

const lastExit = ({ state, lastState }: PodContainer): Exit | undefined =>
  state?.is === 'terminated' ? state : lastState?.is === 'terminated' ? lastState : undefined;

function crashCode(
  last: Exit | undefined,
  killed: ClusterEvent | undefined,
): 'out-of-memory' | 'probe-failing' | 'no-matching-platform' | 'container-crashed' {
  if (last?.reason === 'OOMKilled') return 'out-of-memory';
  if (killed !== undefined) return 'probe-failing';
  // An image of another architecture that is no index pulls well and cannot be executed.
  return /exec format error/.test(last?.message ?? '') ? 'no-matching-platform' : 'container-crashed';
}

function crashText(container: PodContainer, last: Exit | undefined, killed: ClusterEvent | undefined): string {
  const exit = last === undefined ? 'it ended' : `exit code ${last.exitCode}${last.reason === undefined ? '' : ` (${last.reason})`}`;
  const words = [last?.message, killed?.message].filter((text) => text !== undefined && text !== '').join('; ');
  return `${exit}, restarted ${container.restartCount} ${container.restartCount === 1 ? 'time' : 'times'}${words === '' ? '' : `: ${words}`}`;
}

function configSymptom(pod: Pod, container: PodContainer): Symptom[] | undefined {
  const state = container.state;
  if (
    state?.is !== 'waiting' ||
    state.reason === undefined ||
    !/^(?:CreateContainer(?:Config)?Error|RunContainerError|PreStartHookError|PostStartHookError)$/.test(state.reason)
  )
    return undefined;
  const text = `${state.reason}: ${state.message ?? ''}`;
  return [
    {
      ...base(pod, container.name, 'container-config'),
      detail: state.reason,
      failure: { code: 'container-config', subject: `${pod.name}/${container.name}`, evidence: cut(text), remedy: describe(pod) },
      seen: 1,
      fatalAt: 0,
      budgetMs: CONFIG,
      certainMs: CONFIG,
    },
  ];
}

/** Running and not ready is how every start looks; what its probe said becomes the cause once the deadline of the rollout is over. */
function probeSymptom(pod: Pod, container: PodContainer, events: readonly ClusterEvent[]): Symptom[] | undefined {
  if (container.ready || container.state?.is !== 'running') return undefined;
  const said = events.findLast((event) => event.container === container.name && readFailureEvent(event)?.code === 'probe-failing');
  if (said === undefined) return undefined;
  return [
    {
      ...base(pod, container.name, 'probe-failing'),
      detail: said.message.replace(/: .*$/s, ''),
      failure: {
        code: 'probe-failing',
        subject: `${pod.name}/${container.name}`,
        evidence: cut(`${said.message.trim()} (${said.count} times)`),
        remedy: describe(pod),
      },
      seen: said.count,
      fatalAt: NEVER,
      budgetMs: NEVER,
      certainMs: NEVER,
    },
  ];
}

function unschedulable(pod: Pod, events: readonly ClusterEvent[]): Symptom[] | undefined {
  const condition = pod.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined || pod.node !== undefined || events.some(({ reason }) => reason === 'TriggeredScaleUp')) return undefined;
  return [slow(pod, 'unschedulable', condition.message ?? condition.reason ?? 'no node takes it', condition.reason ?? 'Unschedulable')];
}

function mountSymptom(pod: Pod, events: readonly ClusterEvent[]): Symptom[] | undefined {
  if (pod.containers.some(({ state }) => state?.is === 'running' || state?.is === 'terminated')) return undefined;
  const said = events.findLast((event) => {
    const code = readFailureEvent(event)?.code;
    return code === 'mount-failed' || code === 'rollout-stalled';
  });
  const code = said === undefined ? undefined : readFailureEvent(said)?.code;
  return said === undefined || code === undefined ? undefined : [slow(pod, code, said.message, said.reason)];
}

const slow = (pod: Pod, code: Failure['code'], text: string, detail: string): Symptom => ({
  ...base(pod, '', code),
  detail,
  failure: { code, subject: pod.name, evidence: cut(text), transient: true, remedy: describe(pod) },
  seen: 1,
  fatalAt: 0,
  budgetMs: SLOW,
  certainMs: SLOW,
});

const base = (pod: Pod, container: string, code: string): { key: string } => ({ key: `${pod.uid}/${container}/${code}` });
const describe = (pod: Pod): string => `kubectl -n ${pod.namespace} describe pod ${pod.name}`;
export const cut = (text: string): string => text.slice(0, 1000);
