import type { Clock } from './types.ts';

/** Timers never keep the process alive: a test or the playground decides when to end. */
export function realClock(): Clock {
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

export interface ManualClock extends Clock {
  /** Moves on by so many milliseconds, running what falls due in the order in which it does. */
  advance(ms: number): void;
}

/** Starts at the real time, because signed requests carry it and receivers compare it with theirs. */
export function manualClock(start: number = Date.now()): ManualClock {
  let time = start;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => time,
    after(ms, run) {
      const timer = { at: time + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        time = next.at;
        next.run();
      }
      time = end;
    },
  };
}
