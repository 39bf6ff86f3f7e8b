import type { KubeObject } from '../types.ts';
import { badRequest, expired } from './errors.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';
import type { Store } from './store.ts';

export type Query = Record<string, string>;

/** What a list or watch lets through. */
export function selectorOf(found: Resource, namespace: string, query: Query): (object: KubeObject) => boolean {
  const byLabel = query['labelSelector'] ? parseLabelSelector(query['labelSelector']) : () => true;
  const byField = query['fieldSelector'] ? parseFieldSelector(found.plural, query['fieldSelector']) : () => true;
  return (object) => (!namespace || object.metadata.namespace === namespace) && byLabel(object.metadata.labels ?? {}) && byField(object);
}

interface Snapshot {
  version: number;
  rest: KubeObject[];
}

/**
 * Lists in pages. A continue token keeps the rest of the list as it was when the first page was read, which is what reading etcd at
 * that revision gives; after a compaction the token is refused with 410.
 */
export class Lists {
  private readonly snapshots = new Map<string, Snapshot>();
  private readonly store: Store;
  private next = 0;

  constructor(store: Store) {
    this.store = store;
  }

  read(found: Resource, namespace: string, query: Query): Record<string, unknown> {
    const limit = Number(query['limit'] ?? 0);
    if (!(limit >= 0)) throw badRequest(`strconv.ParseInt: parsing "${query['limit'] ?? ''}": invalid syntax`);
    const { version, items } = query['continue'] ? this.resume(query['continue']) : this.start(found, namespace, query);
    const page = limit > 0 ? items.slice(0, limit) : items;
    const rest = items.slice(page.length);
    const metadata: Record<string, unknown> = { resourceVersion: String(version) };
    if (rest.length > 0) {
      metadata['continue'] = this.keep({ version, rest });
      // With a selector the server would have to look at everything to know, so it does not say.
      if (!query['labelSelector'] && !query['fieldSelector']) metadata['remainingItemCount'] = rest.length;
    }
    // Items of a list carry neither kind nor apiVersion, unlike those of a watch.
    const bare = page.map(({ apiVersion: _version, kind: _kind, ...object }) => object);
    return { kind: `${found.kind}List`, apiVersion: apiVersionOf(found), metadata, items: bare };
  }

  private start(found: Resource, namespace: string, query: Query): { version: number; items: KubeObject[] } {
    const select = selectorOf(found, namespace, query);
    const items = this.store.list(found.plural).filter(select);
    items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return { version: this.store.currentVersion, items };
  }

  private resume(token: string): { version: number; items: KubeObject[] } {
    const text = Buffer.from(token, 'base64url').toString();
    if (!/^\d+:\d+$/.test(text)) throw badRequest('continue key is not valid: illegal base64 data');
    const snapshot = this.snapshots.get(text);
    if (!snapshot || snapshot.version < this.store.forgottenVersion) {
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      );
    }
    return { version: snapshot.version, items: snapshot.rest };
  }

  private keep(snapshot: Snapshot): string {
    this.next += 1;
    const text = `${snapshot.version}:${this.next}`;
    this.snapshots.set(text, snapshot);
    const [oldest] = this.snapshots.keys();
    if (this.snapshots.size > 200 && oldest !== undefined) this.snapshots.delete(oldest);
    return Buffer.from(text).toString('base64url');
  }
}

const keyOf = (object: KubeObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
