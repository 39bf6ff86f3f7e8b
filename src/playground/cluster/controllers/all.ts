import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import { runCronJobs } from './cron-job.ts';
import { runDaemonSets } from './daemon-set.ts';
import { runDeployments } from './deployment.ts';
import { runDisruptions } from './disruption.ts';
import { runGarbageCollector } from './garbage.ts';
import { runJobs } from './job.ts';
import { markNodeLost } from './node-lifecycle.ts';
import { ReadyTimes } from './pods.ts';
import { runQuotas } from './quota.ts';
import { runReplicaSets } from './replica-set.ts';
import { runScheduler } from './scheduler.ts';
import { runServiceAccounts } from './service-accounts.ts';
import { runStatefulSets } from './stateful-set.ts';

export interface Controllers {
  pause(): void;
  resume(): void;
  /** After the grace time the node is NotReady, unless `isLost` no longer holds. */
  nodeLost(node: string, isLost: () => boolean): void;
}

const RUN = [
  runDeployments,
  runReplicaSets,
  runStatefulSets,
  runDaemonSets,
  runJobs,
  runCronJobs,
  runDisruptions,
  runQuotas,
  runScheduler,
  runGarbageCollector,
];

export function runControllers(store: Store, clock: Clock): Controllers {
  runServiceAccounts(store);
  const parts = { store, clock, readyTimes: new ReadyTimes(store, clock) };
  const queues = RUN.map((run) => run(parts));
  return {
    pause: () => queues.forEach((queue) => queue.pause()),
    resume: () => queues.forEach((queue) => queue.resume()),
    nodeLost: (node, isLost) => markNodeLost(parts, node, isLost),
  };
}
