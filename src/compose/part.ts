import type { Log } from '../app/worker-deps.ts';

/** A running half of repull: what it lacks right now, and how to end it. */
export interface Part {
  /** In words; empty = ready. */
  unready(): Promise<string[]>;
  /** Takes nothing new, finishes what is in hand (milliseconds: step jobs), closes its connections. */
  close(): Promise<void>;
}

/** Tries until it works or the part is closed: a backend that is away at start must not end the process. Logs the first try and then every tenth. */
export async function untilItWorks<T>(what: string, log: Log, ended: AbortSignal, attempt: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 0; !ended.aborted; tries++) {
    try {
      return await attempt();
    } catch (problem) {
      if (ended.aborted) return undefined;
      const message = problem instanceof Error ? problem.message : String(problem);
      if (tries % 10 === 0) log.warn({ what, problem: message }, `${what}: not there yet, trying again`);
      await pause(Math.min(200 * 2 ** Math.min(tries, 4), 3_000), ended);
    }
  }
  return undefined;
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
