import { createSymptom } from './create-symptom.ts';
import { evidenceByPod, groupedBy } from './evidence.ts';
import type { Failure } from './failure.ts';
import { nodeSymptom, type Nodes } from './node-symptom.ts';
import type { Notebook } from './notebook.ts';
import type { ContainerPlan } from './plan.ts';
import { evictedSymptom, podSymptoms } from './pod-symptoms.ts';
import { notesOf } from './progress-notes.ts';
import type { ProgressNote } from './rollout.ts';
import { shortName } from './select.ts';
import { cut, type Symptom } from './symptom.ts';
import { terminatingSymptom } from './terminating.ts';
import type { PullEvidence } from './verdict.ts';
import type { Condition, Pod, Revision, Workload, WorkloadView } from './workload.ts';

/** The Deployment controller's own default; kinds without a deadline of their own get the same. */
const DEADLINE_SECONDS = 600;
/** A Deployment says itself when its deadline is over; ours comes after it. */
const AFTER_ITS_OWN = 60_000;
const PAUSED = 60_000;
/** What is over after a moment is no news: a pod has no node, and a volume is not there, for the blink of every start. */
const SAID_AFTER = 5_000;

export interface StallInput {
  view: WorkloadView;
  revision: Revision | undefined;
  /** Pods that are to become ready. */
  pods: readonly Pod[];
  /** Pods before whose end, or whose coming back, nothing goes on. */
  inTheWay?: readonly Pod[];
  containers: readonly ContainerPlan[];
  evidence: readonly PullEvidence[];
  nodes: Nodes;
  notebook: Notebook;
  /** Counts of this look in one text: equal text, no progress. */
  counts: string;
  now: number;
}

export interface Stall {
  because?: Failure;
  byPod: ReadonlyMap<string, Symptom[]>;
  notes: ProgressNote[];
}

/** Why this rollout will not finish by itself, once that is certain enough; and what each pod suffers from until then. */
export function stall(input: StallInput): Stall {
  const { view, revision, pods, containers, evidence, nodes, notebook, counts, now } = input;
  const said = evidenceByPod(evidence);
  const events = groupedBy(view.events, ({ objectUid }) => objectUid);
  const unready = pods.filter((pod) => !pod.ready);
  const byPod = new Map(
    unready.map((pod) => [pod.uid, podSymptoms(pod, containers, said.get(pod.uid) ?? [], events.get(pod.uid) ?? [], nodes)]),
  );
  const still = notebook.noteChange('counts', counts);
  const symptoms = [...byPod.values(), around(input)].flat().map((symptom) => weigh(symptom, notebook, 0, now));
  const refused = createSymptom(view, revision);
  // What is still going may free what the API server wants to be free: only standing still counts.
  const all = refused === undefined ? symptoms : [...symptoms, weigh(refused, notebook, still.since, now)];
  const because =
    all.find(({ fatal }) => fatal)?.symptom.failure ??
    paused(view, notebook, now) ??
    overdue(
      view,
      revision,
      all.map(({ symptom }) => symptom),
      still.since,
      now,
    );
  const notes = notesOf(all.filter(({ lasted }) => lasted >= SAID_AFTER).map(({ symptom }) => symptom));
  return { byPod, notes, ...(because === undefined ? {} : { because: { ...because, at: now } }) };
}

/** Pods that are not to become ready, and stand in the way of those that are. */
function around({ view, revision, pods, inTheWay = [], nodes, now }: StallInput): Symptom[] {
  const fresh = new Set(pods.map((pod) => pod.uid));
  const held = new Set(inTheWay.map((pod) => pod.uid));
  return view.pods.flatMap((pod) => {
    if (pod.deleting) return terminatingSymptom(pod, nodes, held.has(pod.uid), now) ?? [];
    if (pod.reason === 'Evicted' && pod.phase === 'Failed') return revision?.hash === pod.revision ? evictedSymptom(pod) : [];
    return fresh.has(pod.uid) || pod.ready || pod.phase === 'Succeeded' || pod.phase === 'Failed'
      ? []
      : (nodeSymptom(pod, nodes, held.has(pod.uid)) ?? []);
  });
}

/** Every symptom is written down at every look, also where an earlier one is fatal already. `stillSince`: it counts from then at the earliest. */
function weigh(
  symptom: Symptom,
  notebook: Notebook,
  stillSince: number,
  now: number,
): { symptom: Symptom; lasted: number; fatal: boolean } {
  const noted = notebook.note(symptom.key, symptom.seen, symptom.failure.evidence ?? '');
  const lasted = now - Math.max(noted.since, stillSince);
  return { symptom, lasted, fatal: lasted >= symptom.budgetMs && (noted.seen >= symptom.fatalAt || lasted >= symptom.certainMs) };
}

function paused({ workload }: WorkloadView, notebook: Notebook, now: number): Failure | undefined {
  if (!workload.paused) return undefined;
  const noted = notebook.note('paused', 1, 'paused');
  if (now - noted.since < PAUSED) return undefined;
  const subject = shortName(workload);
  return {
    code: 'workload-paused',
    subject,
    evidence: 'somebody paused it during the rollout',
    remedy: `if that was no purpose of theirs: kubectl -n ${workload.namespace} rollout resume ${subject}`,
  };
}

/** The deadline is over: the likeliest cause is whatever the pods suffer from now, however short of fatal it is. */
function overdue(
  { workload }: WorkloadView,
  revision: Revision | undefined,
  symptoms: readonly Symptom[],
  stillSince: number,
  now: number,
): Failure | undefined {
  const condition = deadlinePassed(workload, revision);
  const limit = (workload.progressDeadlineSeconds ?? DEADLINE_SECONDS) * 1000 + AFTER_ITS_OWN;
  if (condition === undefined && now - stillSince < limit) return undefined;
  const cause = symptoms[0]?.failure;
  const text = condition?.message ?? `nothing moved for ${Math.round((now - stillSince) / 1000)} s`;
  const subject = shortName(workload);
  const { transient: _transient, ...said } = cause ?? {
    code: 'rollout-stalled' as const,
    subject,
    look: `kubectl -n ${workload.namespace} describe ${subject}`,
  };
  return { ...said, evidence: cut(cause?.evidence === undefined ? text : `${cause.evidence}; ${text}`) };
}

/** The condition of an earlier rollout stays until the controller has seen the new one, so it counts only where it names our ReplicaSet. */
function deadlinePassed(workload: Workload, revision: Revision | undefined): Condition | undefined {
  if (revision === undefined || workload.observedGeneration < workload.generation) return undefined;
  return workload.status.conditions.find(
    ({ type, reason, message }) =>
      type === 'Progressing' && reason === 'ProgressDeadlineExceeded' && (message === undefined || message.includes(revision.name)),
  );
}
