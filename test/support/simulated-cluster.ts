import { connectCluster } from '../../src/kube/kube-cluster.ts';
import { startSimulatedRegistry } from '../../src/playground/cluster/registry/start.ts';
import { startSimulatedCluster } from '../../src/playground/cluster/start.ts';
import type { KubeObject, SimulatedCluster } from '../../src/playground/cluster/types.ts';
import type { KubeSubject } from '../contract/kube/subject.ts';

const NAMESPACE = 'shop';
const KINDS = ['deployments', 'statefulsets', 'daemonsets', 'poddisruptionbudgets', 'horizontalpodautoscalers'];

/** The same subject on the simulation, five times as fast as a real cluster; `cluster` is there for its faults and its request log. */
export async function simulatedCluster(): Promise<KubeSubject & { cluster: SimulatedCluster }> {
  const registry = await startSimulatedRegistry();
  const cluster = await startSimulatedCluster({ registry, timeScale: 0.2 });
  const repository = `${registry.host}/shop/app`;
  return {
    cluster,
    namespace: NAMESPACE,
    repository,
    push: async (tag, options = {}) => registry.push(`${repository}:${tag}`, options),
    apply: async (manifest) => {
      await cluster.apply(inNamespace(manifest));
    },
    patch: async (manifest) => {
      await cluster.apply(inNamespace(manifest));
    },
    remove: async (kind, name) => {
      await cluster.delete(`${kind}s`, NAMESPACE, name);
      await cluster.until(`${kind}s`, NAMESPACE, name, (object) => object === undefined);
    },
    connect: ({ token, watchTimes, onForbidden } = {}) =>
      connectCluster({
        name: 'test',
        ...(onForbidden === undefined ? {} : { onForbidden }),
        kubeconfigText: cluster.kubeconfig(token),
        ...(watchTimes === undefined ? {} : { watchTimes }),
      }),
    tokenWith: async (name, rights) =>
      cluster.tokenFor(
        name,
        rights.map(({ apiGroup, resource, verbs, scope }) => ({
          apiGroups: [apiGroup],
          resources: [resource],
          verbs: [...verbs],
          ...(scope === 'namespace' ? { namespaces: [NAMESPACE] } : {}),
        })),
      ),
    clear: async () => {
      for (const kind of KINDS) {
        for (const { metadata } of cluster.list(kind, NAMESPACE)) await cluster.delete(kind, NAMESPACE, metadata.name);
      }
    },
    close: async () => {
      await cluster.close();
      await registry.close();
    },
  };
}

const inNamespace = (manifest: object): object => {
  const { metadata, ...rest } = manifest as KubeObject;
  return { ...rest, metadata: { ...metadata, namespace: NAMESPACE } };
};
