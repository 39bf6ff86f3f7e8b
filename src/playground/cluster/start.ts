import { createObject } from './api-server/create.ts';
import { deleteObject } from './api-server/delete.ts';
import { Faults } from './api-server/faults.ts';
import { ApiServer } from './api-server/http.ts';
import { Lists } from './api-server/list.ts';
import { readPodLog } from './api-server/pod-log.ts';
import { Rights } from './api-server/rbac.ts';
import { resourceNamed } from './api-server/resources.ts';
import { Store } from './api-server/store.ts';
import { makeServerIdentity } from './api-server/tls.ts';
import { Watches } from './api-server/watch.ts';
import { applyManifest } from './apply.ts';
import { startClock } from './clock.ts';
import { runControllers } from './controllers/all.ts';
import { makeFaults } from './fault-api.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { requestLog } from './request-log.ts';
import type { ApiRequest, SimulatedCluster, StartClusterOptions } from './types.ts';
import { waitUntil } from './until.ts';

export { startSimulatedRegistry } from './registry/start.ts';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Starts an API server, its controllers, and nodes that really ask registries. Everything lives in this process and ends with `close()`. */
export async function startSimulatedCluster(options: StartClusterOptions = {}): Promise<SimulatedCluster> {
  const clock = startClock(options.timeScale ?? 1);
  const store = new Store();
  for (const name of NAMESPACES) createObject(store, 'namespaces', '', { metadata: { name } });
  const controllers = runControllers(store, clock);
  const kubelets = (options.nodes ?? ['node-1', 'node-2']).map((name, index) => new Kubelet(name, index + 1, store, clock));
  const rights = new Rights(store);
  const watches = new Watches(store);
  const requestFaults = new Faults();
  const log: ApiRequest[] = [];
  const identity = makeServerIdentity();
  const api = new ApiServer({
    store,
    rights,
    lists: new Lists(store),
    watches,
    faults: requestFaults,
    identity,
    log,
    readLog: (namespace, pod, query) => readPodLog(store, kubelets, namespace, pod, query),
  });
  await api.listen(options.port ?? 0);
  const { port } = api;
  const server = `https://127.0.0.1:${port}`;
  const scoped = (kind: string, namespace: string) => (resourceNamed(kind).namespaced ? namespace : undefined);
  const kubelet = (name: string) => {
    const found = kubelets.find((one) => one.node === name);
    if (!found) throw new Error(`the simulated cluster has no node "${name}"`);
    return found;
  };

  return {
    server,
    ca: identity.ca,
    adminToken: rights.adminToken,
    registry: options.registry,
    kubeconfig: (token = rights.adminToken) => kubeconfigText(server, identity.ca, token),
    tokenFor: (name, rules) => rights.grant(name, rules),
    apply: async (manifest) => applyManifest(store, manifest),
    get: (kind, namespace, name) => store.get(resourceNamed(kind).plural, scoped(kind, namespace), name),
    list(kind, namespace, labels = {}) {
      const objects = store.list(resourceNamed(kind).plural, scoped(kind, namespace ?? ''));
      return objects.filter((object) => Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value));
    },
    delete: async (kind, namespace, name) => void deleteObject(store, resourceNamed(kind), scoped(kind, namespace) ?? '', name, {}),
    until: (kind, namespace, name, predicate, timeoutMs) =>
      waitUntil(store, resourceNamed(kind).plural, scoped(kind, namespace), name, predicate, timeoutMs),
    nodes: () => kubelets.map((one) => one.node),
    images: (node) => kubelet(node).cachedImages(),
    faults: makeFaults({ requestFaults, store, watches, api, port, controllers, kubelet, registry: options.registry }),
    onChange: (listener) => store.onChange(({ type, resource, object }) => listener({ type, resource, object })),
    requests: requestLog(log),
    async close() {
      clock.stop();
      for (const one of kubelets) one.stop();
      watches.closeAll();
      await api.stop();
    },
  };
}
