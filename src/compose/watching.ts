import type { Cluster } from '../app/ports.ts';
import type { WorkloadRef } from '../domain/workload.ts';

/** One watch per running request in this process; several workers may watch the same request, and promote the same job. */
export function createWatching(cluster: Cluster, promote: (id: string) => void) {
  const running = new Map<string, () => void>();
  return {
    begin(id: string, refs: WorkloadRef[]): void {
      if (running.has(id)) return;
      running.set(
        id,
        cluster.watch(refs, () => promote(id)),
      );
    },
    end(id: string): void {
      running.get(id)?.();
      running.delete(id);
    },
    close(): void {
      for (const stop of running.values()) stop();
      running.clear();
    },
  };
}
