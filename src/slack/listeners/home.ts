import { z } from 'zod';
import { problemOf } from '../errors.ts';
import { renderHome } from '../render/home.ts';
import { accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';

const HomeEvent = z.object({ user: z.string().min(1).max(64), tab: z.string().optional() });

/** The page is drawn when it is opened. Losing one costs nothing: it is drawn again at the next opening. */
export async function onHome(deps: ListenerDeps, event: unknown, eventId: string): Promise<void> {
  const parsed = HomeEvent.safeParse(event);
  if (!parsed.success || (parsed.data.tab ?? 'home') !== 'home') return;
  const { user } = parsed.data;
  const look = deps.callbacks.home;
  if (look === undefined) {
    await accept(deps, { kind: 'home', user, team: deps.teamId }, keyOf('event', eventId));
    return;
  }
  // Not awaited by the acknowledgement: it asks Slack and Redis several things.
  void draw(deps, user, look);
}

async function draw(deps: ListenerDeps, user: string, look: NonNullable<ListenerDeps['callbacks']['home']>): Promise<void> {
  try {
    const content = await look(user, deps.teamId);
    if (content !== undefined) await deps.clients.interactive.views.publish({ user_id: user, view: renderHome(content) });
  } catch (error) {
    const problem = problemOf(error);
    deps.log.warn(
      { because: problem.because, detail: 'detail' in problem ? problem.detail : undefined },
      'the App Home could not be drawn',
    );
  }
}
