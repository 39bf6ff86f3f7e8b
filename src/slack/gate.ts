import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { z } from 'zod';
import type { Log } from '../app/worker-deps.ts';

/** Slack's payloads name the app and the workspace in several places; one that is not ours is dropped before anything reads it. */
const Addressed = z.looseObject({
  type: z.string().optional(),
  api_app_id: z.string().optional(),
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  team: z.looseObject({ id: z.string() }).nullish(),
  authorizations: z.array(z.looseObject({ team_id: z.string().nullish() })).optional(),
});

export interface GateOptions {
  receiver: Receiver;
  teamId: string;
  /** Undefined where Slack did not tell; then only the signature, or the app token's own connection, vouches for it. */
  appId: string | undefined;
  /** Events are done here, before they are acknowledged: Bolt would acknowledge first. Throws: not acknowledged, Slack brings it again. */
  onEvent: (body: unknown) => Promise<void>;
  log: Log;
  now?: () => number;
}

export class NotFromNow extends Error {}
const SKEW_SECONDS = 300;

/** Stands between the transport and Bolt. Counts what is under way, so that a process can end without losing it. */
export function makeGate(options: GateOptions): { receiver: Receiver; idle: (ms: number) => Promise<void> } {
  const underWay = new Set<Promise<void>>();
  const admit = async (app: App, event: ReceiverEvent): Promise<void> => {
    refuseFuture(event, options.now ?? Date.now);
    if (!isOurs(event.body, options)) {
      options.log.warn({ type: String(event.body['type'] ?? 'command') }, 'a payload for another app or workspace was dropped');
      await event.ack();
      return;
    }
    if (event.body['type'] !== 'event_callback') return app.processEvent(event);
    await options.onEvent(event.body);
    await event.ack();
  };
  const receiver: Receiver = {
    init(app) {
      const door = {
        processEvent: (event: ReceiverEvent): Promise<void> => {
          const done = admit(app, event);
          const settled = done.catch(() => undefined).finally(() => underWay.delete(settled));
          underWay.add(settled);
          return done;
        },
      };
      // Receivers call nothing but processEvent.
      options.receiver.init(door as unknown as App);
    },
    start: (...args: unknown[]) => options.receiver.start(...args),
    stop: (...args: unknown[]) => options.receiver.stop(...args),
  };
  return {
    receiver,
    async idle(ms) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
      await Promise.race([Promise.all(underWay), late]);
    },
  };
}

/** Bolt refuses old signatures; Slack's advice is to refuse those from the future too. */
function refuseFuture(event: ReceiverEvent, now: () => number): void {
  const stamp: unknown = event.customProperties?.['slackTimestamp'];
  if (stamp === undefined) return;
  if (typeof stamp !== 'number' || !(stamp - now() / 1000 <= SKEW_SECONDS)) throw new NotFromNow('a request from the future');
}

function isOurs(body: unknown, options: GateOptions): boolean {
  const parsed = Addressed.safeParse(body);
  if (!parsed.success) return false;
  const { api_app_id: app, authorizations, team } = parsed.data;
  if (options.appId !== undefined && app !== options.appId) return false;
  if (parsed.data.type === 'event_callback') {
    // In a shared channel `team_id` may be the other workspace; the authorizations say on whose behalf it came.
    const ids =
      authorizations === undefined || authorizations.length === 0
        ? [parsed.data.context_team_id ?? parsed.data.team_id]
        : authorizations.map((each) => each.team_id);
    return ids.includes(options.teamId);
  }
  return (team?.id ?? parsed.data.team_id) === options.teamId;
}
