import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import { argoObstacle } from './plan-argo.ts';
import { livePods } from './identity.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import { unsupported } from './unsupported.ts';
import type { Budget, WorkloadView } from './workload.ts';

/** What stands in the way of any change of this workload, whatever the method. */
export function obstacle(view: WorkloadView): Failure | undefined {
  const { workload } = view;
  const subject = shortName(workload);
  if (workload.deleting)
    return { code: 'workload-gone', subject, evidence: 'it is being deleted', remedy: 'wait until it is gone, then create it again' };
  if (workload.kind === 'Job' || workload.kind === 'Pod') return unsupported(workload);
  const mirror = view.pods.find((pod) => pod.mirror);
  if (mirror !== undefined) {
    return {
      code: 'unsupported-kind',
      subject: mirror.name,
      evidence: 'a mirror pod: a kubelet runs it from a file on its node',
      remedy: `change the manifest file on ${mirror.node ?? 'the node'}`,
    };
  }
  if (workload.replicas > 0 || workload.kind === 'CronJob') return undefined;
  const scale = `kubectl -n ${workload.namespace} scale ${subject} --replicas=1`;
  return {
    code: 'no-replicas',
    subject,
    evidence: 'it has no pods to run, so nothing would be pulled and nothing could be proven',
    remedy:
      workload.kind === 'DaemonSet'
        ? 'no node matches it: look at its node selector and the taints of the nodes'
        : `scale it up first: ${scale}`,
  };
}

/** What stands in the way of a change of the template: nothing would roll, or not now. */
export function templateObstacle(ask: Ask, view: WorkloadView, evictFetches: boolean): Failure | undefined {
  const { workload } = view;
  const subject = shortName(workload);
  const evicting = evictFetches ? `; or replace the pods as they are: ${commandLine(ask, asEvict)}` : '';
  if (workload.paused) {
    const resume = `kubectl -n ${workload.namespace} rollout resume ${subject}`;
    return {
      code: 'workload-paused',
      subject,
      evidence: 'the Deployment is paused: a change of its template would be stored and not rolled out',
      remedy: `resume it, then ask again: ${resume}${evicting}`,
    };
  }
  const partition = workload.strategy.type === 'RollingUpdate' ? (workload.strategy.partition ?? 0) : 0;
  if (partition > 0 && partition >= workload.replicas) {
    return {
      code: 'would-not-pull',
      subject,
      evidence: `its partition is ${partition} and it has ${workload.replicas} ${workload.replicas === 1 ? 'pod' : 'pods'}: a change of its template replaces none of them`,
      remedy: `lower the partition${evicting}`,
    };
  }
  return argoObstacle(ask, view, evictFetches);
}

/** A change of its template makes a controller replace the pods; where not, repull evicts them one by one after the patch. */
export const replacesItself = ({ workload }: WorkloadView): boolean => workload.strategy.type !== 'OnDelete';

const asEvict = { via: 'evict', tag: undefined, image: undefined } as const;

/** Budgets that would refuse every eviction for ever, or that make the API server answer each one with an error. */
export function budgetObstacle(ask: Ask, view: WorkloadView): Failure | undefined {
  const pods = livePods(view.pods).filter((pod) => ask.pod === undefined || pod.name === ask.pod);
  for (const pod of pods) {
    const over = view.budgets.filter((budget) => budget.pods.includes(pod.name));
    if (over.length > 1) {
      return {
        code: 'budget-misconfigured',
        subject: over.map((budget) => budget.name).join(', '),
        evidence: `${pod.name} is selected by ${over.length} disruption budgets, and the eviction API serves only pods with one`,
        remedy: 'delete all but one of them, or narrow their selectors',
      };
    }
  }
  const names = new Set(pods.map((pod) => pod.name));
  const never = view.budgets.find((budget) => neverAllows(budget) && budget.pods.some((pod) => names.has(pod)));
  if (never === undefined || ask.forceDelete) return undefined;
  return {
    code: 'disruption-budget',
    subject: never.name,
    evidence: `it wants ${never.desiredHealthy} of ${never.expectedPods} ${never.expectedPods === 1 ? 'pod' : 'pods'} healthy, so it can never allow an eviction`,
    remedy:
      view.workload.argo === undefined
        ? `a rolling restart brings the new pod up first and is not held back by it: ${commandLine(ask, { via: 'auto', pod: undefined })}`
        : `a new template brings new pods up first and is not held back by it: ${commandLine(ask, { via: 'pin', pod: undefined })}`,
  };
}

const neverAllows = (budget: Budget): boolean =>
  budget.allowed <= 0 && budget.expectedPods > 0 && budget.desiredHealthy >= budget.expectedPods;
