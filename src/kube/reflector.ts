import { setTimeout as wait } from 'node:timers/promises';
import { BackendAway } from '../app/ports.ts';
import type { KubeApi } from './client.ts';
import { hasStatus, StatusError } from './errors.ts';

/** One collection to follow. */
export interface Stream {
  path: string;
  /** Label or field selector. */
  query: Record<string, string>;
  /**
   * Events bypass the API server's watch cache: a watch from a stale resourceVersion ends at once with an empty 200 instead of 410, for
   * ever (kubernetes#104171). After every such end they are listed again.
   */
  staleIsSilent: boolean;
}

export interface StreamHandler {
  /** An object was added, changed or deleted. */
  changed(object: unknown): void;
  /** The stream was picked up anew: anything may have changed meanwhile. */
  restarted(): void;
  /** The worker may not list or watch this. It is tried again all the same: rights come and go. */
  forbidden?(error: StatusError): void;
}

export interface ReflectorTimes {
  /** A watch without a single byte for this long is dead: bookmarks come about once a minute. */
  inactivityMs: number;
  backoffMs: number;
  maxBackoffMs: number;
}
export const REFLECTOR_TIMES: ReflectorTimes = { inactivityMs: 120_000, backoffMs: 500, maxBackoffMs: 30_000 };

/** An end sooner than this, without an event, says that the resourceVersion was no good or that something in between cuts us off. */
const SUSPICIOUSLY_SOON_MS = 2000;
const PATIENCE = 3;

/**
 * Follows a collection until the returned function is called: list (only for its resourceVersion), watch with bookmarks, and after any
 * doubt list again. client-node's informer stops for good on most errors and never sees the empty answer above; hence our own.
 */
export function follow(api: KubeApi, stream: Stream, handler: StreamHandler, times: ReflectorTimes = REFLECTOR_TIMES): () => void {
  const stop = new AbortController();
  void run(api, stream, handler, times, stop.signal);
  return () => stop.abort();
}

async function run(api: KubeApi, stream: Stream, handler: StreamHandler, times: ReflectorTimes, stop: AbortSignal): Promise<void> {
  let resourceVersion: string | undefined;
  let failures = 0;
  let soon = 0;
  while (!stop.aborted) {
    let retryAfterMs = 0;
    try {
      if (resourceVersion === undefined) {
        resourceVersion = await versionOf(api, stream);
        if (stop.aborted) return;
        handler.restarted();
      }
      const end = await watchOnce(api, stream, handler, times, stop, resourceVersion);
      resourceVersion = end.resourceVersion;
      const idle = end.events === 0 && end.lastedMs < SUSPICIOUSLY_SOON_MS;
      soon = idle ? soon + 1 : 0;
      failures = idle ? failures + 1 : 0;
      if (soon >= PATIENCE || (idle && stream.staleIsSilent)) resourceVersion = undefined;
      if (soon >= PATIENCE) soon = 0;
    } catch (error) {
      if (stop.aborted) return;
      resourceVersion = undefined;
      failures += 1;
      if (hasStatus(error, 403)) handler.forbidden?.(error);
      retryAfterMs = (error instanceof StatusError || error instanceof BackendAway ? error.retryAfterMs : undefined) ?? 0;
    }
    if (failures > 0) await pause(Math.max(retryAfterMs, backoff(times, failures)), stop);
  }
}

const backoff = ({ backoffMs, maxBackoffMs }: ReflectorTimes, failures: number): number =>
  Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2);

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
};

/** A list of one item has the collection's resourceVersion, and costs nothing. */
async function versionOf(api: KubeApi, stream: Stream): Promise<string> {
  const { body } = await api.json<{ metadata?: { resourceVersion?: string } }>({
    method: 'GET',
    path: stream.path,
    query: { ...stream.query, limit: '1' },
  });
  return body.metadata?.resourceVersion ?? '';
}

interface WatchEnd {
  /** Undefined: list again. */
  resourceVersion: string | undefined;
  events: number;
  lastedMs: number;
}

async function watchOnce(
  api: KubeApi,
  stream: Stream,
  handler: StreamHandler,
  times: ReflectorTimes,
  stop: AbortSignal,
  from: string,
): Promise<WatchEnd> {
  const began = performance.now();
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('the watch went quiet')), times.inactivityMs);
  timer.unref();
  let resourceVersion = from;
  let events = 0;
  try {
    const query = {
      ...stream.query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: from,
      timeoutSeconds: String(240 + Math.floor(Math.random() * 50)),
    };
    const body = await api.open(stream.path, query, AbortSignal.any([stop, silence.signal]));
    for await (const line of linesOf(body, () => timer.refresh())) {
      const event = JSON.parse(line) as { type?: string; object?: { metadata?: { resourceVersion?: string } } };
      if (event.type === 'ERROR') return { resourceVersion: undefined, events: events + 1, lastedMs: performance.now() - began };
      resourceVersion = event.object?.metadata?.resourceVersion ?? resourceVersion;
      events += 1;
      if (event.type !== 'BOOKMARK') handler.changed(event.object);
    }
    return { resourceVersion, events, lastedMs: performance.now() - began };
  } finally {
    clearTimeout(timer);
    // Whatever the way out, the connection does not stay open.
    silence.abort();
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    onChunk();
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') yield line;
  }
}
