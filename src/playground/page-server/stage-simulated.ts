import { startSimulatedCluster, startSimulatedRegistry } from '../cluster/start.ts';
import { CLUSTER, DEMO_IMAGES, type DemoPlaces, demoApps, demoManifests, demoReady } from '../demo.ts';
import type { ClusterSource } from './cluster-source.ts';
import { Problem } from './problem.ts';
import { buildName, simulatedSource } from './simulated-source.ts';
import type { CommandHints } from './wire.ts';

/** A cluster with something to repull in it, however it was come by. */
export interface ClusterStage {
  source: ClusterSource;
  /** Text of the worker's kubeconfig, or the value of KUBECONFIG. */
  kubeconfig: { text: string } | { path: string };
  places: DemoPlaces;
  hints: CommandHints['apps'];
  /** The tag that the tour pushes to; left out where nothing can be pushed. */
  tourRef?: string;
  /** For the person at the keyboard. */
  words: string;
  close(): Promise<void>;
}

const PLACES = { prod: 'shop-prod', staging: 'shop-staging', nightly: 'shop-nightly' };
const READY_WITHIN_MS = 60_000;

/** A cluster and a registry in this process, with the demo apps running. */
export async function stageSimulated(): Promise<ClusterStage> {
  const registry = await startSimulatedRegistry();
  const cluster = await startSimulatedCluster({ registry });
  const source = simulatedSource(CLUSTER, cluster, registry);
  const close = async (): Promise<void> => {
    await source.close();
    await cluster.close();
    await registry.close();
  };
  try {
    for (const image of DEMO_IMAGES) registry.push(image, { version: buildName(image, 1) });
    const manifests = demoManifests(registry.host, PLACES);
    for (const manifest of manifests) await cluster.apply(manifest);
    for (const { kind, namespace, name } of demoReady(manifests)) {
      await cluster
        .until(kind, namespace, name, () => isReady(source, `${kind}/${namespace}/${name}`), READY_WITHIN_MS)
        .catch(() => {
          throw new Problem(`${kind} ${namespace}/${name} of the demo did not become ready within ${READY_WITHIN_MS / 1000} s.`);
        });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    source,
    kubeconfig: { text: cluster.kubeconfig() },
    places: { ...PLACES, apps: true },
    hints: demoApps(PLACES),
    tourRef: `${registry.host}/${DEMO_IMAGES[0]}`,
    words: `a simulated cluster (${cluster.server}) and registry (${registry.host})`,
    close,
  };
}

export function isReady(source: ClusterSource, key: string): boolean {
  const workload = source.panel().workloads.find((one) => one.key === key);
  return workload !== undefined && workload.desired > 0 && workload.ready === workload.desired;
}
