/** Serves the page and carries it to the local Slack and the cluster: a page, a socket and one verb. Listens on 127.0.0.1 only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import type { LocalSlack } from '../slack/types.ts';
import { parseAct, perform } from './act.ts';
import { asset } from './assets.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { Stage } from './slices.ts';
import { Viewer } from './viewer.ts';

export interface PageServerOptions {
  slack: LocalSlack;
  cluster: ClusterSource;
  stage: Stage;
  /** Folder of the built page. */
  assets: string;
  /** The port to try first, then the ones after it; 0: any free one. */
  port: number;
}

export interface PageServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const WatchSchema = z.object({ user: z.string(), channel: z.string().optional() });
const PORTS_TO_TRY = 20;
const BODY_LIMIT = 256 * 1024;

/** Rejects when none of the ports is free. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const viewers = new Set<Viewer>();
  const http = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  const port = await listen(http, options.port);
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (request.url !== '/live' || !isOurs(request)) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const viewer = new Viewer({ slack: options.slack, cluster: options.cluster, stage: options.stage, socket: ws });
      viewers.add(viewer);
      ws.on('error', () => ws.terminate());
      ws.on('close', () => {
        viewer.close();
        viewers.delete(viewer);
      });
      ws.on('message', (data) => {
        try {
          const { user, channel } = WatchSchema.parse(JSON.parse((data as Buffer).toString('utf8')));
          viewer.watch(channel === undefined ? { user } : { user, channel });
        } catch {
          ws.close(1008, 'not something this server understands');
        }
      });
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      for (const viewer of viewers) viewer.close();
      for (const ws of sockets.clients) ws.close(1001, 'the playground was stopped');
      http.closeAllConnections();
      await new Promise<void>((done) => http.close(() => done()));
      for (const ws of sockets.clients) ws.terminate();
    },
  };
}

async function answer(options: PageServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (!isOurs(request)) return send(response, 403, 'text/plain', 'Only pages of this very server may ask.');
  if (request.method === 'POST' && pathname === '/api/act') {
    // A form of another site cannot send JSON without asking first; so this keeps strangers' pages out.
    if (request.headers['content-type'] !== 'application/json') return send(response, 415, 'text/plain', 'application/json, please');
    let asked: ReturnType<typeof parseAct>;
    try {
      asked = parseAct(JSON.parse(await body(request)));
    } catch (error) {
      return send(response, 400, 'application/json', JSON.stringify({ problem: error instanceof Error ? error.message : String(error) }));
    }
    const done = await perform(options.slack, options.cluster, asked.as, asked.act);
    return send(response, 200, 'application/json', JSON.stringify(done));
  }
  if (request.method !== 'GET') return send(response, 405, 'text/plain', 'GET, please');
  const found = await asset(options.assets, pathname);
  if (!found) return send(response, 404, 'text/plain', 'There is no such page here.');
  return send(response, 200, found.type, found.body);
}

/** Another site that has its name point at 127.0.0.1 would come with its own host name; and with its own origin. */
function isOurs(request: IncomingMessage): boolean {
  const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host);
  const { host = '', origin } = request.headers;
  return isLocal(host) && (origin === undefined || origin === `http://${host}`);
}

function send(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; connect-src 'self' ws:",
  });
  response.end(content);
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new Error('too much at once');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function listen(http: Server, first: number): Promise<number> {
  const candidates = first === 0 ? [0] : Array.from({ length: PORTS_TO_TRY }, (_, index) => first + index);
  for (const candidate of candidates) {
    try {
      await new Promise<void>((done, fail) => {
        http.once('error', fail);
        http.listen(candidate, '127.0.0.1', () => {
          http.off('error', fail);
          done();
        });
      });
      return (http.address() as AddressInfo).port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    }
  }
  throw new Error(`No free port between ${first} and ${first + PORTS_TO_TRY - 1} on 127.0.0.1.`);
}
