import type { Store } from '../api-server/store.ts';
import type { Clock } from '../clock.ts';
import type { ReadyTimes } from './pods.ts';

/** What every controller gets. */
export interface ControllerParts {
  store: Store;
  clock: Clock;
  readyTimes: ReadyTimes;
}
