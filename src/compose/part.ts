import type { Log } from '../app/worker-deps.ts';

/** A running half of repull: what it lacks right now, and how to end it. */
export interface Part {
  /** In words; empty = ready. */
  unready(): Promise<string[]>;
  /** Takes nothing new, finishes what is in hand (milliseconds: step jobs), closes its connections. */
  close(): Promise<void>;
}

/** What a part still waits for at its start, and why: name → words. */
export type Lacking = Map<string, string>;

/** A start that still waits for a backend is not waited for longer than this when the process is told to end; milliseconds. */
export const START_ENDS_WITHIN = 300;

/**
 * Tries until it works or the part is closed: a backend that is away at start must not end the process. Logs each new reason and every tenth try;
 * `lacking` says it all the time, to `/readyz`.
 */
export async function untilItWorks<T>(
  what: string,
  log: Log,
  ended: AbortSignal,
  lacking: Lacking,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (let tries = 0; !ended.aborted; tries++) {
    try {
      const result = await attempt();
      lacking.delete(what);
      return result;
    } catch (problem) {
      if (ended.aborted) return undefined;
      const message = problem instanceof Error ? problem.message : String(problem);
      const isNews = lacking.get(what) !== message;
      lacking.set(what, message);
      if (isNews || tries % 10 === 0) log.warn({ what, problem: message }, `${what}: not there yet, trying again`);
      await pause(Math.min(200 * 2 ** Math.min(tries, 4), 3_000), ended);
    }
  }
  return undefined;
}

/** What is under way at the start may wait for a backend that does not answer; a process that is told to end does not wait with it. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([work.finally(() => late.abort()), pause(ms, late.signal)]);
}

function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      ended.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    ended.addEventListener('abort', done);
  });
}
