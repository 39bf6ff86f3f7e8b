import type { App, Environment, Policy } from '../domain/policy.ts';

/** What one cluster's worker may do at most, whatever the bot let through. It has no use for roles. */
export interface WorkerLimits {
  readonly cluster: string;
  /** Of this cluster only, with namespaces, methods, windows, freezes, deadline and what to do on failure. */
  readonly environments: ReadonlyMap<string, Environment>;
  readonly apps: ReadonlyMap<string, App>;
  /** Of all its environments: what the worker may look at. */
  readonly namespaces: readonly string[];
}

/** No environment of the file is on this cluster: the maps are empty and the worker refuses everything. */
export function workerLimits(policy: Policy, cluster: string): WorkerLimits {
  const environments = new Map([...policy.environments].filter(([, environment]) => environment.cluster === cluster));
  const namespaces = [...new Set([...environments.values()].flatMap((environment) => environment.namespaces))];
  return { cluster, environments, apps: policy.apps, namespaces };
}
