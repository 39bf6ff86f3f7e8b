import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { connectCluster } from '../../src/kube/kube-cluster.ts';
import type { Right } from '../../src/kube/required-rights.ts';
import type { KubeSubject } from '../contract/kube/subject.ts';
import { pushImage } from './push.ts';

/** Set by the env file that test/cluster/up names. */
export const REAL_CLUSTER = process.env['KUBECONFIG'] !== undefined && process.env['REPULL_TEST_REGISTRY'] !== undefined;

/** Runs kubectl as administrator; the input is its stdin. Throws with kubectl's own words. */
async function kubectl(args: string[], input?: object | object[]): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = execFile('kubectl', args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      error ? reject(new Error(`kubectl ${args.join(' ')}: ${stderr}`)) : resolve(stdout),
    );
    if (input === undefined) return;
    const items = Array.isArray(input) ? input : [input];
    child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  });
}

/** The administrator's kubeconfig with another user's token in place of the certificate. */
function kubeconfigWith(token: string): string {
  const config = parse(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as { users: { name: string; user: object }[] };
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

/** A namespace of its own in the cluster that KUBECONFIG names. */
export async function realCluster(namespace: string): Promise<KubeSubject> {
  const registry = process.env['REPULL_TEST_REGISTRY'] ?? '';
  // Nodes keep what they pulled: a tag of an earlier run would come from their cache, as it does to everybody.
  const repository = `${registry}/${namespace}-${Date.now()}/app`;
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
  await kubectl(['create', 'namespace', namespace]);
  return {
    namespace,
    repository,
    push: async (tag, options = {}) => await pushImage(`${repository}:${tag}`, options),
    apply: async (manifest) => {
      await kubectl(['apply', '-n', namespace, '-f', '-'], manifest);
    },
    patch: async ({ kind, metadata, spec }) => {
      await kubectl(['patch', '-n', namespace, kind, metadata.name, '-p', JSON.stringify({ spec })]);
    },
    remove: async (kind, name) => {
      await kubectl(['delete', '-n', namespace, kind, name, '--wait']);
    },
    connect: ({ token, watchTimes, onForbidden } = {}) =>
      connectCluster({
        name: 'test',
        ...(onForbidden === undefined ? {} : { onForbidden }),
        ...(token === undefined ? { kubeconfigFile: process.env['KUBECONFIG'] ?? '' } : { kubeconfigText: kubeconfigWith(token) }),
        ...(watchTimes === undefined ? {} : { watchTimes }),
      }),
    tokenWith: async (name, rights) => {
      await kubectl(['apply', '-n', namespace, '-f', '-'], accountWith(namespace, name, rights));
      return (await kubectl(['create', 'token', '-n', namespace, name])).trim();
    },
    clear: async () => {
      const kinds = 'deployments,statefulsets,daemonsets,poddisruptionbudgets,horizontalpodautoscalers';
      await kubectl(['delete', '-n', namespace, kinds, '--all', '--wait=false']);
    },
    close: async () => {
      await kubectl(['delete', 'namespace', namespace, '--wait=false']);
      await kubectl(['delete', 'clusterrole,clusterrolebinding', '-l', `repull-test=${namespace}`]);
    },
  };
}

/** A service account with these rights, one object each. */
export function accountWith(namespace: string, name: string, rights: readonly Right[]): object[] {
  const rules = (scope: Right['scope']) =>
    rights
      .filter((right) => right.scope === scope)
      .map(({ apiGroup, resource, verbs }) => ({ apiGroups: [apiGroup], resources: [resource], verbs }));
  const rbac = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const clusterWide = { name: `${namespace}-${name}`, labels: { 'repull-test': namespace } };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name }, rules: rules('namespace') },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name }, subjects, roleRef: { apiGroup: rbac, kind: 'Role', name } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: clusterWide, rules: rules('cluster') },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: clusterWide,
      subjects,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: clusterWide.name },
    },
  ];
}
