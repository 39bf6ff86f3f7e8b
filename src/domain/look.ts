import type { Nodes } from './node-symptom.ts';
import { keptNote } from './kept-note.ts';
import type { Notebook } from './notebook.ts';
import type { ContainerPlan, WorkloadPlan } from './plan.ts';
import { podProgress } from './pod-progress.ts';
import type { Observation, PodProgress, ProgressNote } from './rollout.ts';
import type { Stall } from './stall.ts';
import { isOverdue, leftBehind } from './terminating.ts';
import type { PullEvidence } from './verdict.ts';
import type { Pod, WorkloadView } from './workload.ts';

/** A look at one workload, with what it takes to look: the same cluster and the same memory give the same answer. */
export interface Look {
  view: WorkloadView;
  plan: WorkloadPlan;
  containers: readonly ContainerPlan[];
  request: string;
  evidence: readonly PullEvidence[];
  evicted: readonly string[];
  nodes: Nodes;
  notebook: Notebook;
  now: number;
}

/** At most this many pods are listed on a card; the counts are whole. */
const LISTED = 100;
/** Pods that were told to go and do not end are waited for this long; the new ones serve already. */
export const TERMINATING = 60_000;

/** Whether pods that should be gone are still worth waiting for. Noted at every look, so that the time counts from the first. */
export function waitsForEnd({ notebook, now }: Look, going: readonly Pod[]): boolean {
  if (going.length === 0) return false;
  return now - notebook.note('terminating', 1, going.map((pod) => pod.name).join(' ')).since < TERMINATING;
}

export const listed = (pods: readonly Pod[], { containers, evidence }: Look, trouble: Stall): PodProgress[] =>
  pods
    .toSorted((a, b) => (a.ordinal ?? 0) - (b.ordinal ?? 0) || a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1))
    .slice(0, LISTED)
    .map((pod) => podProgress(pod, containers, evidence, trouble.byPod.get(pod.uid) ?? []));

/** What is in the way now; and once all is done, what is still there of what was to go. */
export function notesFor(
  { view, plan, nodes, now }: Look,
  observation: Observation,
  trouble: Stall,
  going: readonly Pod[],
): { notes?: ProgressNote[] } {
  const isLeft = (pod: Pod): boolean => pod.deleting && (going.includes(pod) || isOverdue(pod, now));
  const notes =
    observation.phase === 'complete' ? [...keptNote(view, plan), ...leftBehind(view.pods.filter(isLeft), nodes, now)] : trouble.notes;
  return notes.length === 0 ? {} : { notes };
}
