import type { ZonedClock } from './local-time.ts';
import { DAY_MINUTES, dayNumber, instantsOf, offsetChange, wallMinutes, weekdayOf } from './local-time.ts';
import type { PlannedFreeze, Schedule, WindowSpan } from './policy.ts';

export type { ZonedClock } from './local-time.ts';

export type Opening =
  | { open: true }
  /** `opensAt`: milliseconds; left out where no opening can be foreseen (a freeze without an end). */
  | { open: false; because: 'window' | 'freeze'; reason?: string /** Who froze it, by hand. */; by?: string; opensAt?: number };

/** Made by `/repull freeze`; `until` in milliseconds, left out: until somebody unfreezes. */
interface RuntimeFreeze {
  readonly reason: string;
  readonly until?: number;
  readonly by?: string;
}

export interface Also {
  readonly freezes?: readonly RuntimeFreeze[];
  /** Incident rules and break-glass: the hours do not count. Freezes always do. */
  readonly ignoreWindows?: boolean;
}

/** A freeze as instants, `end` not included. */
interface Frozen {
  readonly start: number;
  readonly end: number | undefined;
  readonly reason: string | undefined;
  readonly by?: string | undefined;
}

const DAY = DAY_MINUTES * 60_000;
/** A weekly window that clocks skip this week (02:00-03:00 in spring) is there again the week after. */
const HORIZON_DAYS = 15;

/** May this environment be changed at this instant, and when may it next? Deny beats allow: a freeze inside a window is a freeze. */
export function openAt(schedule: Schedule, nowMs: number, clock: ZonedClock, also: Also = {}): Opening {
  const frozen = [...(also.freezes ?? []).map(fromNow), ...schedule.freezes.map((freeze) => asInstants(freeze, schedule.zone, clock))];
  const spans = also.ignoreWindows === true ? undefined : schedule.windows;
  const freeze = frozenAt(frozen, nowMs);
  if (freeze === undefined && isInside(spans, nowMs, schedule.zone, clock)) return { open: true };
  const opensAt = nextOpening(frozen, spans, nowMs, schedule.zone, clock);
  return {
    open: false,
    because: freeze === undefined ? 'window' : 'freeze',
    ...(freeze?.reason === undefined ? {} : { reason: freeze.reason }),
    ...(freeze?.by === undefined ? {} : { by: freeze.by }),
    ...(opensAt === undefined ? {} : { opensAt }),
  };
}

const fromNow = (freeze: RuntimeFreeze): Frozen => ({
  start: Number.NEGATIVE_INFINITY,
  end: freeze.until,
  reason: freeze.reason,
  by: freeze.by,
});

/** Where clocks go back, a time happens twice: a freeze begins at the first and ends at the last, because no is the safe answer. */
function asInstants(freeze: PlannedFreeze, zone: string, clock: ZonedClock): Frozen {
  const first = wallOf(freeze.from.date, freeze.from.minutes ?? 0);
  const last = wallOf(freeze.to.date, freeze.to.minutes ?? DAY_MINUTES);
  return { start: instantsOf(first, zone, clock)[0] ?? 0, end: instantsOf(last, zone, clock).at(-1), reason: freeze.reason };
}

const wallOf = (date: string, minutes: number): number => (dayNumber(date) ?? 0) * DAY_MINUTES + minutes;

const frozenAt = (frozen: readonly Frozen[], at: number): Frozen | undefined =>
  frozen.find((freeze) => freeze.start <= at && (freeze.end === undefined || at < freeze.end));

/** The wall clock decides, so 09:00 is 09:00 in summer and in winter. No windows at all: always inside. */
function isInside(spans: readonly WindowSpan[] | undefined, at: number, zone: string, clock: ZonedClock): boolean {
  if (spans === undefined) return true;
  const { weekday, minutes } = clock(at, zone);
  const yesterday = (weekday + 6) % 7;
  return spans.some((span) => {
    if (span.to > span.from) return span.days.includes(weekday) && span.from <= minutes && minutes < span.to;
    return (span.days.includes(weekday) && span.from <= minutes) || (span.days.includes(yesterday) && minutes < span.to);
  });
}

/** Steps from the end of a freeze to the start of a window and on, until both agree. Every freeze is left at most once. */
function nextOpening(
  frozen: readonly Frozen[],
  spans: readonly WindowSpan[] | undefined,
  nowMs: number,
  zone: string,
  clock: ZonedClock,
): number | undefined {
  let at: number | undefined = nowMs;
  for (let step = 0; at !== undefined && step <= 2 * (frozen.length + 1); step += 1) {
    const freeze = frozenAt(frozen, at);
    if (freeze !== undefined) at = freeze.end;
    else if (isInside(spans, at, zone, clock)) return at;
    else at = nextStart(spans ?? [], at, zone, clock);
  }
  return undefined;
}

/** Clocks that go back may lead into a window a second time, so changes of the offset are candidates beside the starts. */
function nextStart(spans: readonly WindowSpan[], after: number, zone: string, clock: ZonedClock): number | undefined {
  const today = Math.floor(wallMinutes(after, zone, clock) / DAY_MINUTES);
  const candidates: number[] = [];
  for (let ahead = 0; ahead <= HORIZON_DAYS; ahead += 1) {
    const day = today + ahead;
    for (const span of spans) {
      if (span.days.includes(weekdayOf(day))) candidates.push(...instantsOf(day * DAY_MINUTES + span.from, zone, clock));
    }
    const change = offsetChange(after + ahead * DAY, after + (ahead + 1) * DAY, zone, clock);
    if (change !== undefined) candidates.push(change);
  }
  return candidates.filter((at) => at > after && isInside(spans, at, zone, clock)).toSorted((a, b) => a - b)[0];
}
