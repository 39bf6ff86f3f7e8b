import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import { crashBackOff } from './crash-back-off.ts';
import { adoptChangedImages, endProcess, inspectImages, isRunning, isSidecar, newRecord, startProcess } from './container-lifecycle.ts';
import type { ContainerRecord } from './container-lifecycle.ts';
import type { ImageStore } from './image-store.ts';
import { fetchVolumes } from './image-volumes.ts';
import { podStatus } from './pod-status.ts';
import { startProbing } from './probes.ts';
import type { Puller } from './pull.ts';

export interface WorkerParts {
  store: Store;
  clock: Clock;
  recorder: EventRecorder;
  images: ImageStore;
  puller: Puller;
  podIP: string;
  /** False while the kubelet is stopped: processes go on, nothing is looked at. */
  isAwake: () => boolean;
}

const wait = (clock: Clock, milliseconds: number) => new Promise<void>((resolve) => clock.after(milliseconds, resolve));

/**
 * One pod on one node. Like the kubelet's worker it runs one sync at a time: report what is, then do what is missing. What a sync could not
 * do is therefore reported by the next one, which is why a real cluster shows `Error` through most of a crash loop's back-off.
 */
export class PodWorker {
  readonly records: ContainerRecord[];
  private readonly parts: WorkerParts;
  private readonly namespace: string;
  private readonly name: string;
  private readonly uid: string;
  private readonly startTime: string;
  private hasSandbox = false;
  private isInitialized = false;
  private isStopped = false;
  private isBusy = false;
  private isDue = false;
  private gone = false;
  private generation = 0;
  /** The states of all containers when the runtime was last asked what they run. */
  private inspected = '';
  /** Cluster milliseconds until the next look, as far as the running sync knows. */
  private next: number = TIMINGS.resync;
  private callOff: () => void = () => {};

  constructor(pod: Pod, parts: WorkerParts) {
    this.parts = parts;
    this.namespace = pod.metadata.namespace ?? '';
    this.name = pod.metadata.name;
    this.uid = pod.metadata.uid ?? '';
    this.generation = pod.metadata.generation ?? 0;
    this.startTime = parts.clock.timestamp();
    this.records = [
      ...(pod.spec.initContainers ?? []).map((spec) => newRecord(spec, true)),
      ...pod.spec.containers.map((spec) => newRecord(spec, false)),
    ];
    this.isInitialized = !pod.spec.initContainers?.length;
  }

  /** The pod changed in the API. Our own reports do not matter; a new spec or a deletion mark do. */
  notice(pod: Pod): void {
    const { generation = 0 } = pod.metadata;
    if (generation === this.generation) return;
    this.generation = generation;
    this.poke();
  }

  /** Looks at the pod after a while, beside whatever else is planned. */
  poke(milliseconds = 0): void {
    this.parts.clock.after(milliseconds, () => void this.sync());
  }

  /** The pod is gone from the API: its processes end without a report. */
  forget(): void {
    this.gone = true;
    this.callOff();
    for (const record of this.records) endProcess(record, 137, this.parts.clock);
  }

  private get pod(): Pod | undefined {
    const pod = this.parts.store.get<Pod>('pods', this.namespace, this.name);
    return pod?.metadata.uid === this.uid ? pod : undefined;
  }

  private async sync(): Promise<void> {
    if (this.isBusy) {
      this.isDue = true;
      return;
    }
    this.isBusy = true;
    this.isDue = false;
    this.next = TIMINGS.resync;
    try {
      const { pod } = this;
      if (pod && !this.gone && this.parts.isAwake()) {
        this.report();
        if (pod.metadata.deletionTimestamp) await this.terminate(pod);
        else await this.start(pod);
      }
    } finally {
      this.isBusy = false;
      this.callOff();
      if (this.isDue && !this.gone) this.poke();
      else if (!this.gone) this.callOff = this.parts.clock.after(this.next, () => void this.sync());
    }
  }

  /** After the kubelet was away: whatever it knew is read anew. */
  wake(): void {
    this.inspected = '';
    this.poke();
  }

  private report(): void {
    this.inspected = inspectImages(this.records, this.parts.images, this.inspected);
    const { records, hasSandbox, isInitialized, isStopped, startTime } = this;
    const facts = { records, hasSandbox, isInitialized, isStopped, startTime, podIP: this.parts.podIP };
    this.parts.store.update('pods', this.namespace, this.name, (before) => ({ ...before, status: podStatus(before as Pod, facts) }), {
      manager: 'kubelet',
      subresource: 'status',
    });
  }

  private async start(pod: Pod): Promise<void> {
    const { clock } = this.parts;
    if (!this.hasSandbox) {
      await wait(clock, TIMINGS.sandbox);
      this.hasSandbox = true;
      if (!this.isStillWanted()) return;
      this.report();
      this.poke(TIMINGS.relist);
    }
    adoptChangedImages(pod, this.records, this.parts);
    if (!(await this.hasVolumes(pod)) || !(await this.startInits(pod))) return;
    this.isInitialized = true;
    for (const record of this.records) {
      if (record.isInit || isRunning(record) || !this.mayRestart(pod, record)) continue;
      await this.startContainer(pod, record);
      if (!this.isStillWanted()) return;
    }
  }

  /** Image volumes come before every container; while one is missing all of them wait for the same reason. */
  private async hasVolumes(pod: Pod): Promise<boolean> {
    const waiting = this.records.filter((record) => !isRunning(record) && !record.state.terminated);
    const missing = waiting.length === 0 ? undefined : await fetchVolumes(pod, this.parts.puller);
    if (missing === undefined) return this.isStillWanted();
    for (const record of waiting) record.blocked = missing;
    this.retryIn(TIMINGS.retry * (1 + Math.random() / 2));
    return false;
  }

  /** True when the main containers may start. */
  private async startInits(pod: Pod): Promise<boolean> {
    for (const record of this.records.filter((one) => one.isInit)) {
      const { terminated } = record.state;
      if (isSidecar(record) ? isRunning(record) : terminated?.exitCode === 0) continue;
      // Once the pod is initialised, only sidecars are started again.
      if (this.isInitialized && !isSidecar(record)) continue;
      if (isRunning(record)) return false;
      if (terminated && pod.spec.restartPolicy === 'Never' && !isSidecar(record)) return false;
      await this.startContainer(pod, record);
      if (!this.isStillWanted() || !isRunning(record) || !isSidecar(record)) return false;
    }
    return true;
  }

  private mayRestart(pod: Pod, record: ContainerRecord): boolean {
    const { terminated } = record.state;
    if (!terminated || pod.spec.restartPolicy === 'Always') return true;
    return pod.spec.restartPolicy === 'OnFailure' && terminated.exitCode !== 0;
  }

  private async startContainer(pod: Pod, record: ContainerRecord): Promise<void> {
    const { clock, recorder, puller } = this.parts;
    const fieldPath = `spec.${record.isInit ? 'initContainers' : 'containers'}{${record.spec.name}}`;
    const say = (type: 'Normal' | 'Warning', reason: string, message: string) => recorder.record(pod, { type, reason, message, fieldPath });
    const held = crashBackOff(pod, record, clock);
    if (held) {
      say(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${record.spec.name} in pod ${this.name}_${this.namespace}(${this.uid})`,
      );
      record.blocked = held.waiting;
      this.retryIn(held.milliseconds + 500 + Math.random() * 1500);
      return;
    }
    const image = await puller.ensure(pod, record.spec, fieldPath);
    if ('reason' in image) {
      record.blocked = image;
      this.retryIn(TIMINGS.retry * (1 + Math.random() / 2));
      return;
    }
    if (!this.isStillWanted()) return;
    await wait(clock, TIMINGS.create);
    say('Normal', 'Created', 'Container created');
    await wait(clock, TIMINGS.start);
    if (!this.isStillWanted()) return;
    startProcess(record, image, clock, () => this.poke(TIMINGS.notice));
    say('Normal', 'Started', 'Container started');
    startProbing(record, clock, {
      changed: () => this.poke(),
      failed: (kind) => {
        if (this.parts.isAwake()) say('Warning', 'Unhealthy', `${kind} probe failed: `);
      },
      kill: (kind) => {
        if (!this.parts.isAwake()) return;
        say('Normal', 'Killing', `Container ${record.spec.name} failed ${kind.toLowerCase()} probe, will be restarted`);
        clock.after(TIMINGS.stop, () => {
          endProcess(record, 0, clock);
          this.poke(TIMINGS.notice);
        });
      },
    });
    this.poke(TIMINGS.notice);
  }

  private async terminate(pod: Pod): Promise<void> {
    const { clock, recorder, store } = this.parts;
    const running = this.records.filter(isRunning);
    for (const { spec, isInit } of running) {
      const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${spec.name}}`;
      recorder.record(pod, { type: 'Normal', reason: 'Killing', message: `Stopping container ${spec.name}`, fieldPath });
    }
    if (running.length > 0) await wait(clock, TIMINGS.stop);
    for (const record of running) endProcess(record, 0, clock);
    if (!this.parts.isAwake()) return;
    this.isStopped = true;
    for (const record of this.records) record.blocked = undefined;
    if (this.pod) this.report();
    await wait(clock, TIMINGS.cleanUp);
    if (!this.pod || !this.parts.isAwake()) return;
    if (pod.metadata.finalizers?.length) return;
    store.update('pods', this.namespace, this.name, (before) => ({
      ...before,
      metadata: { ...before.metadata, deletionGracePeriodSeconds: 0 },
    }));
    store.remove('pods', this.namespace, this.name);
  }

  private isStillWanted(): boolean {
    const { pod } = this;
    if (!pod || this.gone || pod.metadata.deletionTimestamp) {
      this.isDue = true;
      return false;
    }
    return this.parts.isAwake();
  }

  private retryIn(milliseconds: number): void {
    this.next = Math.min(this.next, milliseconds);
  }
}
