import type { RegistryFaults } from '../types.ts';

interface Effect {
  status: number;
  retryAfter: number | undefined;
  milliseconds: number;
  brokenBody: boolean;
  noDigestHeader: boolean;
}

interface Fault {
  effect: Partial<Effect>;
  path: RegExp;
  method: string | undefined;
  left: number;
}

const MANIFESTS_AND_TAGS = /\/(manifests|tags)\//;

/** What is to go wrong in the registry. */
export class RegistryFaultList implements RegistryFaults {
  private readonly list = new Set<Fault>();

  answer(status: number, options: { retryAfter?: number; path?: RegExp; method?: string; times?: number } = {}): () => void {
    return this.add({ status, retryAfter: options.retryAfter }, options);
  }

  slow(milliseconds: number, options: { path?: RegExp; times?: number } = {}): () => void {
    return this.add({ milliseconds }, options);
  }

  brokenBody(options: { path?: RegExp; times?: number } = {}): () => void {
    return this.add({ brokenBody: true }, options);
  }

  noDigestHeader(options: { path?: RegExp; times?: number } = {}): () => void {
    return this.add({ noDigestHeader: true }, options);
  }

  clear(): void {
    this.list.clear();
  }

  /** Uses up one shot of every fault that concerns the request, and adds them together. */
  meet(method: string, path: string): Effect {
    const sum: Effect = { status: 0, retryAfter: undefined, milliseconds: 0, brokenBody: false, noDigestHeader: false };
    for (const fault of this.list) {
      if (!fault.path.test(path) || (fault.method && fault.method !== method)) continue;
      fault.left -= 1;
      if (fault.left <= 0) this.list.delete(fault);
      const { status, retryAfter, milliseconds = 0, brokenBody, noDigestHeader } = fault.effect;
      if (status && !sum.status) {
        sum.status = status;
        sum.retryAfter = retryAfter;
      }
      sum.milliseconds += milliseconds;
      sum.brokenBody ||= brokenBody ?? false;
      sum.noDigestHeader ||= noDigestHeader ?? false;
    }
    return sum;
  }

  private add(effect: Partial<Effect>, options: { path?: RegExp; method?: string; times?: number }): () => void {
    const fault: Fault = { effect, path: options.path ?? MANIFESTS_AND_TAGS, method: options.method, left: options.times ?? Infinity };
    this.list.add(fault);
    return () => this.list.delete(fault);
  }
}
