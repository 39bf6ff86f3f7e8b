import type { WorkloadKind } from '../../domain/workload.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { cronJob } from './cron-job.ts';
import type { Kind } from './kind.ts';
import { replicaSet } from './replica-set.ts';
import { rollout } from './rollout.ts';
import { statefulSet } from './stateful-set.ts';

/** The kinds that repull changes, in the order in which they are searched. */
export const KINDS: readonly Kind[] = [deployment, statefulSet, daemonSet, cronJob, rollout, replicaSet];

export const kindOf = (kind: WorkloadKind): Kind | undefined => KINDS.find((one) => one.kind === kind);
