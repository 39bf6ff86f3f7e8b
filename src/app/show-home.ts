import type { Answer } from './answers.ts';
import { askHome } from './ask-home.ts';
import type { BotDeps } from './bot-deps.ts';
import { tell, type Call } from './run-command.ts';

/** The answer to a button: beside the card, or on the App Home where it was pressed there, which then no longer offers what is done. */
export async function answerPressed(deps: BotDeps, call: Call, home: string | undefined, answer: Answer | undefined): Promise<void> {
  if (home !== undefined && (await showHome(deps, call, home, answer))) return;
  if (answer !== undefined) await tell(deps, call, answer);
}

/**
 * Draws the App Home anew after something was done there, with what came of it. Whoever drew it meanwhile may have looked before that, so it is
 * looked at again and drawn over. @returns whether it is shown
 */
export async function showHome(deps: BotDeps, who: { user: string; team: string }, hash: string, notice?: Answer): Promise<boolean> {
  for (const base of [hash, undefined]) {
    const content = { ...(await askHome(deps, who.user, who.team)), ...(notice === undefined ? {} : { notice }) };
    const result = await deps.channel.home(who.user, content, base);
    if (result.ok) return true;
    if (result.because === 'stale') continue;
    deps.log.warn({ user: who.user, because: result.because }, 'the App Home could not be drawn');
    return false;
  }
  return false;
}
