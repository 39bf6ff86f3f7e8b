import type { Symptoms } from './rollout.ts';

/** How long a symptom is remembered that a look did not see, because a crash loop shows another face every few seconds; milliseconds. */
const FORGET_AFTER = 30_000;

export interface Noted {
  /** When it was first seen; API server's clock. */
  since: number;
  seen: number;
}

/** The memory of one workload between two looks: since when and how often a symptom was seen, because the cluster does not say. */
export interface Notebook {
  note(key: string, seen: number, text: string): Noted;
  /** Starts again where the text is another one than at the last look. */
  noteChange(key: string, text: string): Noted;
  /** Everything to remember; other workloads' notes are passed on untouched. */
  close(): Symptoms;
}

export function openNotebook(symptoms: Symptoms, owner: string, now: number): Notebook {
  const own = (key: string): string => `${owner} ${key}`;
  const next: Symptoms = {};
  for (const [key, noted] of Object.entries(symptoms)) {
    if (!key.startsWith(`${owner} `) || now - noted.last <= FORGET_AFTER) next[key] = noted;
  }
  const write = (key: string, before: Symptoms[string] | undefined, seen: number, text: string): Noted => {
    const noted = { since: before?.since ?? now, seen: Math.max(before?.seen ?? 0, seen), last: now, text: text.slice(0, 300) };
    next[own(key)] = noted;
    return noted;
  };
  return {
    note: (key, seen, text) => write(key, next[own(key)], seen, text),
    noteChange: (key, text) => {
      const before = symptoms[own(key)];
      return write(key, before?.text === text.slice(0, 300) ? before : undefined, 1, text);
    },
    close: () => next,
  };
}
