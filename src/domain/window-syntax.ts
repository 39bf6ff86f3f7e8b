import { dayNumber, parseClock } from './local-time.ts';
import type { LocalTime, WindowSpan } from './policy.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const SHAPE = 'write it like "Mon-Thu 09:00-16:30", "Fri 22:00-02:00" or "09:00-17:00"';

/**
 * `Mon 09:00-12:00`; `Mon-Thu …`; `Fri-Mon …` wraps; without a day every day; `22:00-02:00` crosses midnight and belongs to the
 * day it starts; `24:00` is the end of the day.
 */
export function parseWindow(text: string): WindowSpan | { problem: string } {
  const match = /^(?:([A-Za-z]+)(?:-([A-Za-z]+))?\s+)?(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(text.trim());
  if (match === null) return { problem: `"${text}" is not a window; ${SHAPE}` };
  const [, firstDay, lastDay, opens = '', closes = ''] = match;
  const days = firstDay === undefined ? [0, 1, 2, 3, 4, 5, 6] : daysBetween(firstDay, lastDay ?? firstDay);
  if (typeof days === 'string') return { problem: `"${days}" is not a day of the week; known: Mon, Tue, Wed, Thu, Fri, Sat, Sun` };
  const from = parseClock(opens);
  const to = parseClock(closes);
  if (from === undefined || from === 1440) return { problem: `"${opens}" is not a time of day; write 00:00 to 23:59` };
  if (to === undefined) return { problem: `"${closes}" is not a time of day; write 00:00 to 24:00` };
  if (from === to) return { problem: `"${text}" opens and closes at the same time; a whole day is 00:00-24:00` };
  return { text: text.trim(), days, from, to };
}

/** The wrong word, or the days from one to the other, forward through the week. */
function daysBetween(first: string, last: string): number[] | string {
  const from = DAYS.indexOf(first.toLowerCase());
  const to = DAYS.indexOf(last.toLowerCase());
  if (from < 0) return first;
  if (to < 0) return last;
  const length = ((to - from + 7) % 7) + 1;
  return Array.from({ length }, (_, step) => (from + step) % 7);
}

/** `2026-12-20` or `2026-12-20 18:00`, also with a `T` between. */
export function parseLocalTime(text: string): LocalTime | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text.trim());
  const date = match?.[1];
  if (date === undefined || dayNumber(date) === undefined) return undefined;
  const clock = match?.[2];
  if (clock === undefined) return { date };
  const minutes = parseClock(clock);
  return minutes === undefined ? undefined : { date, minutes };
}
