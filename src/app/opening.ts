import type { ZonedClock } from '../domain/local-time.ts';
import { isBreakGlass } from '../domain/decide.ts';
import type { Environment, PolicyDecision } from '../domain/policy.ts';
import { openAt, type Opening } from '../domain/window.ts';
import type { Switches } from './ports.ts';

/** Windows, planned freezes and `/repull freeze`, asked the same way at intake, at approval and before the first write. */
export async function openingOf(
  deps: { switches: Switches; zoned: ZonedClock },
  environment: Environment,
  now: number,
  decision: PolicyDecision,
): Promise<Opening> {
  const freezes = (await deps.switches.freezes()).filter((each) => each.environment === environment.name);
  const ignoreWindows = decision.verdict !== 'deny' && (decision.incident?.ignoreWindows === true || isBreakGlass(decision));
  return openAt(environment, now, deps.zoned, { freezes, ignoreWindows });
}
