import { createServer, type RequestListener, type Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { startSimulatedRegistry } from '../../../src/playground/cluster/registry/start.ts';
import type { SimulatedRegistry, StartRegistryOptions } from '../../../src/playground/cluster/types.ts';
import { createRegistry, type RegistryClient, type RegistryOptions } from '../../../src/registry/resolve.ts';

/** What a test opens; `closeAll` belongs into its `afterEach`. */
const opened: (() => Promise<void>)[] = [];
export async function closeAll(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

export async function aRegistry(options: StartRegistryOptions = {}): Promise<SimulatedRegistry> {
  const registry = await startSimulatedRegistry(options);
  opened.push(() => registry.close());
  return registry;
}

/** A client that remembers nothing between two questions. */
export const aClient = (options: Partial<RegistryOptions> = {}): RegistryClient =>
  createRegistry({ insecureHosts: [], cacheMs: 0, ...options });

/** HOST:PORT of a server of our own, for what no well-behaved registry does. */
export async function listening(server: Server | SecureServer, address = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `${address}:${(server.address() as AddressInfo).port}`;
}
export const aHost = async (listener: RequestListener): Promise<string> => await listening(createServer(listener));
