import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface OpsOptions {
  /** 0 = off. */
  port: number;
  /** What is not as it should be, in words; empty = ready. Asked at every probe. */
  unready: () => Promise<string[]>;
  metrics: Registry;
  onReady?: (ready: boolean) => void;
}

/** `/livez`, `/readyz`, `/metrics`. Live means: this process answers. Ready means: what it needs answers too. */
export async function startOps(options: OpsOptions): Promise<{ port: number; close(): Promise<void> }> {
  if (options.port === 0) return { port: 0, close: async () => {} };
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    };
    if (path === '/livez') return send(200, 'text/plain', 'ok\n');
    if (path === '/readyz') {
      options.unready().then(
        (problems) => {
          options.onReady?.(problems.length === 0);
          send(problems.length === 0 ? 200 : 503, 'text/plain', problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`);
        },
        (error: unknown) => send(503, 'text/plain', `${String(error)}\n`),
      );
      return;
    }
    if (path === '/metrics') {
      options.metrics.metrics().then(
        (text) => send(200, options.metrics.contentType, text),
        (error: unknown) => send(500, 'text/plain', `${String(error)}\n`),
      );
      return;
    }
    send(404, 'text/plain', 'not found\n');
  });
  await listen(server, options.port);
  return { port: portOf(server), close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
