import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import { livePods } from './identity.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import type { Budget, Workload, WorkloadKind, WorkloadView } from './workload.ts';

/** Kinds whose pods a plan can replace. */
type Rolling = Extract<WorkloadKind, 'Deployment' | 'StatefulSet' | 'DaemonSet'>;
const isRolling = (kind: WorkloadKind): kind is Rolling => kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet';

/** What stands in the way of any change of this workload, whatever the method. */
export function obstacle(view: WorkloadView): Failure | undefined {
  const { workload } = view;
  const subject = shortName(workload);
  if (workload.deleting)
    return { code: 'workload-gone', subject, evidence: 'it is being deleted', remedy: 'wait until it is gone, then create it again' };
  if (!isRolling(workload.kind)) return { code: 'unsupported-kind', subject, remedy: wayOut(workload) };
  const mirror = view.pods.find((pod) => pod.mirror);
  if (mirror !== undefined) {
    return {
      code: 'unsupported-kind',
      subject: mirror.name,
      evidence: 'a mirror pod: a kubelet runs it from a file on its node',
      remedy: `change the manifest file on ${mirror.node ?? 'the node'}`,
    };
  }
  if (workload.replicas > 0) return undefined;
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
export function templateObstacle(ask: Ask, { workload }: WorkloadView, evictFetches: boolean): Failure | undefined {
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
  if (workload.strategy.type === 'OnDelete') {
    return {
      code: 'would-not-pull',
      subject,
      evidence: 'its update strategy is OnDelete: a change of its template replaces no pod',
      remedy: `set updateStrategy.type to RollingUpdate${evicting}`,
    };
  }
  const partition = workload.strategy.type === 'RollingUpdate' ? (workload.strategy.partition ?? 0) : 0;
  if (partition >= workload.replicas) {
    return {
      code: 'would-not-pull',
      subject,
      evidence: `its partition is ${partition} and it has ${workload.replicas} ${workload.replicas === 1 ? 'pod' : 'pods'}: a change of its template replaces none of them`,
      remedy: `lower the partition${evicting}`,
    };
  }
  return undefined;
}

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
    remedy: `a rolling restart brings the new pod up first and is not held back by it: ${commandLine(ask, { via: 'auto', pod: undefined })}`,
  };
}

const neverAllows = (budget: Budget): boolean =>
  budget.allowed <= 0 && budget.expectedPods > 0 && budget.desiredHealthy >= budget.expectedPods;

function wayOut(workload: Workload): string {
  const { namespace, name } = workload;
  switch (workload.kind) {
    case 'Job':
      return `the template of a Job cannot be changed; create it again: kubectl -n ${namespace} get job ${name} -o json | kubectl replace --force -f -`;
    case 'CronJob':
      return `its next run makes a new pod; to run it now: kubectl -n ${namespace} create job ${name}-now --from=cronjob/${name}`;
    case 'Pod':
      return 'no controller would bring this pod back; create it again by hand, or run it as a Deployment';
    case 'ReplicaSet':
      return 'changing a ReplicaSet replaces no pod; name the Deployment that owns it, or run it as one';
    case 'Rollout':
      return `use its own controller: kubectl argo rollouts restart ${name} -n ${namespace}`;
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return 'ask again';
  }
}
