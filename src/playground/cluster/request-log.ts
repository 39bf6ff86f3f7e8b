import type { RequestLog } from './types.ts';

/** A read-only window on a growing list of requests. */
export function requestLog<T>(entries: T[]): RequestLog<T> {
  return {
    get length() {
      return entries.length;
    },
    filter: (test) => entries.filter(test),
    clear() {
      entries.length = 0;
    },
    [Symbol.iterator]: () => [...entries][Symbol.iterator](),
  };
}
