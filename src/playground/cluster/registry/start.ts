import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestLog } from '../request-log.ts';
import type { PushOptions, RegistryRequest, SimulatedRegistry, StartRegistryOptions } from '../types.ts';
import { Door } from './auth.ts';
import { Content } from './content.ts';
import { RegistryFaultList } from './faults.ts';
import { parseReference } from './reference.ts';
import { createRegistryServer } from './server.ts';

/** Starts a registry on loopback that speaks the distribution API over plain HTTP. */
export async function startSimulatedRegistry(options: StartRegistryOptions = {}): Promise<SimulatedRegistry> {
  let host = '';
  const content = new Content();
  const log: RegistryRequest[] = [];
  const faults = new RegistryFaultList();
  const parts = { content, faults, log, door: new Door(options.auth ?? { kind: 'none' }, () => host) };
  let server: Server | undefined;
  let port = options.port ?? 0;

  const up = async () => {
    if (server) return;
    const starting = createRegistryServer(parts);
    await new Promise<void>((resolve, reject) => {
      starting.once('error', reject);
      starting.listen(port, '127.0.0.1', resolve);
    });
    server = starting;
    port = (starting.address() as AddressInfo).port;
    host = `localhost:${port}`;
  };
  const down = async () => {
    const stopping = server;
    server = undefined;
    if (!stopping) return;
    const closed = new Promise((resolve) => stopping.close(resolve));
    stopping.closeAllConnections();
    await closed;
  };
  const place = (ref: string) => {
    const full = ref.startsWith(`${host}/`) ? ref : `${host}/${ref}`;
    const reference = parseReference(full);
    if (!reference) throw new Error(`"${ref}" is no image reference`);
    return reference;
  };

  await up();
  return {
    host,
    push(ref: string, push: PushOptions = {}) {
      const { repository, tag } = place(ref);
      return content.push(host, repository, tag || 'latest', push);
    },
    tags: () => content.tags(host),
    onChange: (listener) => content.onChange(listener),
    delete(ref) {
      const { repository, tag, digest } = place(ref);
      if (!content.remove(repository, digest || tag)) throw new Error(`the registry has no "${ref}"`);
    },
    faults,
    requests: requestLog(log),
    down,
    up,
    close: down,
  };
}
