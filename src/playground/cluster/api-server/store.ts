import { randomUUID } from 'node:crypto';
import { toTimestamp } from '../clock.ts';
import type { ClusterChange, KubeObject } from '../types.ts';
import { alreadyExists, conflict, notFound, staleVersion } from './errors.ts';
import { recordManager } from './managed-fields.ts';
import { apiVersionOf, resourceNamed } from './resources.ts';
import type { Resource } from './resources.ts';
import { sameJson } from './json.ts';

/** One committed change, as watches replay it. */
export interface Change extends ClusterChange {
  version: number;
  found: Resource;
  /** The object before; absent for ADDED. */
  previous?: KubeObject;
}

export interface WriteOptions {
  /** Name for managedFields; absent = the simulation itself, which leaves no entry. */
  manager?: string;
  subresource?: string;
}

/** How many changes a watch may lag behind before it gets 410, as the watch cache of the real server is bounded too. */
const HISTORY = 20_000;

/**
 * The one copy of the truth: every object, a version that counts every change of any of them, and the recent changes. Objects
 * are never modified in place, so whoever holds one holds a snapshot.
 */
export class Store {
  private readonly objects = new Map<string, Map<string, KubeObject>>();
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly queue: Change[] = [];
  private notifying = false;
  private changes: Change[] = [];
  private readonly latest = new Map<string, number>();
  private version = 1000;
  /** Changes up to this version are forgotten. */
  private forgotten = 1000;

  get currentVersion(): number {
    return this.version;
  }

  /** The version of the last change of any object of that resource. */
  latestOf(plural: string): number {
    return this.latest.get(plural) ?? 0;
  }

  get forgottenVersion(): number {
    return this.forgotten;
  }

  get<T extends KubeObject>(plural: string, namespace: string | undefined, name: string): T | undefined {
    return this.objects.get(plural)?.get(`${namespace ?? ''}/${name}`) as T | undefined;
  }

  list<T extends KubeObject>(plural: string, namespace?: string): T[] {
    const all = [...(this.objects.get(plural)?.values() ?? [])] as T[];
    return namespace ? all.filter((object) => object.metadata.namespace === namespace) : all;
  }

  create(found: Resource, draft: KubeObject, options: WriteOptions = {}): KubeObject {
    const metadata = { ...draft.metadata };
    if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomSuffix();
    const target = { ...found, name: metadata.name };
    if (this.get(found.plural, metadata.namespace, metadata.name)) throw alreadyExists(target);
    delete metadata.managedFields;
    delete metadata.deletionTimestamp;
    const object: KubeObject = {
      ...draft,
      metadata: {
        ...metadata,
        uid: randomUUID(),
        creationTimestamp: toTimestamp(Date.now()),
        ...(found.generation ? { generation: 1 } : {}),
      },
    };
    return this.commit('ADDED', found, recordManager(undefined, object, apiVersionOf(found), options));
  }

  /**
   * Replaces an object by what `change` makes of it; undefined or an equal object leaves everything as it is. A resourceVersion that
   * `change` puts in and that is not the current one is a conflict.
   */
  update(
    plural: string,
    namespace: string | undefined,
    name: string,
    change: (object: KubeObject) => KubeObject | undefined,
    options: WriteOptions = {},
  ): KubeObject {
    const found = resourceNamed(plural);
    const before = this.get(plural, namespace, name);
    if (!before) throw notFound({ ...found, name });
    const draft = change(before);
    if (!draft) return before;
    const wanted = draft.metadata.resourceVersion;
    if (wanted && wanted !== before.metadata.resourceVersion) throw staleVersion({ ...found, name });
    if (draft.metadata.uid && draft.metadata.uid !== before.metadata.uid) {
      throw conflict(
        { ...found, name },
        `Precondition failed: UID in precondition: ${draft.metadata.uid}, UID in object meta: ${before.metadata.uid ?? ''}`,
      );
    }
    const after = keepServerFields(found, before, draft, options.subresource === 'status');
    if (sameJson(before, after)) return before;
    return this.commit('MODIFIED', found, recordManager(before, after, apiVersionOf(found), options), before);
  }

  remove(plural: string, namespace: string | undefined, name: string): KubeObject {
    const found = resourceNamed(plural);
    const before = this.get(plural, namespace, name);
    if (!before) throw notFound({ ...found, name });
    return this.commit('DELETED', found, before, before);
  }

  /** Changes after `version`, oldest first; undefined when some of them are forgotten. */
  changesSince(version: number): Change[] | undefined {
    if (version < this.forgotten) return undefined;
    let from = this.changes.length;
    while (from > 0 && (this.changes[from - 1]?.version ?? 0) > version) from -= 1;
    return this.changes.slice(from);
  }

  compact(): void {
    this.changes = [];
    this.forgotten = this.version;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private commit(type: Change['type'], found: Resource, object: KubeObject, previous?: KubeObject): KubeObject {
    this.version += 1;
    const committed = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } };
    const { namespace, name } = committed.metadata;
    const table = this.objects.get(found.plural) ?? new Map<string, KubeObject>();
    this.objects.set(found.plural, table);
    if (type === 'DELETED') table.delete(`${namespace ?? ''}/${name}`);
    else table.set(`${namespace ?? ''}/${name}`, committed);
    const change: Change = {
      type,
      version: this.version,
      found,
      resource: found.plural,
      object: committed,
      ...(previous ? { previous } : {}),
    };
    this.latest.set(found.plural, this.version);
    this.changes.push(change);
    if (this.changes.length > HISTORY) {
      const dropped = this.changes.splice(0, HISTORY / 4);
      this.forgotten = dropped.at(-1)?.version ?? this.forgotten;
    }
    this.queue.push(change);
    this.notify();
    return committed;
  }

  /** A listener may write: the changes it makes are told to everybody after the one that caused them. */
  private notify(): void {
    if (this.notifying) return;
    this.notifying = true;
    try {
      for (let change = this.queue.shift(); change; change = this.queue.shift()) {
        for (const listener of this.listeners) listener(change);
      }
    } finally {
      this.notifying = false;
    }
  }
}

/** What no client may set: identity, creation, deletion, generation. */
function keepServerFields(found: Resource, before: KubeObject, draft: KubeObject, isStatus: boolean): KubeObject {
  const { uid, creationTimestamp, generation, resourceVersion, namespace, name, managedFields } = before.metadata;
  const metadata = { ...draft.metadata, name, ...(uid ? { uid } : {}), ...(creationTimestamp ? { creationTimestamp } : {}) };
  if (namespace) metadata.namespace = namespace;
  if (resourceVersion) metadata.resourceVersion = resourceVersion;
  if (managedFields) metadata.managedFields = managedFields;
  else delete metadata.managedFields;
  // A deletion mark, once set, stays; only the delete call sets it, through its own update.
  if (before.metadata.deletionTimestamp && !metadata.deletionTimestamp) metadata.deletionTimestamp = before.metadata.deletionTimestamp;
  if (found.generation) {
    const deleted = Boolean(metadata.deletionTimestamp) && !before.metadata.deletionTimestamp;
    // Of a Deployment (and only there) a changed annotation counts, too: pkg/registry/apps/deployment/strategy.go.
    const annotated = found.plural === 'deployments' && !isStatus && !sameJson(before.metadata.annotations, metadata.annotations);
    metadata.generation = (generation ?? 1) + (sameJson(before['spec'], draft['spec']) && !deleted && !annotated ? 0 : 1);
  }
  return { ...draft, apiVersion: before.apiVersion, kind: before.kind, metadata };
}

/** Five characters from the API server's own alphabet: no vowels, so no words. */
export function randomSuffix(length = 5): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('');
}
