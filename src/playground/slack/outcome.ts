/** What came of an action, and what Slack tells the person when it went wrong. */
import type { Ack } from './delivery.ts';
import { SLACKBOT } from './directory.ts';
import type { Hub } from './hub.ts';
import type { Outcome } from './types.ts';
import type { User } from './workspace-types.ts';

const RESPONSE_TIMEOUT = 'operation_timeout';
const DISPATCH_FAILED = 'dispatch_failed';

/** The part of an outcome that an acknowledgement decides. */
export const ofAck = (ack: Ack): Pick<Outcome, 'acked' | 'ackMs' | 'response'> =>
  ack.kind === 'acked' ? { acked: true, ackMs: ack.ms, response: ack.payload } : { acked: false };

/** Slack's words for an unanswered `what` ("/repull", "Approve"); undefined if it was answered. */
export function ackError(ack: Ack, what: string): string | undefined {
  if (ack.kind === 'acked') return undefined;
  return ack.kind === 'timeout'
    ? `${what} failed because the app did not respond. (${RESPONSE_TIMEOUT})`
    : `${what} failed because the app could not be reached. (${DISPATCH_FAILED})`;
}

/** Tells the person, and only them, in the channel. */
export function notice(hub: Hub, user: User, text: string, place: { channelId: string; threadTs?: string }): void {
  hub.messages.post({ ...place, userId: SLACKBOT, text, ephemeralFor: user.id, notice: true });
  hub.changes.tell({ kind: 'user-error', userId: user.id, channelId: place.channelId, text });
}

export function refused(hub: Hub, user: User, text: string, place: { channelId: string; threadTs?: string }): Outcome {
  notice(hub, user, text, place);
  return { kind: 'refused-by-slack', acked: true, error: text };
}
