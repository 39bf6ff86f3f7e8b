/**
 * Wall clocks and instants. The domain may not ask what a time zone is, so a `ZonedClock` arrives as an argument
 * (config/zoned-clock.ts has the real one); everything else here is arithmetic.
 */

/** What the clock on the wall shows there at that instant. */
export type ZonedClock = (epochMs: number, zone: string) => WallClock;

export interface WallClock {
  /** `2026-12-20`. */
  readonly date: string;
  /** 0 = Sunday … 6 = Saturday. */
  readonly weekday: number;
  /** Whole minutes since local midnight, 0…1439. */
  readonly minutes: number;
}

export const DAY_MINUTES = 1440;
const MINUTE = 60_000;
const DAY = DAY_MINUTES * MINUTE;

/** Days since 1970-01-01 of a proleptic Gregorian date; undefined where there is no such day. */
export function dayNumber(date: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  // Years begin in March, so that the leap day is the last one (http://howardhinnant.github.io/date_algorithms.html#days_from_civil).
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** `09:00` as minutes since midnight, up to `24:00`; undefined for anything else. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minutes <= DAY_MINUTES ? minutes : undefined;
}

export const formatClock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** The wall clock as one number: minutes since 1970-01-01 00:00 on that wall. */
export function wallMinutes(epochMs: number, zone: string, clock: ZonedClock): number {
  const wall = clock(epochMs, zone);
  return (dayNumber(wall.date) ?? 0) * DAY_MINUTES + wall.minutes;
}

/**
 * The instants (ms) at which the wall shows this minute: one as a rule, two where clocks went back, and where they went
 * forward over it the first instant after the gap.
 */
export function instantsOf(wall: number, zone: string, clock: ZonedClock): number[] {
  const asUtc = wall * MINUTE;
  const offset = (at: number): number => wallMinutes(at, zone, clock) * MINUTE - Math.floor(at / MINUTE) * MINUTE;
  // A zone changes its offset at most once in two days, so the day before and the day after know every candidate.
  const offsets = [...new Set([offset(asUtc - DAY), offset(asUtc + DAY)])];
  const hits = offsets.map((by) => asUtc - by).filter((at) => wallMinutes(at, zone, clock) === wall);
  if (hits.length > 0) return hits.toSorted((a, b) => a - b);
  return [firstInstant(asUtc - Math.max(...offsets), asUtc - Math.min(...offsets), (at) => wallMinutes(at, zone, clock) >= wall)];
}

/** The whole minute in (from, to] at which `is` becomes true; it must be false at `from` and true at `to`. */
function firstInstant(from: number, to: number, is: (at: number) => boolean): number {
  let no = Math.floor(from / MINUTE) - 1;
  let yes = Math.ceil(to / MINUTE);
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (is(middle * MINUTE)) yes = middle;
    else no = middle;
  }
  return yes * MINUTE;
}

/** Where the zone changes its offset in this stretch, if it does: the first instant with the new one. */
export function offsetChange(from: number, to: number, zone: string, clock: ZonedClock): number | undefined {
  const offset = (at: number): number => wallMinutes(at, zone, clock) - Math.floor(at / MINUTE);
  const before = offset(from);
  return offset(to) === before ? undefined : firstInstant(from, to, (at) => offset(at) !== before);
}

/** What a wall clock time means in a zone: one instant, the first of two where clocks go back over it, or none where they go forward over it. */
export type WallReading =
  | { is: 'once' | 'twice'; at: number }
  /** `next`: the first instant after the gap. */
  | { is: 'skipped'; next: number }
  /** No such day. */
  | { is: 'never' };

export function readWall(zone: string, date: string, minutes: number, clock: ZonedClock): WallReading {
  const day = dayNumber(date);
  if (day === undefined) return { is: 'never' };
  const wall = day * DAY_MINUTES + minutes;
  const [first = 0, second] = instantsOf(wall, zone, clock);
  if (wallMinutes(first, zone, clock) !== wall) return { is: 'skipped', next: first };
  return { is: second === undefined ? 'once' : 'twice', at: first };
}

/** `2026-12-01 22:00`, as the wall there shows it. */
export function wallText(epochMs: number, zone: string, clock: ZonedClock): string {
  const wall = clock(epochMs, zone);
  return `${wall.date} ${formatClock(wall.minutes)}`;
}
