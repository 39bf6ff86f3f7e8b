import type { Change } from './types.ts';

export interface Changes {
  tell(change: Change): void;
  /** Something happened that nobody sees (a call, a delivery): whoever waits looks again. */
  nudge(): void;
  listen(listener: (change: Change) => void): () => void;
  waitFor<T>(look: () => T | undefined | false | null, options?: { seconds?: number; what?: string }): Promise<T>;
  /** Every wait still open is rejected. */
  end(): void;
}

/** `dump` describes what is visible, for the message of a wait that was in vain. */
export function makeChanges(dump: () => string): Changes {
  const listeners = new Set<(change: Change) => void>();
  const lookers = new Set<() => void>();
  const enders = new Set<() => void>();
  const nudge = (): void => {
    for (const look of lookers) look();
  };
  return {
    tell(change) {
      for (const listener of listeners) listener(change);
      nudge();
    },
    nudge,
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    waitFor(look, options = {}) {
      const seconds = options.seconds ?? 10;
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          lookers.delete(check);
          enders.delete(end);
        };
        const fail = (why: string): void => {
          stop();
          reject(new Error(`${why} for ${options.what ?? look.toString()}\n${dump()}`));
        };
        const check = (): void => {
          try {
            const seen = look();
            if (seen === undefined || seen === null || seen === false) return;
            stop();
            resolve(seen);
          } catch (error) {
            stop();
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const end = (): void => fail('the local Slack was closed while waiting');
        const timer = setTimeout(() => fail(`waited ${seconds} s in vain`), seconds * 1000);
        lookers.add(check);
        enders.add(end);
        check();
      });
    },
    end() {
      for (const end of enders) end();
      listeners.clear();
    },
  };
}
