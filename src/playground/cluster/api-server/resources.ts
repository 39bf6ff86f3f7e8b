/** Every resource this API server serves; discovery, routing, rights and storage all read this one table. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: string[];
  subresources: string[];
  /** metadata.generation counts changes of the spec. */
  generation: boolean;
}

function resource(group: string, version: string, kind: string, plural: string, options: Partial<Resource> = {}): Resource {
  return {
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    namespaced: true,
    shortNames: [],
    subresources: [],
    generation: false,
    ...options,
  };
}

const clusterWide = { namespaced: false };
const rbac = 'rbac.authorization.k8s.io';

export const RESOURCES: readonly Resource[] = [
  resource('', 'v1', 'Namespace', 'namespaces', { ...clusterWide, shortNames: ['ns'], subresources: ['status'] }),
  resource('', 'v1', 'Node', 'nodes', { ...clusterWide, shortNames: ['no'], subresources: ['status'] }),
  resource('', 'v1', 'Pod', 'pods', { shortNames: ['po'], subresources: ['status', 'log', 'eviction'], generation: true }),
  resource('', 'v1', 'Event', 'events', { shortNames: ['ev'] }),
  resource('', 'v1', 'Secret', 'secrets'),
  resource('', 'v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  resource('', 'v1', 'Service', 'services', { shortNames: ['svc'] }),
  resource('', 'v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'], subresources: ['token'] }),
  resource('', 'v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], subresources: ['status'] }),
  resource('apps', 'v1', 'Deployment', 'deployments', { shortNames: ['deploy'], subresources: ['status', 'scale'], generation: true }),
  resource('apps', 'v1', 'ReplicaSet', 'replicasets', { shortNames: ['rs'], subresources: ['status', 'scale'], generation: true }),
  resource('apps', 'v1', 'StatefulSet', 'statefulsets', { shortNames: ['sts'], subresources: ['status', 'scale'], generation: true }),
  resource('apps', 'v1', 'DaemonSet', 'daemonsets', { shortNames: ['ds'], subresources: ['status'], generation: true }),
  resource('apps', 'v1', 'ControllerRevision', 'controllerrevisions'),
  resource('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    subresources: ['status'],
    generation: true,
  }),
  resource('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', { shortNames: ['hpa'], subresources: ['status'] }),
  resource('batch', 'v1', 'Job', 'jobs', { subresources: ['status'], generation: true }),
  resource('batch', 'v1', 'CronJob', 'cronjobs', { shortNames: ['cj'], subresources: ['status'], generation: true }),
  resource(rbac, 'v1', 'Role', 'roles'),
  resource(rbac, 'v1', 'RoleBinding', 'rolebindings'),
  resource(rbac, 'v1', 'ClusterRole', 'clusterroles', clusterWide),
  resource(rbac, 'v1', 'ClusterRoleBinding', 'clusterrolebindings', clusterWide),
];

export const apiVersionOf = (found: Resource) => (found.group ? `${found.group}/${found.version}` : found.version);

export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return RESOURCES.find((one) => one.group === group && one.version === version && one.plural === plural);
}

/** By kind, plural, singular or short name. Throws for an unknown one: only our own callers ask this. */
export function resourceNamed(name: string): Resource {
  const lower = name.toLowerCase();
  const found = RESOURCES.find(
    (one) => one.kind.toLowerCase() === lower || one.plural === lower || one.singular === lower || one.shortNames.includes(lower),
  );
  if (!found) throw new Error(`the simulated cluster has no kind "${name}"`);
  return found;
}
