import { crashSymptom } from './crash-symptom.ts';
import { evidenceFor, failedAttempts, lastCause } from './evidence.ts';
import { readFailureEvent } from './failure-event.ts';
import type { Failure } from './failure.ts';
import { nodeSymptom, type Nodes } from './node-symptom.ts';
import type { ContainerPlan } from './plan.ts';
import { isPullReason, pullRemedy, readPullError } from './pull-error.ts';
import { CERTAIN, cut, describePod, keyFor, NEVER, SLOW, TRANSIENT, type Symptom } from './symptom.ts';
import type { PullEvidence } from './verdict.ts';
import type { ClusterEvent, Pod, PodContainer } from './workload.ts';

/** What is missing is often created in the same breath, a moment later; milliseconds. */
const CONFIG = 15_000;

/** What keeps a pod from becoming ready; of each container the one thing that explains the rest. */
export function podSymptoms(
  pod: Pod,
  plans: readonly ContainerPlan[],
  evidence: readonly PullEvidence[],
  events: readonly ClusterEvent[],
  nodes: Nodes,
): Symptom[] {
  const gone = nodeSymptom(pod, nodes, true);
  if (gone !== undefined) return [gone];
  // A list of events has no order of its own; the last word counts.
  const own = events.filter((event) => event.objectUid === pod.uid).toSorted((a, b) => a.at - b.at);
  return [
    ...pod.containers.flatMap((container) => {
      const plan = plans.find((each) => each.container === container.name);
      return (
        imageSymptom(pod, container, plan, evidence, nodes) ??
        crashSymptom(pod, container, own) ??
        configSymptom(pod, container, own) ??
        probeSymptom(pod, container, own) ??
        []
      );
    }),
    ...(unschedulable(pod, own, nodes) ?? mountSymptom(pod, own, evidence) ?? []),
  ];
}

function imageSymptom(
  pod: Pod,
  container: PodContainer,
  plan: ContainerPlan | undefined,
  evidence: readonly PullEvidence[],
  nodes: Nodes,
): Symptom[] | undefined {
  const state = container.state;
  if (state?.is !== 'waiting' || state.reason === undefined || !isPullReason(state.reason)) return undefined;
  const said = evidenceFor(evidence, pod, container.name);
  const text = causeIn(state.message) ?? lastCause(said) ?? state.message ?? state.reason;
  const error = readPullError(state.reason, text);
  // Nothing but a change of the pod cures these two, so nothing is gained by a second attempt; and one is enough where the registry told us the same.
  const certain = error.code === 'invalid-image' || error.code === 'would-not-pull' || agrees(plan, error.code);
  const remedy = pullRemedy(error, text, pod.node);
  return [
    {
      ...keyFor(pod, container.name, error.code),
      detail: state.reason,
      failure: {
        code: error.code,
        subject: `${pod.name}/${container.name}`,
        evidence: cut(`${text}${on(pod, nodes)}`),
        transient: error.transient,
        ...(remedy === undefined ? {} : { remedy }),
        look: describePod(pod),
      },
      seen: failedAttempts(said),
      fatalAt: certain || error.transient ? 0 : 2,
      budgetMs: error.transient ? TRANSIENT : 0,
      certainMs: CERTAIN,
    },
  ];
}

/** Which node said so, and what it is: a pull depends on its network, its credentials, its disk and its platform. */
function on({ node }: Pod, { facts }: Nodes): string {
  if (node === undefined) return '';
  const seen = facts.find(({ name }) => name === node);
  return ` (on ${node}${seen === undefined || seen.architecture === '' ? '' : `, ${seen.os}/${seen.architecture}`})`;
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

function configSymptom(pod: Pod, container: PodContainer, events: readonly ClusterEvent[]): Symptom[] | undefined {
  const state = container.state;
  if (
    state?.is !== 'waiting' ||
    state.reason === undefined ||
    !/^(?:CreateContainer(?:Config)?Error|RunContainerError|PreStartHookError|PostStartHookError)$/.test(state.reason)
  )
    return undefined;
  const said = events.filter((event) => event.container === container.name && event.reason === 'Failed');
  return [
    {
      ...keyFor(pod, container.name, 'container-config'),
      detail: state.reason,
      failure: {
        code: 'container-config',
        subject: `${pod.name}/${container.name}`,
        evidence: cut(`${state.reason}: ${state.message ?? ''}`),
        look: describePod(pod),
      },
      seen: said.reduce((sum, event) => sum + event.count, 0),
      fatalAt: 2,
      budgetMs: CONFIG,
      certainMs: CERTAIN,
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
      ...keyFor(pod, container.name, 'probe-failing'),
      detail: said.message.replace(/: .*$/s, ''),
      failure: {
        code: 'probe-failing',
        subject: `${pod.name}/${container.name}`,
        evidence: cut(`${said.message.trim().replace(/:$/, '')} (${said.count} ${said.count === 1 ? 'time' : 'times'})`),
        look: `kubectl -n ${pod.namespace} logs ${pod.name} -c ${container.name}`,
      },
      seen: said.count,
      fatalAt: NEVER,
      budgetMs: NEVER,
      certainMs: NEVER,
    },
  ];
}

function unschedulable(pod: Pod, events: readonly ClusterEvent[], { facts }: Nodes): Symptom[] | undefined {
  const condition = pod.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition === undefined || pod.node !== undefined || events.some(({ reason }) => reason === 'TriggeredScaleUp')) return undefined;
  const text = condition.message ?? condition.reason ?? 'no node takes it';
  if (!/untolerated taint/.test(text)) return [slow(pod, 'unschedulable', text, condition.reason ?? 'Unschedulable')];
  // The scheduler counts tainted nodes and does not say with what; a kubelet in need taints its own.
  const short = facts.flatMap(({ name, short: what = [] }) => (what.length === 0 ? [] : [`${name} is short of ${what.join(' and ')}`]));
  const symptom = slow(
    pod,
    'unschedulable',
    `${text}${short.length === 0 ? '' : ` (${short.join('; ')})`}`,
    condition.reason ?? 'Unschedulable',
  );
  const what = [...new Set(facts.flatMap((node) => node.short ?? []))].join(' and ');
  const remedy =
    short.length === 0 ? {} : { remedy: `free ${what} on the nodes that are short of it (images, logs, emptyDir volumes), or add a node` };
  const look = "kubectl get nodes -o custom-columns='NODE:.metadata.name,TAINTS:.spec.taints[*].key'";
  return [{ ...symptom, failure: { ...symptom.failure, ...remedy, look } }];
}

function mountSymptom(pod: Pod, events: readonly ClusterEvent[], evidence: readonly PullEvidence[]): Symptom[] | undefined {
  if (pod.containers.some(({ state }) => state?.is === 'running' || state?.is === 'terminated')) return undefined;
  // Volumes and the sandbox come before any pull: whoever pulls has them, however long that takes then.
  if (pod.conditions.some(({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True')) return undefined;
  const said = events.findLast((event) => {
    const code = readFailureEvent(event)?.code;
    return code === 'mount-failed' || code === 'rollout-stalled';
  });
  const code = said === undefined ? undefined : readFailureEvent(said)?.code;
  if (evidence.some((each) => each.at >= (said?.at ?? 0))) return undefined;
  return said === undefined || code === undefined ? undefined : [slow(pod, code, said.message, said.reason)];
}

/** Thrown off its node, which was short of something. Its successor may be well, so this ends nothing by itself. */
export const evictedSymptom = (pod: Pod): Symptom => ({
  ...keyFor(pod, '', 'node-pressure'),
  detail: 'Evicted',
  failure: {
    code: 'node-pressure',
    subject: pod.name,
    evidence: cut(`${pod.message ?? 'Evicted'}${pod.node === undefined ? '' : ` (on ${pod.node})`}`),
    ...(pod.node === undefined ? {} : { look: `kubectl describe node ${pod.node}` }),
  },
  seen: 1,
  fatalAt: NEVER,
  budgetMs: NEVER,
  certainMs: NEVER,
});

const slow = (pod: Pod, code: Failure['code'], text: string, detail: string): Symptom => ({
  ...keyFor(pod, '', code),
  detail,
  failure: { code, subject: pod.name, evidence: cut(text), transient: true, look: describePod(pod) },
  seen: 1,
  fatalAt: 0,
  budgetMs: SLOW,
  certainMs: SLOW,
});
