/** The cluster's durations, scaled; timestamps stay real so that clients may compare them with their own. */
export interface Clock {
  /** Now as the API server writes it: RFC 3339, whole seconds. */
  timestamp(): string;
  /** Runs `action` after `milliseconds` of cluster time. The function it returns calls that off. */
  after(milliseconds: number, action: () => void): () => void;
  /** Cluster milliseconds that passed since a point of real time (from Date.now()). */
  since(realMilliseconds: number): number;
  /** Calls everything off, for good. */
  stop(): void;
}

export function startClock(timeScale: number): Clock {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  return {
    timestamp: () => toTimestamp(Date.now()),
    after(milliseconds, action) {
      if (stopped) return () => {};
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          action();
        },
        Math.max(0, milliseconds * timeScale),
      );
      timers.add(timer);
      return () => {
        clearTimeout(timer);
        timers.delete(timer);
      };
    },
    since: (realMilliseconds) => (Date.now() - realMilliseconds) / timeScale,
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

export function toTimestamp(realMilliseconds: number): string {
  return `${new Date(realMilliseconds).toISOString().slice(0, 19)}Z`;
}
