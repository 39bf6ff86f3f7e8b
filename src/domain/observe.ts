import { desiredPods, inReach, isSettled, oldPods, podsOf, stampedRevision, supersededBy } from './generation.ts';
import { listed, notesFor, TERMINATING, type Look, waitsForEnd } from './look.ts';
import type { Nodes } from './node-symptom.ts';
import { openNotebook } from './notebook.ts';
import { observeEviction } from './observe-eviction.ts';
import { observeCronJob } from './observe-job.ts';
import { observeRestart } from './observe-restart.ts';
import { argoFailure, argoWaiting, isPromoted } from './argo-rollout.ts';
import { ofWorkload } from './candidate.ts';
import { evictionOf, type ContainerPlan, type WorkloadPlan } from './plan.ts';
import type { Observation, Symptoms, WorkloadProgress } from './rollout.ts';
import { stall } from './stall.ts';
import type { PullEvidence } from './verdict.ts';
import { workloadKey } from './workload.ts';
import type { Pod, Revision, Workload, WorkloadView } from './workload.ts';

export interface ObserveInput {
  /** Undefined: the workload is not there any more. */
  view: WorkloadView | undefined;
  plan: WorkloadPlan;
  /** All containers of the plan; those of other workloads are passed over. */
  containers: ContainerPlan[];
  request: string;
  evidence: PullEvidence[];
  symptoms: Symptoms;
  /** Evict: pods (uid) this request has asked to go. */
  evicted: readonly string[];
  nodes: Nodes;
  /** API server's clock, milliseconds. */
  now: number;
}

/** Says how far a rollout is (research/kubernetes.md §7C): kubectl's counters in kubectl's order, then every pod itself. */
export function observe(input: ObserveInput): { progress: WorkloadProgress; symptoms: Symptoms } {
  const { view, plan, containers, request, evidence, symptoms, evicted, nodes, now } = input;
  const notebook = openNotebook(symptoms, workloadKey(plan.workload), now);
  if (view === undefined || view.workload.deleting || view.workload.uid !== plan.uid) {
    return {
      progress: { workload: plan.workload, observation: { phase: 'gone' }, pods: [], old: 0, desired: 0 },
      symptoms: notebook.close(),
    };
  }
  const look: Look = { view, plan, containers: ofWorkload(containers, plan.workload), request, evidence, evicted, nodes, notebook, now };
  const eviction = evictionOf(plan);
  const progress =
    plan.workload.kind === 'CronJob'
      ? observeCronJob(look)
      : plan.write.action === 'restart-at'
        ? observeRestart(look, plan.write)
        : eviction === undefined
          ? observeRollout(look)
          : observeEviction(look, eviction);
  return { progress, symptoms: notebook.close() };
}

function observeRollout(look: Look): WorkloadProgress {
  const { view, plan, containers, request, now } = look;
  const { workload } = view;
  const desired = desiredPods(workload);
  const revision = stampedRevision(view, request);
  const by = supersededBy(view, containers, request);
  const fresh = revision === undefined ? [] : podsOf(view, revision);
  const old =
    revision === undefined ? view.pods.filter((pod) => inReach(workload, pod)) : [...oldPods(view, revision), ...held(view, revision)];
  const settled = fresh.filter((pod) => isSettled(pod, workload, now)).length;
  const { status } = workload;
  const counts = [status.updated, status.replicas, status.ready, status.available, fresh.length, old.length, settled].join('/');
  const waiting = argoWaiting(workload);
  const inTheWay = waitsForTheOld(workload) ? view.pods.filter((pod) => inReach(workload, pod)) : [];
  // What is held up on purpose does not stand still, however long nothing moves.
  const moved = waiting === undefined ? counts : `${counts}/${now}`;
  const trouble = stall({ ...look, revision, pods: fresh, inTheWay, counts: moved });
  const base = { workload: plan.workload, pods: listed(fresh, look, trouble), old: old.length, desired };
  if (by !== undefined) return { ...base, observation: { phase: 'superseded', by } };
  const observation = phase(look, revision, fresh, old, settled);
  const because = trouble.because ?? (revision === undefined ? undefined : argoFailure(workload, revision.hash));
  if (observation.phase !== 'complete' && because !== undefined) return { ...base, observation: { phase: 'stalled', because } };
  const notes = waiting === undefined ? trouble.notes : [waiting, ...trouble.notes];
  return { ...base, observation, ...notesFor(look, observation, { ...trouble, notes }, old) };
}

/** Its processes have ended and its kubelet has let it go; somebody else has not. */
const held = (view: WorkloadView, { hash }: Revision): Pod[] =>
  view.pods.filter(
    (pod) => pod.deleting && pod.finalizers !== undefined && pod.revision !== hash && (pod.phase === 'Succeeded' || pod.phase === 'Failed'),
  );

/** Whether a new pod comes up only when an old one is gone. */
const waitsForTheOld = ({ kind, strategy }: Workload): boolean =>
  (kind !== 'Deployment' && kind !== 'Rollout') || strategy.type === 'Recreate';

function phase(look: Look, revision: Revision | undefined, fresh: readonly Pod[], old: readonly Pod[], settled: number): Observation {
  const { workload } = look.view;
  const desired = desiredPods(workload);
  if (workload.observedGeneration < workload.generation || revision === undefined) return { phase: 'unobserved' };
  // A StatefulSet's update revision follows its observed generation; until then its counters speak of the revision before.
  if (workload.kind !== 'Deployment' && (workload.status.updateRevision ?? revision.hash) !== revision.hash) return { phase: 'unobserved' };
  if (workload.kind === 'Rollout') return rolloutPhase(workload, revision, settled);
  const counted = counters(workload, fresh.length, old.length);
  if (counted !== undefined) return counted;
  if (settled < desired) return { phase: 'settling', available: settled, desired };
  const waits = waitsForEnd(look, old);
  // Where nothing new runs, nothing serves already, and nothing would be proven.
  if (old.length > 0 && (waits || desired === 0 || !old.every((pod) => pod.deleting))) return { phase: 'retiring', old: old.length };
  // A DaemonSet wants no pod on a node that does not answer; back again, the node takes a moment to count.
  if (workload.kind === 'DaemonSet' && desired === 0 && look.now - look.notebook.note('nowhere', 1, '').since < TERMINATING)
    return { phase: 'settling', available: 0, desired: 0 };
  return { phase: 'complete' };
}

/** Old pods are no matter here: a blue-green switch and a traffic router keep them for a while after the end, out of use. */
function rolloutPhase(workload: Workload, revision: Revision, settled: number): Observation {
  const { status, replicas } = workload;
  if (!isPromoted(workload, revision.hash)) return { phase: 'updating', updated: Math.min(status.updated, replicas), desired: replicas };
  return settled < replicas ? { phase: 'settling', available: settled, desired: replicas } : { phase: 'complete' };
}

/** What `kubectl rollout status` waits for, by kind (research/kubernetes.md §1). Undefined: kubectl would say it is done. */
function counters(workload: Workload, fresh: number, old: number): Observation | undefined {
  const { status, replicas } = workload;
  const desired = desiredPods(workload);
  switch (workload.kind) {
    case 'Deployment':
      if (status.updated < replicas) return { phase: 'updating', updated: status.updated, desired };
      if (status.replicas > status.updated) return { phase: 'retiring', old: Math.max(old, status.replicas - status.updated) };
      return status.available < status.updated ? { phase: 'settling', available: status.available, desired } : undefined;
    case 'StatefulSet':
      if (status.updated < desired || fresh < desired) return { phase: 'updating', updated: Math.min(status.updated, fresh), desired };
      return status.ready < replicas
        ? { phase: 'settling', available: Math.max(0, desired - (replicas - status.ready)), desired }
        : undefined;
    case 'DaemonSet':
      if (status.updated < replicas) return { phase: 'updating', updated: status.updated, desired };
      return status.available < replicas ? { phase: 'settling', available: status.available, desired } : undefined;
    case 'ReplicaSet':
    case 'CronJob':
    case 'Job':
    case 'Pod':
    case 'Rollout':
      return { phase: 'unobserved' };
  }
}
