import { randomBytes } from 'node:crypto';
import { createObject } from './api-server/create.ts';
import type { Store } from './api-server/store.ts';
import type { Clock } from './clock.ts';
import type { KubeObject } from './types.ts';

export interface Happening {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** e.g. spec.containers{app} */
  fieldPath?: string;
}

/** client-go's limits (tools/record/events_cache.go). */
const SIMILAR = 10;
const SIMILAR_WINDOW = 600_000;
const BURST = 25;
const REFILL = 300_000;

/**
 * Writes events the way client-go's recorder does: an exact repeat counts up the same Event, the tenth different message of one reason is
 * "combined from similar events", and an object that causes too many loses the rest. repull has to live with all three.
 */
export class EventRecorder {
  private readonly names = new Map<string, string>();
  private readonly similar = new Map<string, { messages: Set<string>; at: number }>();
  private readonly buckets = new Map<string, { tokens: number; at: number }>();
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly source: { component: string; host?: string };

  constructor(store: Store, clock: Clock, source: { component: string; host?: string }) {
    this.store = store;
    this.clock = clock;
    this.source = source;
  }

  record(object: KubeObject, happening: Happening): void {
    const { kind, metadata } = object;
    const about = `${kind}/${metadata.namespace ?? ''}/${metadata.name}/${metadata.uid ?? ''}`;
    const { type, reason, fieldPath = '' } = happening;
    const combined = this.isCombined(`${about}/${type}/${reason}`, happening.message);
    const message = combined ? `(combined from similar events): ${happening.message}` : happening.message;
    if (this.isSpam(`${about}/${type}`)) return;
    const key = combined ? `${about}/${type}/${reason}` : `${about}/${type}/${reason}/${fieldPath}/${message}`;
    const namespace = metadata.namespace ?? 'default';
    const known = this.names.get(key);
    if (known && this.store.get('events', namespace, known)) {
      this.store.update(
        'events',
        namespace,
        known,
        (before) => ({ ...before, message, count: Number(before['count']) + 1, lastTimestamp: this.clock.timestamp() }),
        { manager: this.source.component },
      );
      return;
    }
    // Nothing can be written into a namespace that is going away.
    if (
      !this.store.get('namespaces', undefined, namespace) ||
      this.store.get('namespaces', undefined, namespace)?.metadata.deletionTimestamp
    )
      return;
    const name = `${metadata.name}.${randomBytes(8).toString('hex')}`;
    const at = this.clock.timestamp();
    const event = {
      metadata: { name, namespace },
      involvedObject: {
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        apiVersion: object.apiVersion,
        resourceVersion: metadata.resourceVersion,
        ...(fieldPath ? { fieldPath } : {}),
      },
      reason,
      message,
      source: this.source,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.source.component,
      reportingInstance: this.source.host ?? '',
    };
    createObject(this.store, 'events', namespace, event, { manager: this.source.component });
    this.names.set(key, name);
  }

  private isCombined(key: string, message: string): boolean {
    const now = Date.now();
    let group = this.similar.get(key);
    if (!group || this.clock.since(group.at) > SIMILAR_WINDOW) group = { messages: new Set(), at: now };
    this.similar.set(key, group);
    group.at = now;
    group.messages.add(message);
    if (group.messages.size < SIMILAR) return false;
    group.messages.delete(message);
    return true;
  }

  private isSpam(key: string): boolean {
    const now = Date.now();
    const bucket = this.buckets.get(key) ?? { tokens: BURST, at: now };
    bucket.tokens = Math.min(BURST, bucket.tokens + this.clock.since(bucket.at) / REFILL);
    bucket.at = now;
    this.buckets.set(key, bucket);
    if (bucket.tokens < 1) return true;
    bucket.tokens -= 1;
    return false;
  }
}

/** An event of the new kind, as the scheduler writes it: eventTime, an action, no count and no source. */
export function recordScheduling(store: Store, pod: KubeObject, happening: Happening & { action: string }): void {
  const { metadata } = pod;
  const namespace = metadata.namespace ?? '';
  if (store.get('namespaces', undefined, namespace)?.metadata.deletionTimestamp) return;
  createObject(store, 'events', namespace, {
    metadata: { name: `${metadata.name}.${randomBytes(8).toString('hex')}`, namespace },
    involvedObject: {
      kind: 'Pod',
      namespace,
      name: metadata.name,
      uid: metadata.uid,
      apiVersion: 'v1',
      resourceVersion: metadata.resourceVersion,
    },
    reason: happening.reason,
    message: happening.message,
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    type: happening.type,
    eventTime: `${new Date().toISOString().slice(0, 23)}000Z`,
    action: happening.action,
    reportingComponent: 'default-scheduler',
    reportingInstance: 'default-scheduler-simulated',
  });
}
