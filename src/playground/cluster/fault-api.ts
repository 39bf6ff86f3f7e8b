import { concerns } from './api-server/faults.ts';
import type { Faults } from './api-server/faults.ts';
import type { ApiServer } from './api-server/http.ts';
import type { Store } from './api-server/store.ts';
import type { Watches } from './api-server/watch.ts';
import type { Controllers } from './controllers/all.ts';
import type { Kubelet } from './kubelet/kubelet.ts';
import type { ClusterFaults, SimulatedRegistry } from './types.ts';

interface Breakable {
  requestFaults: Faults;
  store: Store;
  watches: Watches;
  api: ApiServer;
  port: number;
  controllers: Controllers;
  kubelet: (name: string) => Kubelet;
  registry: SimulatedRegistry | undefined;
}

/** The faults of a cluster, as tests set them. */
export function makeFaults(parts: Breakable): ClusterFaults {
  const { requestFaults, store, watches, api, port, controllers, kubelet } = parts;
  const registry = () => {
    if (!parts.registry) throw new Error('the simulated cluster was started without the option "registry"');
    return parts.registry;
  };
  return {
    answer: (match, answer, times) => requestFaults.add(match, { kind: 'answer', answer }, times),
    loseReply: (match, times) => requestFaults.add(match, { kind: 'lose-reply' }, times),
    reset: (match, times) => requestFaults.add(match, { kind: 'reset' }, times),
    delay: (match, milliseconds, times) => requestFaults.add(match, { kind: 'delay', milliseconds }, times),
    emptyWatch: (match, times) => requestFaults.add({ ...match, verb: 'watch' }, { kind: 'empty-watch' }, times),
    endWatches: (match, how) =>
      watches.end(
        how,
        ({ found, namespace, name, path }) => concerns(match, { verb: 'watch', resource: found.plural, namespace, name, url: path }),
        (response) => api.reset(response),
      ),
    compact: () => store.compact(),
    skipTime: (milliseconds) => api.skipTime(milliseconds),
    async apiAway() {
      controllers.pause();
      await api.stop();
    },
    async apiBack() {
      await api.listen(port);
      controllers.resume();
    },
    stopKubelet(node) {
      kubelet(node).sleep();
      controllers.nodeLost(node, () => !kubelet(node).isAwake);
    },
    startKubelet: (node) => kubelet(node).wake(),
    registryDown: async () => await registry().down(),
    registryUp: async () => await registry().up(),
    clear() {
      requestFaults.clear();
      parts.registry?.faults.clear();
    },
  };
}
