import type { ZonedClock } from '../domain/local-time.ts';
import { isBreakGlass } from '../domain/decide.ts';
import type { Environment, PolicyDecision } from '../domain/policy.ts';
import { openAt, type Opening } from '../domain/window.ts';
import type { Failure } from '../domain/failure.ts';
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

/** Why a closed environment may not be changed now, who closed it, and when it opens again. */
export const closedFailure = (environment: Environment, open: Extract<Opening, { open: false }>): Failure => ({
  code: open.because === 'freeze' ? 'frozen' : 'outside-window',
  subject: environment.name,
  ...(open.reason === undefined ? {} : { evidence: open.reason }),
  ...(open.by === undefined ? {} : { by: open.by }),
  ...(open.opensAt === undefined ? {} : { at: open.opensAt }),
});

/** The same in a few words, where it stands beside something else. */
export const closedBy = ({ because, reason }: Extract<Opening, { open: false }>): string =>
  because === 'window' ? 'outside its maintenance window' : `frozen${reason === undefined ? '' : ` (${reason})`}`;
