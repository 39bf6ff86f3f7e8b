import { type WorkloadRef, workloadKey } from '../domain/workload.ts';
import type { Failure } from '../domain/failure.ts';
import type { KubeApi } from './client.ts';
import { failureOf, type StatusError } from './errors.ts';
import { kindOf } from './kinds/all.ts';
import { pathOf } from './kinds/kind.ts';
import type { RawEvent, RawWorkload } from './raw.ts';
import { follow, REFLECTOR_TIMES, type ReflectorTimes, type Stream, type StreamHandler } from './reflector.ts';

const WAKE_EVERY_MS = 200;
/** Generated pod names keep at least this much of their owner's name. */
const KEPT_PREFIX = 50;

/** Follows each collection once, however many requests look at it. */
export class WatchHub {
  readonly #api: KubeApi;
  readonly #times: ReflectorTimes;
  readonly #streams = new Map<string, { handlers: Set<StreamHandler>; stop: () => void }>();
  /** Selectors cannot change while a workload lives; a snapshot usually came before. */
  readonly #selectors = new Map<string, string>();
  readonly #onForbidden: (failure: Failure) => void;
  readonly #said = new Set<string>();

  /** @param onForbidden told once for each right that is missing; nothing is lost by it but time, because the poll is beneath. */
  constructor(api: KubeApi, times: ReflectorTimes = REFLECTOR_TIMES, onForbidden: (failure: Failure) => void = () => undefined) {
    this.#api = api;
    this.#times = times;
    this.#onForbidden = onForbidden;
  }

  remember(ref: WorkloadRef, raw: RawWorkload): void {
    this.#selectors.set(workloadKey(ref), kindOf(ref.kind)?.selector(raw) ?? '');
  }

  /** Calls `wake` when something about these workloads changes, and once as soon as the watch stands. */
  watch(refs: WorkloadRef[], wake: () => void): () => void {
    const throttled = throttle(wake, WAKE_EVERY_MS);
    const stops: (() => void)[] = [];
    let stopped = false;
    const always: StreamHandler = { changed: () => throttled.call(), restarted: () => throttled.call() };
    for (const ref of refs) {
      const kind = kindOf(ref.kind);
      if (kind === undefined) continue;
      const root = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}`;
      const object = { path: pathOf(kind, ref.namespace), query: { fieldSelector: `metadata.name=${ref.name}` }, staleIsSilent: false };
      stops.push(this.#subscribe(object, always));
      const prefix = ref.name.slice(0, KEPT_PREFIX);
      stops.push(
        this.#subscribe(
          { path: `${root}/events`, query: {}, staleIsSilent: true },
          {
            changed: (event) => {
              if ((event as RawEvent | undefined)?.involvedObject?.name?.startsWith(prefix) === true) throttled.call();
            },
            restarted: always.restarted,
          },
        ),
      );
      const pods = (labelSelector: string) =>
        this.#subscribe({ path: `${root}/pods`, query: { labelSelector }, staleIsSilent: false }, always);
      const known = this.#selectors.get(workloadKey(ref));
      if (known !== undefined) stops.push(pods(known));
      else {
        void this.#selectorOf(ref).then((selector) => {
          if (selector !== undefined && !stopped) stops.push(pods(selector));
        });
      }
    }
    return () => {
      stopped = true;
      throttled.stop();
      for (const stop of stops) stop();
    };
  }

  close(): void {
    for (const { stop } of this.#streams.values()) stop();
    this.#streams.clear();
  }

  /** Undefined where it cannot be read: the workload's own stream and the events still wake, and the poll is beneath. */
  async #selectorOf(ref: WorkloadRef): Promise<string | undefined> {
    const kind = kindOf(ref.kind);
    if (kind === undefined) return undefined;
    try {
      const { body } = await this.#api.json<RawWorkload>({ method: 'GET', path: pathOf(kind, ref.namespace, ref.name) });
      this.remember(ref, body);
      return kind.selector(body);
    } catch {
      return undefined;
    }
  }

  #forbidden(stream: Stream, error: StatusError): void {
    const failure = failureOf(error, stream.path);
    const said = failure.remedy ?? failure.evidence ?? '';
    if (this.#said.has(said)) return;
    this.#said.add(said);
    this.#onForbidden(failure);
  }

  #subscribe(stream: Stream, handler: StreamHandler): () => void {
    const key = `${stream.path}?${new URLSearchParams(stream.query).toString()}`;
    let shared = this.#streams.get(key);
    if (shared === undefined) {
      const handlers = new Set<StreamHandler>();
      const all: StreamHandler = {
        changed: (object) => handlers.forEach((one) => one.changed(object)),
        restarted: () => handlers.forEach((one) => one.restarted()),
        forbidden: (error) => this.#forbidden(stream, error),
      };
      shared = { handlers, stop: follow(this.#api, stream, all, this.#times) };
      this.#streams.set(key, shared);
    } else handler.restarted();
    shared.handlers.add(handler);
    const { handlers, stop } = shared;
    return () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#streams.get(key)?.handlers !== handlers) return;
      stop();
      this.#streams.delete(key);
    };
  }
}

/** At once, then at most every `everyMs`, and never losing the last call. */
function throttle(wake: () => void, everyMs: number): { call: () => void; stop: () => void } {
  let last = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const fire = () => {
    timer = undefined;
    last = performance.now();
    if (!stopped) wake();
  };
  return {
    call: () => {
      if (timer !== undefined || stopped) return;
      const left = everyMs - (performance.now() - last);
      if (left <= 0) fire();
      else timer = setTimeout(fire, left);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
