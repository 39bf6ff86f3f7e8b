/** Everything the parts of the local Slack share; made once, in start.ts, and handed on as an argument. */
import type { Changes } from './changes.ts';
import type { Delivery } from './delivery.ts';
import type { App, Directory } from './directory.ts';
import type { FaultTable } from './faults.ts';
import type { Handles } from './handles.ts';
import type { Messages } from './messages.ts';
import type { Random } from './random.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Clock } from './types.ts';
import type { Views } from './views.ts';
import type { Wire } from './wire.ts';

export interface Hub {
  readonly clock: Clock;
  readonly random: Random;
  readonly changes: Changes;
  readonly directory: Directory;
  readonly app: App;
  readonly messages: Messages;
  readonly views: Views;
  readonly handles: Handles;
  readonly limits: RateLimits;
  readonly faults: FaultTable;
  readonly wire: Wire;
  readonly delivery: Delivery;
  readonly settings: { readonly ackMs: number; readonly commandReplace: 'honoured' | 'ignored' };
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  origin(): string;
  /** A URL for a Socket Mode connection, good for one connection; undefined when there are ten already. */
  socketUrl(): string | undefined;
}
