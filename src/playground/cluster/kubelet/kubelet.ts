import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import { EventRecorder } from '../event-recorder.ts';
import type { Node, Pod } from '../objects.ts';
import type { CachedImage } from '../types.ts';
import { logText } from './container-lifecycle.ts';
import { ImageStore } from './image-store.ts';
import { nodeObject } from './node.ts';
import { PodWorker } from './pod-worker.ts';
import { Puller } from './pull.ts';
import { createObject } from '../api-server/create.ts';

/** One node: its image store, and a worker for each pod that was assigned to it. */
export class Kubelet {
  readonly node: string;
  private readonly images = new ImageStore();
  private readonly workers = new Map<string, PodWorker>();
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly recorder: EventRecorder;
  private readonly puller: Puller;
  private readonly number: number;
  private readonly stopWatching: () => void;
  private awake = true;
  private addresses = 1;

  constructor(node: string, number: number, store: Store, clock: Clock) {
    this.node = node;
    this.number = number;
    this.store = store;
    this.clock = clock;
    this.recorder = new EventRecorder(store, clock, { component: 'kubelet', host: node });
    const { images, recorder } = this;
    this.puller = new Puller({ node, store, clock, recorder, images, onPulled: () => this.reportImages() });
    const { status, ...rest } = nodeObject(node, number);
    createObject(store, 'nodes', '', rest);
    store.update('nodes', undefined, node, (before) => ({ ...before, status }));
    this.stopWatching = store.onChange((change) => {
      if (change.resource === 'pods') this.see(change.object as Pod, change.type === 'DELETED');
    });
  }

  get isAwake(): boolean {
    return this.awake;
  }

  cachedImages(): CachedImage[] {
    return this.images.list();
  }

  sleep(): void {
    this.awake = false;
  }

  /** Comes back, and looks at everything it missed. */
  wake(): void {
    if (this.awake) return;
    this.awake = true;
    const mine = this.store.list<Pod>('pods').filter((pod) => pod.spec.nodeName === this.node);
    for (const [uid, worker] of this.workers) {
      if (mine.some((pod) => pod.metadata.uid === uid)) continue;
      worker.forget();
      this.workers.delete(uid);
    }
    for (const pod of mine) this.see(pod, false);
    for (const worker of this.workers.values()) worker.wake();
    this.reportNode(true);
  }

  stop(): void {
    this.stopWatching();
    for (const worker of this.workers.values()) worker.forget();
  }

  /** undefined when the container has no log of that kind. */
  log(uid: string, container: string, previous: boolean): string | undefined {
    const record = this.workers.get(uid)?.records.find((one) => one.spec.name === container);
    if (!record) return undefined;
    if (previous) {
      const before = record.last.terminated;
      if (!before) return undefined;
      // One dead container is kept; the kubelet's own words come with a 200.
      if (!record.state.running) return `unable to retrieve container logs for ${before.containerID}`;
      return logText(record.previousLog ?? []);
    }
    return record.containerID ? logText(record.log) : undefined;
  }

  private see(pod: Pod, isGone: boolean): void {
    if (pod.spec.nodeName !== this.node || !this.awake) return;
    const uid = pod.metadata.uid ?? '';
    const known = this.workers.get(uid);
    if (isGone) {
      known?.forget();
      this.workers.delete(uid);
      return;
    }
    if (!known) {
      this.addresses += 1;
      const { store, clock, recorder, images, puller } = this;
      const podIP = `10.254.${this.number}.${this.addresses}`;
      const worker = new PodWorker(pod, { store, clock, recorder, images, puller, podIP, isAwake: () => this.awake });
      this.workers.set(uid, worker);
      worker.poke();
      return;
    }
    known.notice(pod);
  }

  private reportNode(isReady: boolean): void {
    this.store.update('nodes', undefined, this.node, (before) => {
      const node = before as Node;
      const conditions = node.status.conditions.map((one) =>
        one.type === 'Ready' && isReady
          ? { ...one, status: 'True' as const, reason: 'KubeletReady', message: 'kubelet is posting ready status' }
          : one,
      );
      const taints = (node.spec.taints ?? []).filter((taint) => !taint.key.startsWith('node.kubernetes.io/unreachable'));
      const { taints: _taints, ...spec } = node.spec;
      return { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec, status: { ...node.status, conditions } };
    });
  }

  private reportImages(): void {
    const images = this.images.list().map(({ tags, digests, size }) => ({ names: [...digests, ...tags], sizeBytes: size }));
    this.store.update('nodes', undefined, this.node, (before) => ({ ...before, status: { ...(before as Node).status, images } }));
  }
}
