import type { Rank } from '../app/ports-budget.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import type { RequestRecord } from '../domain/request.ts';

/**
 * How urgent an update of a card is. That a rollout began is urgent only where the card still has buttons to decide with.
 * @param shown hash of what Slack shows now; it begins with the status.
 */
export function rankOfUpdate(record: RequestRecord, shown: string | undefined): Rank {
  const { status } = record.state;
  if (isTerminal(status)) return 'terminal';
  const before = shown?.split(':')[0];
  return status === 'rolling-out' && before !== 'awaiting-approval' && before !== 'scheduled' ? 'progress' : 'state';
}

/** A channel takes one message a second: what the whole channel is to know, then the threads of what has ended, then the others. */
export function rankOfEntry(record: RequestRecord, broadcast: boolean): Rank {
  if (broadcast) return 'terminal';
  return isTerminal(record.state.status) ? 'state' : 'progress';
}
