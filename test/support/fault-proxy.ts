import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

export interface FaultProxy {
  port: number;
  /**
   * The next request that contains `text` is carried out and its reply is lost: the connection is cut instead. Resolves when that has happened.
   * This is what a client sees of a failover at the wrong moment, and the reason why every write must be safe to repeat.
   */
  loseReplyTo(text: string): Promise<void>;
  /** The next request that contains `text` is answered with this line and never reaches the server. */
  answerInstead(text: string, line: string): Promise<void>;
  close(): Promise<void>;
}

/** A TCP proxy on loopback that loses what it is told to lose. */
export async function faultProxy(port: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let fault: { text: string; line?: string; done: () => void } | undefined;
  const planned = (text: string, line?: string): Promise<void> =>
    new Promise((done) => {
      fault = { text, ...(line === undefined ? {} : { line }), done };
    });

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let losing: { done: () => void } | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      if (fault !== undefined && chunk.includes(fault.text)) {
        const { line, done } = fault;
        fault = undefined;
        if (line !== undefined) {
          client.write(`${line}\r\n`);
          done();
          return;
        }
        losing = { done };
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (losing === undefined) {
        client.write(chunk);
        return;
      }
      losing.done();
      losing = undefined;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return {
    port: address.port,
    loseReplyTo: (text) => planned(text),
    answerInstead: (text, line) => planned(text, line),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
