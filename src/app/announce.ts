import type { BotDeps } from './bot-deps.ts';
import { postOnce } from './post-once.ts';
import { ANNOUNCED } from './ports-slack.ts';
import type { Step } from './step.ts';

/** Until there is a token again: nothing can be said, and nothing is lost by waiting. Milliseconds. */
const WITHOUT_TOKEN = 60_000;

/**
 * Said once, however often it is asked for: written down under its id first, and posted by the `slack` queue, like a card. `channel` may be a
 * person's id. Whoever calls is itself repeated until this has returned.
 */
export async function announce(deps: BotDeps, id: string, channel: string, text: string): Promise<void> {
  await deps.announcements.put({ id, channel, text });
  await deps.queues.announce(id);
}

/** The `announce` job. */
export async function tellAnnouncement(deps: BotDeps, id: string): Promise<Step> {
  const announcement = await deps.announcements.load(id);
  if (announcement === undefined) return 'done';
  const { channel, text } = announcement;
  const delivery = await deps.deliveries.delivery(id);
  const said = await postOnce(deps, announcement, delivery, ANNOUNCED, { channel }, undefined, () =>
    deps.channel.announce(channel, text, undefined, id),
  );
  if ('again' in said) return said;
  return 'dead' in said && said.everywhere === true ? { again: WITHOUT_TOKEN } : 'done';
}
