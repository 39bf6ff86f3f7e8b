import { startSimulatedRegistry } from '../../../src/playground/cluster/registry/start.ts';
import { registryContract } from './suite.ts';

registryContract('the simulated registry', async () => {
  const registry = await startSimulatedRegistry();
  return {
    host: registry.host,
    push: async (ref, options = {}) => registry.push(ref, options),
    close: () => registry.close(),
  };
});
