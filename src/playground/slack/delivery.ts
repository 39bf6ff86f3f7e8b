/** From Slack to the app, by socket or by HTTP: one acknowledgement within `ackMs`, and redelivery for events (only). */
import { postSigned } from './http-delivery.ts';
import type { Random } from './random.ts';
import type { SocketServer } from './socket.ts';
import type { Clock } from './types.ts';
import type { Wire } from './wire.ts';

type PayloadType = 'slash_commands' | 'interactive' | 'events_api';
export type Ack =
  | { kind: 'acked'; payload: unknown; ms: number }
  | { kind: 'timeout' }
  /** Nobody is connected, nobody listens, or the answer was an HTTP error. */
  | { kind: 'failed'; status?: number };

export interface Delivery {
  /** Once; the caller shows the user what went wrong. */
  deliver(type: 'slash_commands' | 'interactive', payload: Record<string, unknown>): Promise<Ack>;
  /** Resolves with the first delivery's fate; a failed one is tried again, three times. */
  deliverEvent(payload: Record<string, unknown>): Promise<Ack>;
  useHttp(url: string | undefined): void;
  /** Stops redelivering and gives up what is on its way. */
  close(): void;
}

export function makeDelivery(deps: {
  clock: Clock;
  random: Random;
  wire: Wire;
  socket: SocketServer;
  signingSecret: string;
  ackMs: number;
  retryMs: readonly number[];
}): Delivery {
  const { clock, random, wire, socket } = deps;
  let requestUrl: string | undefined;
  let closed = false;
  const pending = new Set<AbortController>();

  /** Tells `then` how it ended, once, in the same moment: a redelivery is scheduled from when its predecessor failed. */
  const once = (
    type: PayloadType,
    payload: Record<string, unknown>,
    retry: { number: number; reason: string } | undefined,
    then: (ack: Ack) => void,
  ): void => {
    const envelopeId = `${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}`;
    const at = clock.now();
    const url = requestUrl;
    const abort = new AbortController();
    pending.add(abort);
    const settle = (ack: Ack): void => {
      if (!pending.delete(abort)) return;
      stop();
      socket.forget(envelopeId);
      Object.assign(entry, ack.kind === 'acked' ? { ack: ack.payload, ackMs: ack.ms } : { failed: reasonOf(ack) });
      then(ack);
      wire.changed();
    };
    abort.signal.addEventListener('abort', () => settle({ kind: 'failed' }));
    const stop = clock.after(deps.ackMs, () => {
      settle({ kind: 'timeout' });
      abort.abort();
    });
    const acked = (answer: unknown): void => settle({ kind: 'acked', payload: answer, ms: clock.now() - at });
    const entry = wire.addDelivery({
      via: url === undefined ? 'socket' : 'http',
      type,
      envelopeId,
      payload,
      at,
      attempt: retry?.number ?? 0,
    });
    if (url !== undefined) {
      const again = retry === undefined ? {} : { retry };
      void postSigned({ url, secret: deps.signingSecret, now: at, type, payload, signal: abort.signal, ...again }).then((answer) =>
        answer.kind === 'acked' ? acked(answer.payload) : settle(answer),
      );
      return;
    }
    const connection = socket.send(
      {
        envelope_id: envelopeId,
        type,
        payload,
        accepts_response_payload: type !== 'events_api',
        ...(retry === undefined ? {} : { retry_attempt: retry.number, retry_reason: retry.reason }),
      },
      acked,
    );
    if (connection === undefined) settle({ kind: 'failed' });
    else entry.connection = connection;
  };

  const event = (payload: Record<string, unknown>, number: number, reason: string, first: (ack: Ack) => void): void =>
    once('events_api', payload, number === 0 ? undefined : { number, reason }, (ack) => {
      first(ack);
      const wait = deps.retryMs[number];
      if (ack.kind === 'acked' || wait === undefined || closed) return;
      clock.after(wait, () => {
        if (!closed) event(payload, number + 1, reasonOf(ack), () => undefined);
      });
    });

  return {
    deliver: (type, payload) => new Promise((resolve) => once(type, payload, undefined, resolve)),
    deliverEvent: (payload) => new Promise((resolve) => event(payload, 0, '', resolve)),
    useHttp(url) {
      requestUrl = url;
    },
    close() {
      closed = true;
      for (const abort of pending) abort.abort();
    },
  };
}

const reasonOf = (ack: Ack): string => {
  if (ack.kind === 'timeout') return 'timeout';
  return ack.kind === 'failed' && ack.status !== undefined ? 'http_error' : 'connection_failed';
};
