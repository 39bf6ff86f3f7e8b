import { argoWaiting, isMidWay, promote, stepsOf } from './argo-rollout.ts';
import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import type { Write } from './plan.ts';
import { rfc3339 } from './rfc3339.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import { formatWorkloadName, parseWorkloadName } from './workload-name.ts';
import { STAMP, type WorkloadView } from './workload.ts';

type Chosen = Exclude<Method, 'auto'>;

/** A Rollout is restarted by its own controller: no template changes, no step is gone through, and an update that is half-way stays where it is. */
export const restartsByController = (view: WorkloadView, method: Chosen): boolean =>
  view.workload.argo !== undefined && method === 'restart';

export const RESTART_AT =
  'its controller evicts the pods that are older than now (restartAt), within the disruption budgets and without the steps of an update';

/**
 * Its controller replaces every pod that is older than this time. The time is that of the look, not of the request: a pod that came up while
 * somebody was asked for approval is as old as the others. The API server's clock has whole seconds, so the next one is after all that was seen.
 */
export function restartAt(view: WorkloadView, request: string, seenAt: number): Write {
  const { kind, namespace, name, uid, resourceVersion } = view.workload;
  const at = rfc3339(seenAt + 1000);
  return { action: 'restart-at', workload: { kind, namespace, name }, uid, resourceVersion, annotations: { [STAMP]: request }, at };
}

/** What stands in the way of a change of its template. */
export function argoObstacle(ask: Ask, { workload }: WorkloadView, restarts: boolean): Failure | undefined {
  const { argo } = workload;
  if (argo === undefined) return undefined;
  const subject = shortName(workload);
  const restart = restarts
    ? `; or restart its pods as they are: ${commandLine(ask, { via: 'restart', tag: undefined, image: undefined })}`
    : '';
  if (argo.pauses.includes('PausedByHand')) {
    return {
      code: 'workload-paused',
      subject,
      evidence: 'the Rollout is paused by hand: a change of its template would be stored and not rolled out',
      remedy: `resume it, then ask again: ${promote(workload)}${restart}`,
    };
  }
  const { template } = argo;
  if (template === undefined || ask.workloads.some((entry) => isNamed(entry, formatWorkloadName(template)))) return undefined;
  return {
    code: 'not-permitted',
    subject,
    evidence: `its template lies in ${shortName(template)} (workloadRef), which the policy file does not list for ${ask.app}`,
    remedy: `list ${shortName(template)} beside ${subject} under apps in the policy file${restart}`,
  };
}

function isNamed(entry: string, name: string): boolean {
  const parsed = parseWorkloadName(entry);
  return !('problem' in parsed) && formatWorkloadName(parsed) === name;
}

/** What an approver should know about how it goes. */
export function argoWarnings(view: WorkloadView, method: Chosen): string[] {
  const { workload } = view;
  const { argo } = workload;
  if (argo === undefined) return [];
  const keeps = method === 'restart' || method === 'evict';
  const steps = stepsOf(argo);
  const waiting = isMidWay(argo) ? argoWaiting(workload) : undefined;
  const halfWay = `an update of it is half-way${waiting === undefined ? '' : ` (${waiting.text})`}`;
  return [
    ...(isMidWay(argo) ? [keeps ? `${halfWay} and stays there` : `${halfWay}: the new template takes its place, from the first step`] : []),
    ...(argo.phase === 'Degraded' ? [`it is degraded now: ${argo.message ?? 'its controller does not say why'}`] : []),
    ...(keeps || steps === ''
      ? []
      : [`the change goes through ${steps}; where it pauses, repull waits until somebody promotes it: ${promote(workload)}`]),
    ...(keeps || argo.template === undefined
      ? []
      : [`its template lies in ${shortName(argo.template)} (workloadRef): that is what is changed`]),
    ...(!keeps && argo.template !== undefined && argo.template.replicas > 0
      ? [`${shortName(argo.template)} runs ${argo.template.replicas} pods of its own, which are replaced too`]
      : []),
  ];
}
