/** Every right that the worker uses. The chart's Roles and the least-privilege tests are compared with this list. */
export interface Right {
  apiGroup: string;
  resource: string;
  verbs: readonly string[];
  /** `cluster`: not inside a namespace, hence a ClusterRole. */
  scope: 'namespace' | 'cluster';
  why: string;
  /** What is lost without it; absent: repull cannot work. */
  without?: string;
}

const READ = ['get', 'list', 'watch'] as const;
const needed = (apiGroup: string, resource: string, verbs: readonly string[], why: string): Right => ({
  apiGroup,
  resource,
  verbs,
  scope: 'namespace',
  why,
});

export const REQUIRED_RIGHTS: readonly Right[] = [
  needed('apps', 'deployments', [...READ, 'patch'], 'workloads, and the one patch of a request'),
  needed('apps', 'statefulsets', [...READ, 'patch'], 'workloads, and the one patch of a request'),
  needed('apps', 'daemonsets', [...READ, 'patch'], 'workloads, and the one patch of a request'),
  needed(
    'apps',
    'replicasets',
    [...READ, 'patch'],
    'revisions of Deployments; those that no Deployment owns, and the one patch of a request',
  ),
  needed('apps', 'controllerrevisions', ['list'], 'revisions of StatefulSets and DaemonSets'),
  needed('', 'pods', READ, 'digests, states, progress'),
  needed('', 'events', ['list', 'watch'], 'pull events'),
  needed('policy', 'poddisruptionbudgets', ['list'], 'budgets that evictions must respect'),
  needed('autoscaling', 'horizontalpodautoscalers', ['list'], 'who changes the number of replicas meanwhile'),
  needed('', 'pods/eviction', ['create'], 'method evict'),
];

export const OPTIONAL_RIGHTS: readonly Right[] = [
  {
    apiGroup: 'argoproj.io',
    resource: 'rollouts',
    verbs: [...READ, 'patch'],
    scope: 'namespace',
    why: 'Rollouts of Argo Rollouts: their own restart, and the one patch of a request',
    without: 'Rollouts are not seen',
  },
  {
    apiGroup: 'batch',
    resource: 'cronjobs',
    verbs: [...READ, 'patch'],
    scope: 'namespace',
    why: 'CronJobs, and the one patch of a request',
    without: 'CronJobs are not seen',
  },
  {
    apiGroup: 'batch',
    resource: 'jobs',
    verbs: ['get', 'list', 'create'],
    scope: 'namespace',
    why: 'runs of a CronJob; --now starts one',
    without: 'CronJobs cannot be planned',
  },
  {
    apiGroup: '',
    resource: 'pods/log',
    verbs: ['get'],
    scope: 'namespace',
    why: 'last lines of a crashed container',
    without: 'failures are told without log lines',
  },
  {
    apiGroup: '',
    resource: 'secrets',
    verbs: ['get'],
    scope: 'namespace',
    why: "the workload's imagePullSecrets, to ask its registry",
    without: 'private registries are asked with the docker config file only, else the answer is "unknown"',
  },
  {
    apiGroup: '',
    resource: 'serviceaccounts',
    verbs: ['get'],
    scope: 'namespace',
    why: 'pull secrets that come from the service account',
    without: 'such secrets are found only through a pod that has them',
  },
  {
    apiGroup: '',
    resource: 'pods',
    verbs: ['delete'],
    scope: 'namespace',
    why: '--force-delete, and the stuck pod of a StatefulSet that its disruption budget keeps from being evicted',
    without: 'the first is refused, and a rollback of the second fails',
  },
  {
    apiGroup: '',
    resource: 'nodes',
    verbs: ['get'],
    scope: 'cluster',
    why: 'architecture and readiness of the nodes concerned',
    without: 'plans and failures do not speak of nodes',
  },
];
