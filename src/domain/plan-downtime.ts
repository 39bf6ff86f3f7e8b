import type { Workload } from './workload.ts';

/** How many pods may be missing at a time while the controller replaces them. */
export function unavailableAtOnce(workload: Workload): number {
  const { strategy, replicas } = workload;
  switch (strategy.type) {
    case 'Recreate':
      return replicas;
    case 'OnDelete':
      return 1;
    case 'NextRun':
      return 0;
    case 'RollingUpdate':
      return rolling(workload, strategy.maxUnavailable, strategy.maxSurge);
  }
}

function rolling({ kind, replicas }: Workload, maxUnavailable: string | undefined, maxSurge: string | undefined): number {
  if (kind === 'Deployment' || kind === 'Rollout') {
    const surge = amount(maxSurge ?? '25%', replicas, Math.ceil);
    const unavailable = amount(maxUnavailable ?? '25%', replicas, Math.floor);
    // Both may round to nothing; the Deployment controller then takes one away, or it could never move.
    return surge === 0 && unavailable === 0 ? 1 : unavailable;
  }
  if (kind === 'DaemonSet') {
    const surge = amount(maxSurge ?? '0', replicas, Math.ceil);
    return surge > 0 ? 0 : Math.max(1, amount(maxUnavailable ?? '1', replicas, Math.ceil));
  }
  return Math.max(1, amount(maxUnavailable ?? '1', replicas, Math.ceil));
}

function amount(text: string, of: number, round: (value: number) => number): number {
  const value = text.endsWith('%') ? round((Number(text.slice(0, -1)) * of) / 100) : Number(text);
  return Number.isFinite(value) ? Math.min(of, Math.max(0, value)) : 0;
}

/**
 * `none`, `1 of 4 pods at a time`, `all pods at once`. `evicting`: repull evicts one after the other; `restarting`: a controller evicts as many as
 * may be missing, at least one, and nothing comes up before.
 */
export function downtimeOf(workload: Workload, evicting: boolean, restarting = false): string {
  const { replicas } = workload;
  const missing = evicting ? 1 : restarting ? Math.max(1, unavailableAtOnce(workload)) : unavailableAtOnce(workload);
  if (missing === 0) return 'none';
  if (missing >= replicas) return replicas === 1 ? 'the only pod, until its successor is ready' : 'all pods at once';
  return `${missing} of ${replicas} pods at a time`;
}
