import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { Container, ContainerState, Pod, Terminated } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import { parseGoDuration } from './go-duration.ts';
import type { ImageStore, StoredImage } from './image-store.ts';
import type { Waiting } from './pull.ts';
import { behaviourOf } from './registry-client.ts';

/** What a node knows about one container of one pod. */
export interface ContainerRecord {
  spec: Container;
  isInit: boolean;
  /** Image of the present or last process. */
  imageId: string;
  /** What the runtime called it when the kubelet last asked. */
  names: { image: string; imageID: string } | undefined;
  containerID: string;
  state: ContainerState;
  last: ContainerState;
  restarts: number;
  ready: boolean;
  /** Its startup probe has succeeded, or there is none. */
  started: boolean;
  /** Why the last sync could not start it; shown by the next one. */
  blocked: Waiting | undefined;
  backOff: number;
  /** Real milliseconds. */
  startedAt: number;
  finishedAt: number;
  log: string[];
  previousLog: string[] | undefined;
  behaviour: ReturnType<typeof behaviourOf>;
  /** Calls off whatever the process would do by itself, and its probes. */
  cancel: (() => void)[];
}

export function newRecord(spec: Container, isInit: boolean): ContainerRecord {
  return {
    spec,
    isInit,
    imageId: '',
    names: undefined,
    containerID: '',
    state: {},
    last: {},
    restarts: 0,
    ready: false,
    started: false,
    blocked: undefined,
    backOff: 0,
    startedAt: 0,
    finishedAt: 0,
    log: [],
    previousLog: undefined,
    behaviour: { crash: false, unready: false, exits: undefined },
    cancel: [],
  };
}

export const isSidecar = (record: ContainerRecord) => record.isInit && record.spec.restartPolicy === 'Always';
export const isRunning = (record: ContainerRecord) => record.state.running !== undefined;

const environment = (record: ContainerRecord, name: string) => record.spec.env?.find((one) => one.name === name)?.value ?? '';

/** Starts the process: what it does then is what test/cluster/app/main.go does. */
export function startProcess(record: ContainerRecord, image: StoredImage, clock: Clock, onExit: () => void): void {
  if (record.state.terminated) {
    record.last = { terminated: record.state.terminated };
    record.restarts += 1;
    record.previousLog = record.log;
  }
  record.imageId = image.id;
  record.behaviour = behaviourOf(image.labels);
  record.containerID = `containerd://${randomBytes(32).toString('hex')}`;
  record.state = { running: { startedAt: clock.timestamp() } };
  record.startedAt = Date.now();
  record.blocked = undefined;
  record.ready = false;
  record.started = false;
  record.log = [];
  const end = exitOf(record, image.labels['version'] ?? '');
  if (!end) return;
  record.log = end.log;
  record.cancel.push(
    clock.after(TIMINGS.run, () => {
      endProcess(record, end.code, clock);
      onExit();
    }),
  );
}

/** How a process ends that ends by itself. */
function exitOf(record: ContainerRecord, version: string): { code: number; log: string[] } | undefined {
  const words = [...(record.spec.command ?? ['/app']), ...(record.spec.args ?? [])];
  if (words[0] === '/app' && words[1] === 'version') return { code: 0, log: [version] };
  if (words[0] === '/app' && words[1] === 'ready') return { code: isAppReady(record) ? 0 : 1, log: [] };
  if (record.behaviour.crash || environment(record, 'MODE') === 'crash') return { code: 1, log: ['app: asked to crash'] };
  if (record.behaviour.exits !== undefined) return { code: record.behaviour.exits, log: [] };
  return undefined;
}

export function endProcess(record: ContainerRecord, exitCode: number, clock: Clock): void {
  for (const cancel of record.cancel.splice(0)) cancel();
  const { running } = record.state;
  if (!running) return;
  const terminated: Terminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: running.startedAt,
    finishedAt: clock.timestamp(),
    containerID: record.containerID,
  };
  record.state = { terminated };
  record.finishedAt = Date.now();
  record.ready = false;
}

/** `kubectl set image` on a pod: the process ends, and the next sync starts it from the new image. */
export function adoptChangedImages(
  pod: Pod,
  records: ContainerRecord[],
  { clock, recorder }: { clock: Clock; recorder: EventRecorder },
): void {
  for (const record of records) {
    const wanted = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === record.spec.name);
    if (!wanted || wanted.image === record.spec.image) continue;
    record.spec = wanted;
    if (!isRunning(record)) continue;
    const message = `Container ${wanted.name} definition changed, will be restarted`;
    recorder.record(pod, { type: 'Normal', reason: 'Killing', message, fieldPath: `spec.containers{${wanted.name}}` });
    endProcess(record, 0, clock);
  }
}

/** What `/app ready` would answer. */
export function isAppReady(record: ContainerRecord, age = Infinity): boolean {
  if (record.behaviour.unready || environment(record, 'MODE') === 'unready') return false;
  return age >= parseGoDuration(environment(record, 'READY_AFTER'));
}

/**
 * The names of an image change when the node learns others for it, and a running pod does not show that: the kubelet asks the runtime only
 * where the state of a container of the pod has changed.
 * @returns the states, for the next time
 */
export function inspectImages(records: ContainerRecord[], images: ImageStore, before: string): string {
  const states = records.map((record) => `${record.containerID} ${isRunning(record)}`).join();
  if (states === before) return before;
  for (const record of records) if (record.imageId) record.names = images.describe(record.imageId, record.spec.image);
  return states;
}

/** The text of `kubectl logs`: whole lines. */
export const logText = (lines: string[]) => lines.map((line) => `${line}\n`).join('');
