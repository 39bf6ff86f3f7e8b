import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import { runDeployments } from './deployment.ts';
import { runGarbageCollector } from './garbage.ts';
import { markNodeLost } from './node-lifecycle.ts';
import { ReadyTimes } from './pods.ts';
import { runReplicaSets } from './replica-set.ts';
import { runScheduler } from './scheduler.ts';
import { runServiceAccounts } from './service-accounts.ts';

export interface Controllers {
  pause(): void;
  resume(): void;
  /** After the grace time the node is NotReady, unless `isLost` no longer holds. */
  nodeLost(node: string, isLost: () => boolean): void;
}

export function runControllers(store: Store, clock: Clock): Controllers {
  runServiceAccounts(store);
  const parts = { store, clock, readyTimes: new ReadyTimes(store, clock) };
  const queues = [runDeployments, runReplicaSets, runScheduler, runGarbageCollector].map((run) => run(parts));
  return {
    pause: () => queues.forEach((queue) => queue.pause()),
    resume: () => queues.forEach((queue) => queue.resume()),
    nodeLost: (node, isLost) => markNodeLost(parts, node, isLost),
  };
}
