import { zonedClock } from '../../../src/config/zoned-clock.ts';
import type { PlannedFreeze, Schedule, WindowSpan } from '../../../src/domain/policy.ts';
import { openAt } from '../../../src/domain/window.ts';
import { parseLocalTime, parseWindow } from '../../../src/domain/window-syntax.ts';

export const BERLIN = 'Europe/Berlin';
export const NEW_YORK = 'America/New_York';
export const LORD_HOWE = 'Australia/Lord_Howe';

export const spans = (...texts: string[]): WindowSpan[] =>
  texts.map((text) => {
    const span = parseWindow(text);
    if ('problem' in span) throw new Error(span.problem);
    return span;
  });

export const freeze = (from: string, to: string, reason?: string): PlannedFreeze => ({
  from: parseLocalTime(from) ?? { date: '' },
  to: parseLocalTime(to) ?? { date: '' },
  ...(reason === undefined ? {} : { reason }),
});

export const schedule = (zone: string, windows: string[] | undefined, freezes: PlannedFreeze[] = []): Schedule => ({
  zone,
  ...(windows === undefined ? {} : { windows: spans(...windows) }),
  freezes,
});

export const at = (iso: string): number => Date.parse(iso);
export const iso = (ms: number | undefined): string => (ms === undefined ? 'never' : new Date(ms).toISOString().replace(':00.000Z', 'Z'));

/** One word for a table: `open`, or why not and until when. */
export function look(plan: Schedule, now: string, also = {}): string {
  const opening = openAt(plan, at(now), zonedClock, also);
  return opening.open ? 'open' : `${opening.because} until ${iso(opening.opensAt)}`;
}
