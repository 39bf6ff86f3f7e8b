import type { ArgoFacts } from './argo-facts.ts';
import type { Failure } from './failure.ts';
import type { ProgressNote } from './rollout.ts';
import { shortName } from './select.ts';
import type { Workload, WorkloadRef } from './workload.ts';

/** Steps that last as long as they last; its controller does not count them as standing still, and neither do we. */
const OPEN_ENDED = /^(?:analysis|experiment|plugin)/;

/** How a person makes it go on. */
export const promote = ({ name, namespace }: WorkloadRef): string => `kubectl argo rollouts promote ${name} -n ${namespace}`;

/** What holds a Rollout up on purpose, and what makes it go on: no failure however long it lasts, and not the end either. */
export function argoWaiting(workload: Workload): ProgressNote | undefined {
  const { argo } = workload;
  if (argo === undefined) return undefined;
  const at = whereOf(argo);
  const note = (what: string, goesOn: string): ProgressNote => ({ key: `argo-${what}${at}`, text: `${what}${at}; ${goesOn}` });
  const [reason] = argo.pauses;
  if (reason !== undefined) {
    if (argo.pauseFor !== undefined) return note('its controller has paused it', `it goes on by itself after ${argo.pauseFor}`);
    const what = PAUSES.get(reason) ?? `its controller has paused it (${reason})`;
    return note(what, `to go on: ${promote(workload)}`);
  }
  const step = argo.steps[argo.step ?? argo.steps.length];
  if (step === undefined || !OPEN_ENDED.test(step) || argo.phase !== 'Progressing') return undefined;
  return note(`its controller waits for its ${step}`, 'it goes on by itself');
}

const PAUSES: ReadonlyMap<string, string> = new Map([
  ['PausedByHand', 'somebody has paused it'],
  ['CanaryPauseStep', 'its controller has paused it'],
  ['BlueGreenPause', 'its controller has paused it before the switch to the new pods'],
  ['InconclusiveAnalysisRun', 'its controller has paused it, because an analysis was inconclusive'],
  ['InconclusiveExperiment', 'its controller has paused it, because an experiment was inconclusive'],
]);

/** ` at step 2 of 4`. */
const whereOf = ({ step, steps }: ArgoFacts): string =>
  step === undefined || steps.length === 0 ? '' : ` at step ${Math.min(step + 1, steps.length)} of ${steps.length}`;

/** Its controller has given up on this template. Where it merely timed out, the pods say better why. */
export function argoFailure(workload: Workload, hash: string): Failure | undefined {
  const { argo, namespace, name } = workload;
  if (argo?.phase !== 'Degraded' || argo.currentHash !== hash || workload.observedGeneration < workload.generation) return undefined;
  if (!argo.aborted && argo.message?.startsWith('ProgressDeadlineExceeded') === true) return undefined;
  return {
    code: 'rollout-stalled',
    subject: shortName(workload),
    evidence: argo.message ?? (argo.aborted ? 'its controller aborted it' : 'Degraded'),
    ...(argo.aborted ? { remedy: `to try the same again: kubectl argo rollouts retry rollout ${name} -n ${namespace}` } : {}),
    look: `kubectl argo rollouts get rollout ${name} -n ${namespace}`,
  };
}

/** Every step is through and the new pods have taken over: only then is it done, however many pods are ready. */
export const isPromoted = ({ argo }: Workload, hash: string): boolean =>
  argo?.phase === 'Healthy' && argo.currentHash === hash && argo.stableHash === hash;

/** The way of a new template: all its steps. */
export const stepsOf = ({ steps, strategy }: ArgoFacts): string =>
  steps.length > 0 ? `${steps.length} canary steps (${steps.join(', ')})` : strategy === 'blueGreen' ? 'a blue-green switch' : '';

/** An update that is not through: a restart leaves it where it is, a new template starts the steps again. */
export const isMidWay = ({ currentHash, stableHash }: ArgoFacts): boolean => stableHash !== undefined && currentHash !== stableHash;
