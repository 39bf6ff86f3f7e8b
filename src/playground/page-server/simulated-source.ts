import type { KubeObject, SimulatedCluster, SimulatedRegistry } from '../cluster/types.ts';
import { isNodeReady, panelEvents, panelPods, panelWorkload } from './cluster-panel.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { ClusterPanel } from './wire.ts';

/** Bytes of a pushed build: enough that a pull is seen as one, little enough that a newcomer does not wait. */
const BUILD_SIZE = 24 * 1024 * 1024;

/** The version text that a build carries: it makes the digest its own. */
export function buildName(ref: string, build: number, crash = false): string {
  const name = ref.replace(/^.*\//, '').replace(/:.*$/, '');
  return `${name} build ${build}${crash ? ', crashes' : ''}`;
}

/** `name`: as the policy calls the cluster. */
export function simulatedSource(name: string, cluster: SimulatedCluster, registry: SimulatedRegistry): ClusterSource {
  const builds = new Map<string, number>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const stops = [cluster.onChange(tell), registry.onChange(tell)];

  const panel = (): ClusterPanel => {
    const events = panelEvents(cluster.list('Event'));
    const workloads: KubeObject[] = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) => cluster.list(kind));
    const nodes = cluster.list('Node');
    return {
      name,
      simulated: true,
      server: cluster.server,
      nodes: nodes.map((node) => ({
        name: node.metadata.name,
        ready: isNodeReady(node),
        images: cluster
          .images(node.metadata.name)
          .flatMap((image) =>
            image.tags.map((tag) => ({ name: tag, digest: /sha256:[0-9a-f]+$/.exec(image.digests[0] ?? '')?.[0] ?? '' })),
          ),
      })),
      workloads: workloads.map(panelWorkload),
      pods: panelPods({ nodes, workloads, replicaSets: cluster.list('ReplicaSet'), pods: cluster.list('Pod'), events: [] }, events),
      tags: registry.tags().map((tag) => ({ ...tag, pushedAt: Date.parse(tag.pushedAt) })),
      events: events.slice(0, 80),
      canPush: true,
    };
  };

  return {
    panel,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async push(ref, options) {
      const build = (builds.get(ref) ?? 1) + 1;
      builds.set(ref, build);
      const pushed = registry.push(ref, { version: buildName(ref, build, options.crash), size: BUILD_SIZE, crash: options.crash });
      return { ref: pushed.ref, digest: pushed.digest };
    },
    async close() {
      for (const stop of stops) stop();
    },
  };
}
