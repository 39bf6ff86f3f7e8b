/** Socket Mode, the server's side: several connections, each payload to any ONE of them, acknowledgements by envelope id. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Changes } from './changes.ts';
import { isObject } from './check.ts';
import type { SocketFaults } from './fault-types.ts';
import { LIMITS } from './limits.ts';
import type { Random } from './random.ts';
import type { Clock } from './types.ts';

interface Envelope {
  envelope_id: string;
  type: string;
  payload: Record<string, unknown>;
  accepts_response_payload: boolean;
  retry_attempt?: number;
  retry_reason?: string;
}

export interface SocketServer {
  readonly faults: SocketFaults & { clear(): void };
  count(): number;
  /** A ticket for one connection; undefined when there are ten already. */
  ticket(): string | undefined;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends to a connection chosen at random; answers its number, or undefined if there is none. `onAck` may be called any number of times. */
  send(envelope: Envelope, onAck: (payload: unknown) => void): number | undefined;
  /** The envelope was acknowledged, or nobody waits for it any more. */
  forget(envelopeId: string): void;
  close(): void;
}

type Connection = { number: number; socket: WebSocket; leaving: boolean };
const PING_MS = 10_000;
/** Held-back envelopes are let go after this, so that a reordering test with too few of them ends. */
const HOLD_MS = 1_000;

export function makeSocketServer(deps: { clock: Clock; random: Random; changes: Changes; appId: string }): SocketServer {
  const { clock, random, changes, appId } = deps;
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const waiting = new Map<string, (payload: unknown) => void>();
  let connections: Connection[] = [];
  let numbers = 0;
  const lose = { acks: 0, twice: 0, hold: 0, frozen: false };
  let held: { connection: Connection; frame: string }[] = [];

  const usable = (): Connection[] => connections.filter((one) => !one.leaving && one.socket.readyState === one.socket.OPEN);
  const chosen = (which?: number): Connection[] => connections.filter((one) => which === undefined || one.number === which);
  const flush = (): void => {
    const frames = held.toReversed();
    held = [];
    lose.hold = 0;
    for (const { connection, frame } of frames) connection.socket.send(frame);
  };

  const accept = (socket: WebSocket): void => {
    const connection: Connection = { number: (numbers += 1), socket, leaving: false };
    connections.push(connection);
    let stopPings = clock.after(PING_MS, function ping() {
      if (!lose.frozen && socket.readyState === socket.OPEN) socket.ping();
      stopPings = clock.after(PING_MS, ping);
    });
    socket.on('close', () => {
      stopPings();
      connections = connections.filter((one) => one !== connection);
      changes.tell({ kind: 'connections-changed', connections: usable().length });
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, binary) => {
      if (binary || lose.frozen) return;
      const frame = parse(Buffer.isBuffer(data) ? data.toString('utf8') : '');
      if (!isObject(frame) || typeof frame['envelope_id'] !== 'string') return;
      if (lose.acks > 0) lose.acks -= 1;
      else waiting.get(frame['envelope_id'])?.(frame['payload']);
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: usable().length,
        debug_info: { host: 'local-slack', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: appId },
      }),
    );
    changes.tell({ kind: 'connections-changed', connections: usable().length });
  };

  return {
    count: () => usable().length,
    ticket() {
      if (connections.length + tickets.size >= LIMITS.connections) return undefined;
      const ticket = random.hex(32);
      tickets.add(ticket);
      clock.after(30_000, () => void tickets.delete(ticket));
      return ticket;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) return void socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      server.handleUpgrade(request, socket, head, accept);
    },
    send(envelope, onAck) {
      const connection = random.pick(usable());
      if (connection === undefined) return undefined;
      waiting.set(envelope.envelope_id, onAck);
      const frame = JSON.stringify(envelope);
      if (lose.frozen) return connection.number;
      if (lose.hold > 0) {
        held.push({ connection, frame });
        lose.hold -= 1;
        if (lose.hold === 0) flush();
        else clock.after(HOLD_MS, flush);
        return connection.number;
      }
      connection.socket.send(frame);
      if (lose.twice > 0) {
        lose.twice -= 1;
        connection.socket.send(frame);
      }
      return connection.number;
    },
    forget: (envelopeId) => void waiting.delete(envelopeId),
    close() {
      for (const { socket } of connections) socket.terminate();
      server.close();
    },
    faults: {
      disconnect(reason = 'warning', which) {
        for (const connection of chosen(which)) {
          connection.leaving = true;
          connection.socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local-slack' } }));
          clock.after(reason === 'warning' ? PING_MS : 100, () => connection.socket.close(1000));
        }
        changes.tell({ kind: 'connections-changed', connections: usable().length });
      },
      cut(which) {
        for (const { socket } of chosen(which)) socket.terminate();
      },
      dropAcks: (times = 1) => void (lose.acks += times),
      duplicate: (times = 1) => void (lose.twice += times),
      reorder: (count = 2) => void (lose.hold = count),
      freeze(on) {
        lose.frozen = on;
        for (const { socket } of connections) {
          if (on) socket.pause();
          else socket.resume();
        }
      },
      clear() {
        lose.acks = 0;
        lose.twice = 0;
        this.freeze(false);
        flush();
      },
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
