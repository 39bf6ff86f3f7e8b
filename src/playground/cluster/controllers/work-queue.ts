import { ApiError } from '../api-server/errors.ts';
import type { Clock } from '../clock.ts';

/**
 * Keys to look at, each at most once at a time. Level-triggered: a key says where to look, never what happened. A failed look is repeated
 * later, a little later each time, as the real controllers do.
 */
export class WorkQueue {
  private readonly waiting = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly clock: Clock;
  private readonly delay: number;
  private readonly reconcile: (key: string) => void;
  private paused = false;

  constructor(clock: Clock, delay: number, reconcile: (key: string) => void) {
    this.clock = clock;
    this.delay = delay;
    this.reconcile = reconcile;
  }

  add(key: string): void {
    if (this.waiting.has(key)) return;
    this.waiting.add(key);
    if (!this.paused) this.clock.after(this.delay, () => this.run(key));
  }

  addAfter(key: string, milliseconds: number): void {
    this.clock.after(milliseconds, () => this.add(key));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const key of this.waiting) this.clock.after(this.delay, () => this.run(key));
  }

  private run(key: string): void {
    if (this.paused || !this.waiting.delete(key)) return;
    try {
      this.reconcile(key);
      this.failures.delete(key);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const times = (this.failures.get(key) ?? 0) + 1;
      this.failures.set(key, times);
      this.addAfter(key, Math.min(1000, 5 * 2 ** times));
    }
  }
}

export const keyOf = (object: { metadata: { namespace?: string; name: string } }) =>
  `${object.metadata.namespace ?? ''}/${object.metadata.name}`;

export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}
