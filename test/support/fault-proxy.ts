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
  /**
   * Calls `strike` at the next request that matches, `before` it reaches the server, or `after` it was carried out and before the client learns.
   * Nothing passes this connection any more. Resolves when that has happened.
   */
  strikeAt(match: (request: Buffer) => boolean, when: 'before' | 'after', strike: () => unknown): Promise<void>;
  /** Cuts every connection and lets no new one through, until `false`. */
  refuse(on: boolean): void;
  close(): Promise<void>;
}

interface Fault {
  match: (request: Buffer) => boolean;
  /** Left out: the request passes. */
  answer?: string;
  swallow?: true;
  done: () => void;
}

/** A TCP proxy on loopback that loses what it is told to lose. */
export async function faultProxy(port: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let fault: Fault | undefined;
  let refusing = false;
  const planned = (planning: Omit<Fault, 'done'>, strike: () => unknown = () => undefined): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        strike();
        resolve();
      };
      fault = { ...planning, done };
    });

  const server = createServer((client) => {
    if (refusing) {
      client.on('error', () => undefined);
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    let losing: Fault | undefined;
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
      if (fault?.match(chunk) === true) {
        const struck = fault;
        fault = undefined;
        if (struck.answer !== undefined) {
          client.write(`${struck.answer}\r\n`);
          struck.done();
          return;
        }
        if (struck.swallow === true) {
          struck.done();
          client.destroy();
          return;
        }
        losing = struck;
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
  const holds = (text: string) => (request: Buffer) => request.includes(text);
  return {
    port: address.port,
    loseReplyTo: (text) => planned({ match: holds(text) }),
    answerInstead: (text, line) => planned({ match: holds(text), answer: line }),
    strikeAt: (match, when, strike) => planned({ match, ...(when === 'before' ? { swallow: true } : {}) }, strike),
    refuse: (on) => {
      refusing = on;
      if (on) for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
