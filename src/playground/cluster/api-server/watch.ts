import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../types.ts';
import { expired, toStatus } from './errors.ts';
import { selectorOf } from './list.ts';
import type { Query } from './list.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Change, Store } from './store.ts';

/** The real server sends one about every minute; here, too, only to those who asked. */
const BOOKMARK_EVERY = 60_000;

export interface WatchCall {
  found: Resource;
  namespace: string;
  name: string;
  query: Query;
  path: string;
}

interface OpenWatch {
  call: WatchCall;
  response: ServerResponse;
  stop: () => void;
}

/** Every open watch, so that faults can end them. */
export class Watches {
  private readonly open = new Set<OpenWatch>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** Streams until the client goes away, the timeout passes, or a fault ends it. */
  serve(call: WatchCall, response: ServerResponse): void {
    const { found, query } = call;
    const select = selectorOf(found, call.namespace, query);
    const wanted = query['resourceVersion'] ?? '';
    const from = Number(wanted || 0);
    const history = from > 0 ? this.store.changesSince(from) : [];
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    if (from > 0 && !history) {
      // Events are not served from the watch cache, so theirs are etcd's words. Older servers answer nothing at all: see faults.emptyWatch.
      const isUncached = found.plural === 'events';
      const message = isUncached
        ? 'The resourceVersion for the provided watch is too old.'
        : `too old resource version: ${from} (${this.store.forgottenVersion + 1})`;
      response.end(line('ERROR', toStatus(expired(message))));
      return;
    }
    response.flushHeaders();
    const send = (type: string, object: unknown) => void response.write(line(type, object));
    let told = this.store.latestOf(found.plural);
    // Only what is news is worth a bookmark: in a quiet cluster there are none, however long the watch.
    const bookmark = (annotations?: Record<string, string>) => {
      const version = this.store.latestOf(found.plural);
      if (!annotations && version <= told) return;
      told = version;
      const metadata = {
        resourceVersion: String(annotations ? this.store.currentVersion : version),
        ...(annotations ? { annotations } : {}),
      };
      send('BOOKMARK', { kind: found.kind, apiVersion: apiVersionOf(found), metadata });
    };
    if (from === 0) for (const object of this.store.list(found.plural)) if (select(object)) send('ADDED', object);
    const wantsBookmarks = query['allowWatchBookmarks'] === 'true';
    if (query['sendInitialEvents'] === 'true' || (wanted === '' && wantsBookmarks)) bookmark({ 'k8s.io/initial-events-end': 'true' });
    for (const change of history ?? []) deliver(change, found, select, send);
    const unsubscribe = this.store.onChange((change) => deliver(change, found, select, send));
    const seconds = Number(query['timeoutSeconds'] ?? 0) || 1800 + Math.random() * 1800;
    const timeout = setTimeout(() => response.end(), seconds * 1000);
    const ticker = wantsBookmarks ? setInterval(() => bookmark(), BOOKMARK_EVERY) : undefined;
    // A watch that ends by its timeout says where it stands, so that the next one need not start over.
    const finalBookmark = ticker && seconds > 2 ? setTimeout(() => bookmark(), (seconds - 2) * 1000) : undefined;
    const entry: OpenWatch = {
      call,
      response,
      stop: () => {
        this.open.delete(entry);
        unsubscribe();
        clearTimeout(timeout);
        clearInterval(ticker);
        clearTimeout(finalBookmark);
      },
    };
    this.open.add(entry);
    response.on('close', entry.stop);
  }

  end(
    how: 'clean' | 'mid-line' | 'reset' | 'expired',
    isMeant: (call: WatchCall) => boolean,
    reset: (response: ServerResponse) => void = () => {},
  ): number {
    const chosen = [...this.open].filter((watch) => isMeant(watch.call));
    for (const { call, response, stop } of chosen) {
      stop();
      if (how === 'reset') reset(response);
      else if (how === 'expired') {
        const error = expired(`too old resource version: ${call.query['resourceVersion'] ?? '1'} (${this.store.currentVersion})`);
        response.end(line('ERROR', toStatus(error)));
      } else if (how === 'mid-line') response.write('{"type":"MODIFIED","object":{"kind":"', () => response.socket?.destroy());
      else response.end();
    }
    return chosen.length;
  }

  closeAll(): void {
    this.end('clean', () => true);
  }
}

function line(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** An object that stops matching the selector looks deleted to this watch, and one that starts matching looks added. */
function deliver(
  change: Change,
  found: Resource,
  select: (object: KubeObject) => boolean,
  send: (type: string, object: unknown) => void,
): void {
  if (change.found !== found) return;
  const matched = change.previous ? select(change.previous) : false;
  const matches = change.type !== 'DELETED' && select(change.object);
  if (matches) send(matched ? 'MODIFIED' : 'ADDED', change.object);
  else if (matched) {
    const last =
      change.type === 'DELETED'
        ? change.object
        : { ...change.previous, metadata: { ...change.previous?.metadata, resourceVersion: String(change.version) } };
    send('DELETED', last);
  }
}
