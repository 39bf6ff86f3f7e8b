import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import { clusterContract } from './suite.ts';

const SPEED = 20;

clusterContract('the simulated cluster', async () => {
  const registry = await startSimulatedRegistry();
  const cluster = await startSimulatedCluster({ registry, timeScale: 1 / SPEED });
  return {
    server: cluster.server,
    ca: cluster.ca,
    token: cluster.adminToken,
    registry: registry.host,
    push: async (ref, options) => registry.push(ref, options),
    speed: SPEED,
    async close() {
      await cluster.close();
      await registry.close();
    },
  };
});
