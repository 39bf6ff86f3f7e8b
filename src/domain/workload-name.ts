import type { WorkloadKind } from './workload.ts';

/** `kind/name` as people write it, in the policy file and after `--workload`. */
export interface WorkloadName {
  kind: WorkloadKind;
  name: string;
}

/** kubectl's singular, plural and short names. A Job and a bare Pod are understood here and refused by the planner, with a remedy. */
const KINDS: ReadonlyMap<string, WorkloadKind> = new Map([
  ...names('Deployment', 'deployments', 'deploy'),
  ...names('StatefulSet', 'statefulsets', 'sts'),
  ...names('DaemonSet', 'daemonsets', 'ds'),
  ...names('ReplicaSet', 'replicasets', 'rs'),
  ...names('CronJob', 'cronjobs', 'cj'),
  ...names('Job', 'jobs'),
  ...names('Pod', 'pods', 'po'),
  ...names('Rollout', 'rollouts', 'ro'),
]);

function names(kind: WorkloadKind, ...others: string[]): [string, WorkloadKind][] {
  return [kind.toLowerCase(), ...others].map((name) => [name, kind]);
}

/** RFC 1123 subdomain, the names that the API server takes for these kinds. */
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const MAX_NAME = 253;

export const isObjectName = (text: string): boolean => text.length <= MAX_NAME && NAME.test(text);

/** The kind is read in any case, because a person copies it from a manifest as often as from kubectl. */
export function parseWorkloadName(text: string): WorkloadName | { problem: string } {
  const slash = text.indexOf('/');
  if (slash < 0) return { problem: 'a workload is written kind/name, for example deployment/my-app' };
  const kind = KINDS.get(text.slice(0, slash).toLowerCase());
  const name = text.slice(slash + 1);
  if (kind === undefined) return { problem: `unknown kind "${text.slice(0, slash)}"; known: ${kindWords().join(', ')}` };
  if (!isObjectName(name)) return { problem: `"${name}" cannot be the name of a ${kind}` };
  return { kind, name };
}

/** `deployment/my-app`. */
export const formatWorkloadName = (workload: WorkloadName): string => `${workload.kind.toLowerCase()}/${workload.name}`;

const kindWords = (): string[] => [...new Set(KINDS.values())].map((kind) => kind.toLowerCase());
