import { setTimeout as sleep } from 'node:timers/promises';
import type { Budget, SharedBudget, Turn } from '../app/ports-budget.ts';
import type { Log } from '../app/worker-deps.ts';
import { makeBudget } from './budget.ts';

/** A turn that comes within this is waited for here; a queue entry would come back no sooner. Milliseconds. */
const PATIENCE = 1_000;

/** Half and less of what one bot alone may use: the others do the same, and do not know of each other then. */
const CAUTIOUS = { updatesPerMinute: 15, progressPerMinute: 4, postEveryMs: 2_000, patienceMs: PATIENCE };

/** The one budget that all bots share. While it cannot be asked, each goes on with a small one of its own: nothing waits for Redis here. */
export function makeSharedBudget(shared: SharedBudget, log: Log): Budget {
  const alone = makeBudget(CAUTIOUS);

  const turn = async (ask: () => Promise<number>, instead: () => Promise<Turn>, waits: boolean): Promise<Turn> => {
    const deadline = performance.now() + PATIENCE;
    try {
      for (;;) {
        const ms = await ask();
        if (ms <= 0) return { go: true };
        if (!waits || performance.now() + ms > deadline) return { go: false, retryAfterMs: ms };
        await sleep(ms);
      }
    } catch (error) {
      log.debug({ problem: error instanceof Error ? error.message : 'unknown' }, 'the budget of Slack that all bots share cannot be asked');
      return instead();
    }
  };

  return {
    update: (claim) =>
      turn(
        () => shared.takeUpdate(claim),
        () => alone.update(claim),
        claim.rank !== 'progress',
      ),
    post: (channel, claim) =>
      turn(
        () => shared.takePost(channel, claim),
        () => alone.post(channel, claim),
        true,
      ),
    async pause(what, ms) {
      await alone.pause(what, ms);
      await shared.pause(what, ms).catch(() => undefined);
    },
  };
}
