import type { Cluster } from '../app/ports.ts';
import type { WorkloadRef } from '../domain/workload.ts';

/** A request may end on another worker, which does not tell this one: its watch ends at the latest after this long. Milliseconds. */
const SWEEP_EVERY = 15_000;

/** One watch per running request in this process; several workers may watch the same request, and promote the same job. */
export function createWatching(cluster: Pick<Cluster, 'watch'>, promote: (id: string) => void, isOver: (id: string) => Promise<boolean>) {
  const running = new Map<string, () => void>();
  const end = (id: string): void => {
    running.get(id)?.();
    running.delete(id);
  };
  const sweep = async (): Promise<void> => {
    for (const id of running.keys()) {
      // While Redis is away nobody knows; the next sweep asks again.
      if (await isOver(id).catch(() => false)) end(id);
    }
  };
  const timer = setInterval(() => void sweep(), SWEEP_EVERY);
  timer.unref();
  return {
    begin(id: string, refs: WorkloadRef[]): void {
      if (running.has(id)) return;
      running.set(
        id,
        cluster.watch(refs, () => promote(id)),
      );
    },
    end,
    close(): void {
      clearInterval(timer);
      for (const id of running.keys()) end(id);
    },
  };
}
