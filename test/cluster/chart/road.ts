import { connect, createServer, type Socket } from 'node:net';

export interface Road {
  port: number;
  close(): Promise<void>;
}

/**
 * This cluster has no service network: pods reach nothing but the gateway of their node's bridge. A road leads from a port of that gateway to a
 * port of this machine's loopback, where the API server, the registry and the local Slack listen.
 */
export async function openRoad(gateway: string, target: number): Promise<Road> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, gateway, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs in the pod: ports of the pod's own loopback lead on to a road. It outlives the drain of its neighbour, which still has things to say. */
const PORTER = `
for (const way of process.argv.slice(1)) {
  const [port, host, target] = way.split(' ');
  require('node:net').createServer((near) => {
    const far = require('node:net').connect(Number(target), host);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
  }).listen(Number(port), '127.0.0.1');
}
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 5000));`;

/** A container for the chart's extraContainers. @param ways port in the pod → road */
export const porter = (image: string, gateway: string, ways: ReadonlyMap<number, Road>) => ({
  name: 'road',
  image,
  command: ['node', '-e', PORTER, ...[...ways].map(([port, road]) => `${port} ${gateway} ${road.port}`)],
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
});
