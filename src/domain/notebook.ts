import type { Symptoms } from './rollout.ts';

/** How long a symptom is remembered that a look did not see, because a crash loop shows another face every few seconds; milliseconds. */
const FORGET_AFTER = 30_000;
const LONGEST = 300;
/** Written at every look. */
const LOOK = 'look';

interface Noted {
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
  const seen: Symptoms = {};
  const write = (key: string, before: Symptoms[string] | undefined, times: number, text: string): Noted => {
    const noted = { since: before?.since ?? now, seen: Math.max(before?.seen ?? 0, times), last: now, text: text.slice(0, LONGEST) };
    seen[own(key)] = noted;
    return noted;
  };
  const lastLook = symptoms[own(LOOK)]?.last ?? now;
  write(LOOK, symptoms[own(LOOK)], 1, '');
  return {
    note: (key, times, text) => write(key, symptoms[own(key)], times, text),
    noteChange: (key, text) => {
      const before = symptoms[own(key)];
      return write(key, before?.text === text.slice(0, LONGEST) ? before : undefined, 1, text);
    },
    close: () => {
      // Counted in looks too: a worker that was away for a minute has not seen that a symptom went.
      const kept = Object.entries(symptoms).filter(
        ([key, { last }]) => !key.startsWith(`${owner} `) || now - last <= FORGET_AFTER || last >= lastLook,
      );
      return { ...Object.fromEntries(kept), ...seen };
    },
  };
}
