import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiRequest } from '../types.ts';
import { parseCall, resourceOf } from './call.ts';
import type { Call } from './call.ts';
import { ApiError, badRequest, toStatus } from './errors.ts';
import type { Faults } from './faults.ts';
import { answer } from './routes.ts';
import type { Services } from './services.ts';
import type { ServerIdentity } from './tls.ts';
import type { Watches } from './watch.ts';

export interface ApiServerParts extends Services {
  identity: ServerIdentity;
  watches: Watches;
  faults: Faults;
  log: ApiRequest[];
}

const LOG_LIMIT = 20_000;

/** The HTTPS listener. It can go away and come back on the same port, as a real API server does. */
export class ApiServer {
  private readonly parts: ApiServerParts;
  private server: Server | undefined;
  /** By the client's port: a TLS socket cannot be reset, the one below it can. */
  private readonly sockets = new Map<number | undefined, Socket>();
  port = 0;
  private ahead = 0;

  constructor(parts: ApiServerParts) {
    this.parts = parts;
  }

  async listen(port: number): Promise<void> {
    const { cert, key } = this.parts.identity;
    const server = createServer({ cert, key }, (request, response) => void this.handle(request, response));
    server.keepAliveTimeout = 60_000;
    server.on('connection', (stream) => {
      const socket = stream as Socket;
      const port = socket.remotePort;
      this.sockets.set(port, socket);
      socket.on('close', () => this.sockets.delete(port));
    });
    // A client that is killed in the middle of a handshake is no news.
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts every connection and stops listening. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets.values()) socket.destroy();
    await closed;
  }

  /** From now on its clock, as every answer shows it, is so many milliseconds further. */
  skipTime(milliseconds: number): void {
    this.ahead += milliseconds;
  }

  /** Ends the connection of a response with an RST. */
  reset(response: ServerResponse): void {
    this.sockets.get(response.socket?.remotePort)?.resetAndDestroy();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = blankEntry(request);
    this.parts.log.push(entry);
    if (this.parts.log.length > LOG_LIMIT) this.parts.log.splice(0, LOG_LIMIT / 4);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    // A client that hangs up while it is being answered is no news either.
    response.on('error', () => {});
    if (this.ahead > 0) response.setHeader('date', new Date(Date.now() + this.ahead).toUTCString());
    try {
      await this.serve(request, response, entry);
    } catch (error) {
      sendError(response, error);
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse, entry: ApiRequest): Promise<void> {
    const { faults, rights, watches } = this.parts;
    const call = parseCall(request);
    Object.assign(entry, describe(call));
    const text = await readBody(request);
    call.body = parseBody(call, text);
    entry.body = call.body;
    const outcome = await faults.meet({
      verb: call.verb,
      resource: entry.resource,
      namespace: call.namespace,
      name: call.name,
      url: request.url ?? '',
    });
    if (outcome === 'reset') {
      this.reset(response);
      return;
    }
    call.user = rights.authenticate(request.headers.authorization);
    entry.user = call.user.name;
    if (outcome === 'empty-watch') {
      response.writeHead(200, { 'content-type': 'application/json' }).end();
      return;
    }
    const reply = answer(call, this.parts);
    if (outcome === 'lose-reply') {
      response.socket?.destroy();
      return;
    }
    if ('watch' in reply) {
      if (!call.found) throw badRequest('nothing to watch');
      watches.serve(
        { found: call.found, namespace: call.namespace, name: call.name, query: call.query, path: request.url ?? '' },
        response,
      );
      return;
    }
    const headers = {
      'content-type': 'json' in reply ? 'application/json' : 'text/plain; charset=utf-8',
      'cache-control': 'no-cache, private',
    };
    response.writeHead(reply.status, headers).end('json' in reply ? `${JSON.stringify(reply.json)}\n` : reply.text);
  }
}

function blankEntry(request: IncomingMessage): ApiRequest {
  const { method = '', url = '' } = request;
  return {
    at: Date.now(),
    method,
    path: url,
    query: {},
    verb: '',
    resource: '',
    namespace: '',
    name: '',
    user: '',
    userAgent: '',
    fieldManager: '',
    contentType: '',
    body: undefined,
    status: 0,
  };
}

function describe(call: Call): Partial<ApiRequest> {
  const { path, query, verb, namespace, name, userAgent, contentType } = call;
  return {
    path,
    query,
    verb,
    resource: resourceOf(call),
    namespace,
    name,
    userAgent,
    contentType,
    fieldManager: query['fieldManager'] ?? '',
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parseBody(call: Call, text: string): unknown {
  if (text === '') return undefined;
  if (call.contentType.startsWith('application/vnd.kubernetes.protobuf')) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json',
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof ApiError ? error : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryAfter = known.details?.retryAfterSeconds;
  response.writeHead(known.code, { 'content-type': 'application/json', ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}) });
  response.end(`${JSON.stringify(toStatus(known))}\n`);
}
