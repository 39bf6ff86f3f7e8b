import { z } from 'zod';
import { publishHome } from '../publish-home.ts';
import { accept, keyOf } from './accept.ts';
import type { ListenerDeps } from './deps.ts';

const HomeEvent = z.object({
  user: z.string().min(1).max(64),
  tab: z.string().optional(),
  view: z.object({ hash: z.string().max(200) }).optional(),
});

/** Between two drawings for one person: whoever flips through tabs must not use up what Slack allows us. */
const EVERY_MS = 1_000;

/** The page is drawn when it is opened. Losing one costs nothing: it is drawn again at the next opening. */
export function makeHome(deps: ListenerDeps, now: () => number = Date.now): (event: unknown, eventId: string) => Promise<void> {
  const drawing = new Map<string, { since: number; again: boolean }>();

  const draw = async (user: string, hash: string | undefined): Promise<void> => {
    const kept = drawing.get(user);
    if (kept !== undefined) {
      kept.again = true;
      return;
    }
    const mine = { since: now(), again: false };
    drawing.set(user, mine);
    await publish(deps, user, hash);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, mine.since + EVERY_MS - now())).unref());
    drawing.delete(user);
    // Opened once more while it was drawn: what was shown may be old already. Its hash is not known, and it is newer than any other.
    if (mine.again) await draw(user, undefined);
  };

  return async (event, eventId) => {
    const parsed = HomeEvent.safeParse(event);
    if (!parsed.success || (parsed.data.tab ?? 'home') !== 'home') return;
    const { user, view } = parsed.data;
    if (deps.callbacks.home === undefined) {
      await accept(deps, { kind: 'home', user, team: deps.teamId }, keyOf('event', eventId));
      return;
    }
    // Not awaited by the acknowledgement: it asks Slack and Redis several things.
    void draw(user, view?.hash);
  };
}

/** A drawing that was overtaken by a later one is not needed any more. */
async function publish(deps: ListenerDeps, user: string, hash: string | undefined): Promise<void> {
  try {
    const content = await deps.callbacks.home?.(user, deps.teamId);
    if (content === undefined) return;
    const result = await publishHome(deps.clients.interactive, user, content, hash);
    if (!result.ok && result.because !== 'stale') deps.log.warn({ because: result.because }, 'the App Home could not be drawn');
  } catch (error) {
    deps.log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'the App Home could not be drawn');
  }
}
