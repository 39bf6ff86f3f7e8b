/** Puts the local Slack together and listens. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { serveMethod, serveResponseUrl } from './api.ts';
import { makeChanges } from './changes.ts';
import { realClock } from './clock.ts';
import { makeDelivery } from './delivery.ts';
import { makePerson } from './driver.ts';
import { makeFaults } from './faults.ts';
import { makeHandles } from './handles.ts';
import type { Hub } from './hub.ts';
import { makeMessages } from './messages.ts';
import { seededRandom } from './random.ts';
import { makeRateLimits } from './rate-limits.ts';
import { EXAMPLE, plant } from './seed.ts';
import { makeSocketServer } from './socket.ts';
import type { LocalSlack, LocalSlackOptions } from './types.ts';
import { makeViews } from './views.ts';
import { channelView, dump } from './visible.ts';
import { makeWire } from './wire.ts';
import { makeWorkspace } from './workspace.ts';

const RETRY_MS = [0, 60_000, 300_000];

/** Listens on 127.0.0.1. Rejects if the port is taken. Without a workspace: the example one of seed.ts. */
export async function startLocalSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const clock = options.clock ?? realClock();
  const random = seededRandom(options.seed ?? 1);
  const { app, directory } = plant(options.workspace ?? EXAMPLE, random, clock.now());
  const changes = makeChanges(() => dump(hub));
  const wire = makeWire(changes);
  const socket = makeSocketServer({ clock, random, changes, appId: app.appId });
  const connections = new Set<Socket>();
  const faults = makeFaults(socket.faults, () => {
    socket.faults.cut();
    for (const connection of connections) connection.destroy();
  });
  const ackMs = options.ackMs ?? 3_000;
  const server = createServer((request, response) => void handle(hub, request, response));
  server.on('connection', (connection) => {
    if (faults.isOut()) return void connection.destroy();
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
  });
  server.on('upgrade', (request, connection, head) => {
    if (request.url?.startsWith('/link/') === true && !faults.isOut()) socket.upgrade(request, connection, head);
    else connection.destroy();
  });
  const port = await listen(server, options.port ?? 0);
  const host = `127.0.0.1:${port}`;

  const hub: Hub = {
    clock,
    random,
    changes,
    directory,
    app,
    wire,
    faults,
    messages: makeMessages({ clock, changes, directory }),
    views: makeViews({ clock, random, changes, directory, app }),
    handles: makeHandles({ clock, random, teamId: directory.teamId }),
    limits: makeRateLimits(clock, options.rateLimits ?? 'real'),
    delivery: makeDelivery({
      clock,
      random,
      wire,
      socket,
      signingSecret: app.signingSecret,
      ackMs,
      retryMs: options.retryMs ?? RETRY_MS,
    }),
    settings: { ackMs, commandReplace: options.commandReplaceOriginal ?? 'honoured' },
    origin: () => `http://${host}`,
    socketUrl() {
      const ticket = socket.ticket();
      return ticket === undefined ? undefined : `ws://${host}/link/?ticket=${ticket}&app_id=${app.appId}`;
    },
  };

  return {
    apiUrl: `http://${host}/api/`,
    botToken: app.botToken,
    appToken: app.appToken,
    signingSecret: app.signingSecret,
    teamId: directory.teamId,
    appId: app.appId,
    botUserId: app.botUserId,
    workspace: makeWorkspace(hub),
    calls: wire.calls,
    deliveries: wire.deliveries,
    faults: faults.public,
    connections: socket.count,
    as: (userId) => makePerson(hub, userId),
    view: (userId, channelId) => channelView(hub, userId, channelId),
    onChange: changes.listen,
    waitFor: changes.waitFor,
    useHttp: (url) => hub.delivery.useHttp(url),
    async close() {
      changes.end();
      hub.delivery.close();
      socket.close();
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function handle(hub: Hub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', hub.origin()).pathname;
  const method = /^\/api\/([\w.]+)$/.exec(path)?.[1];
  const key = /^\/(?:commands|actions)\/[^/]+\/[^/]+\/([^/]+)$/.exec(path)?.[1];
  try {
    if (method !== undefined) await serveMethod(hub, method, request, response);
    else if (key !== undefined && request.method === 'POST') await serveResponseUrl(hub, key, request, response);
    else response.writeHead(404).end('not found');
  } catch (error) {
    /** A client that went away while it was being read is no news; anything else is a bug of ours and must be seen. */
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' }).end(`the local Slack broke: ${String(error)}`);
  }
}
