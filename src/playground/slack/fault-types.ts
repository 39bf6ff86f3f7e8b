/** What happened on the wire, and how to make it go wrong. */

export interface Call {
  /** Running number, from 1. */
  n: number;
  /** `chat.postMessage` …; `response_url` for a message sent through one. */
  method: string;
  args: Record<string, unknown>;
  token: string | undefined;
  /** Milliseconds of the local Slack's clock, when the request had arrived. */
  at: number;
  /** Milliseconds until the answer was written; undefined while it is not, or never was. */
  took?: number;
  status: number;
  /** `ok`, Slack's error code, or what the fault did: `rate-limited`, `http-503`, `reset`, `committed-then-reset`, `hang` … */
  result: string;
  response: unknown;
  /** Which scope the method needs (any one of them), empty if none. */
  scopes: string[];
  userAgent: string;
}

export interface CallLog {
  all(): readonly Call[];
  of(method: string): Call[];
  /** Of one method, or of all. */
  count(method?: string): number;
  /** The number of the last call so far, for `since`. */
  mark(): number;
  since(mark: number): Call[];
  /** Scopes that calls needed, sorted. */
  scopesUsed(): string[];
  clear(): void;
}

/** One thing that was sent to the app, redeliveries counted one by one. */
export interface Delivery {
  n: number;
  via: 'socket' | 'http';
  /** `slash_commands`, `interactive`, `events_api` or (HTTP) the same words. */
  type: string;
  envelopeId: string;
  payload: Record<string, unknown>;
  at: number;
  /** Number of the connection that got it. */
  connection?: number;
  ackMs?: number;
  ack?: unknown;
  /** Set when it was not acknowledged: `timeout`, `http_error` or `connection_failed`. */
  failed?: string;
  /** 0 for the first delivery. */
  attempt: number;
}

export interface DeliveryLog {
  all(): readonly Delivery[];
  mark(): number;
  since(mark: number): Delivery[];
  clear(): void;
}

export type FaultAction =
  /** HTTP 429; `retryAfter` in seconds, null leaves the header out. */
  | { kind: 'rate-limit'; retryAfter?: number | null }
  /** This status with a body that is not JSON. */
  | { kind: 'http'; status: number }
  /** The connection is reset before anything was done. */
  | { kind: 'reset' }
  /** Done, then reset: the app never learns. */
  | { kind: 'commit-then-reset' }
  /** Nothing is done and nothing answered, until the app gives up. */
  | { kind: 'hang' }
  /** Done, and never answered. */
  | { kind: 'commit-then-hang' }
  /** Done, answered this much later. */
  | { kind: 'slow'; ms: number }
  /** `ok: false` with this code. */
  | { kind: 'error'; error: string; needed?: string };

export interface Fault {
  /** A method's name, `response_url`, `chat.*`, or `*`. */
  method: string;
  /** Which calls; default all. */
  when?: (call: { method: string; args: Record<string, unknown>; token: string | undefined }) => boolean;
  /** How many calls it strikes; default 1. `Infinity` until removed. */
  times?: number;
  do: FaultAction;
}

export interface Faults {
  /** Returns how to remove it. Earlier faults win. */
  add(fault: Fault): () => void;
  /** Every fault, socket faults included; an outage ends. */
  clear(): void;
  /** Slack is away: every HTTP connection and every socket is cut, new ones are too, until `false`. */
  outage(on: boolean): void;
  readonly socket: SocketFaults;
}

/** `which`: number of the connection as in `Delivery.connection`; default every one. */
export interface SocketFaults {
  /** The polite way: a `disconnect` frame; the app is expected to reconnect. Slack's warning comes about 10 s before the cut. */
  disconnect(reason?: 'warning' | 'refresh_requested' | 'link_disabled', which?: number): void;
  /** The connection is torn without a word. */
  cut(which?: number): void;
  /** Sent to the app, but its acknowledgements of the next `times` envelopes get lost. */
  dropAcks(times?: number): void;
  /** The next `times` envelopes arrive twice, with the same envelope id. */
  duplicate(times?: number): void;
  /** The next `count` envelopes are held back and then sent in reverse order. */
  reorder(count?: number): void;
  /** No pings, nothing read, nothing sent, until `false`: a half-open connection. */
  freeze(on: boolean): void;
}
