import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zonedClock } from '../../../src/config/zoned-clock.ts';
import { openAt } from '../../../src/domain/window.ts';
import { parseWindow } from '../../../src/domain/window-syntax.ts';
import { at, BERLIN, freeze, look, NEW_YORK, schedule } from './a-schedule.ts';

describe('a window', () => {
  // 2026-11-23 is a Monday.
  it.each`
    window                   | zone        | now                       | answer
    ${'Mon-Thu 09:00-16:30'} | ${BERLIN}   | ${'2026-11-23T07:59:59Z'} | ${'window until 2026-11-23T08:00Z'}
    ${'Mon-Thu 09:00-16:30'} | ${BERLIN}   | ${'2026-11-23T08:00:00Z'} | ${'open'}
    ${'Mon-Thu 09:00-16:30'} | ${BERLIN}   | ${'2026-11-23T15:29:59Z'} | ${'open'}
    ${'Mon-Thu 09:00-16:30'} | ${BERLIN}   | ${'2026-11-23T15:30:00Z'} | ${'window until 2026-11-24T08:00Z'}
    ${'Mon-Thu 09:00-16:30'} | ${BERLIN}   | ${'2026-11-26T18:00:00Z'} | ${'window until 2026-11-30T08:00Z'}
    ${'Mon 09:00-12:00'}     | ${'UTC'}    | ${'2026-11-23T12:00:00Z'} | ${'window until 2026-11-30T09:00Z'}
    ${'Fri-Mon 10:00-11:00'} | ${'UTC'}    | ${'2026-11-22T10:30:00Z'} | ${'open'}
    ${'Fri-Mon 10:00-11:00'} | ${'UTC'}    | ${'2026-11-23T10:30:00Z'} | ${'open'}
    ${'Fri-Mon 10:00-11:00'} | ${'UTC'}    | ${'2026-11-24T10:30:00Z'} | ${'window until 2026-11-27T10:00Z'}
    ${'Mon 22:00-02:00'}     | ${'UTC'}    | ${'2026-11-24T01:59:00Z'} | ${'open'}
    ${'Mon 22:00-02:00'}     | ${'UTC'}    | ${'2026-11-24T02:00:00Z'} | ${'window until 2026-11-30T22:00Z'}
    ${'Mon 22:00-02:00'}     | ${'UTC'}    | ${'2026-11-23T01:00:00Z'} | ${'window until 2026-11-23T22:00Z'}
    ${'Sat 22:00-02:00'}     | ${'UTC'}    | ${'2026-11-22T01:00:00Z'} | ${'open'}
    ${'22:00-02:00'}         | ${NEW_YORK} | ${'2026-11-23T03:00:00Z'} | ${'open'}
    ${'22:00-02:00'}         | ${NEW_YORK} | ${'2026-11-23T07:00:00Z'} | ${'window until 2026-11-24T03:00Z'}
    ${'Sun 00:00-24:00'}     | ${'UTC'}    | ${'2026-11-22T23:59:59Z'} | ${'open'}
    ${'Sun 00:00-24:00'}     | ${'UTC'}    | ${'2026-11-23T00:00:00Z'} | ${'window until 2026-11-29T00:00Z'}
    ${'Mon 22:00-00:00'}     | ${'UTC'}    | ${'2026-11-24T00:00:00Z'} | ${'window until 2026-11-30T22:00Z'}
  `('$window in $zone at $now: $answer', ({ window, zone, now, answer }) => {
    expect(look(schedule(zone, [window]), now)).toBe(answer);
  });

  it('is always open where there are none', () => {
    expect(look(schedule('UTC', undefined), '2026-11-23T03:00:00Z')).toBe('open');
  });

  it('opens at the nearest of several', () => {
    expect(look(schedule('UTC', ['Wed 09:00-10:00', 'Tue 20:00-21:00']), '2026-11-23T12:00:00Z')).toBe('window until 2026-11-24T20:00Z');
  });
});

describe('a freeze', () => {
  const holidays = freeze('2026-12-20', '2027-01-03', 'holiday freeze');

  it.each`
    now                       | answer
    ${'2026-12-19T22:59:59Z'} | ${'open'}
    ${'2026-12-19T23:00:00Z'} | ${'freeze until 2027-01-03T23:00Z'}
    ${'2027-01-03T22:59:59Z'} | ${'freeze until 2027-01-03T23:00Z'}
    ${'2027-01-03T23:00:00Z'} | ${'open'}
  `('covers both its days, in the zone, at $now: $answer', ({ now, answer }) => {
    expect(look(schedule(BERLIN, undefined, [holidays]), now)).toBe(answer);
  });

  it('may have times', () => {
    const plan = schedule(BERLIN, undefined, [freeze('2026-12-20 18:00', '2026-12-21 06:00')]);
    expect(look(plan, '2026-12-20T16:59:59Z')).toBe('open');
    expect(look(plan, '2026-12-20T17:00:00Z')).toBe('freeze until 2026-12-21T05:00Z');
    expect(look(plan, '2026-12-21T05:00:00Z')).toBe('open');
  });

  it('inside a window wins over it, and the next opening heeds both', () => {
    const plan = schedule(BERLIN, ['Mon-Thu 09:00-16:30'], [holidays]);
    expect(openAt(plan, at('2026-12-21T10:00:00Z'), zonedClock)).toEqual({
      open: false,
      because: 'freeze',
      reason: 'holiday freeze',
      opensAt: at('2027-01-04T08:00:00Z'),
    });
    // The Thursday evening before: Friday to Sunday are closed, then the freeze.
    expect(look(plan, '2026-12-17T18:00:00Z')).toBe('window until 2027-01-04T08:00Z');
  });

  it('made at runtime counts too, and one without an end has no next opening', () => {
    const plan = schedule('UTC', ['Mon 09:00-12:00']);
    const now = '2026-11-23T10:00:00Z';
    expect(look(plan, now, { freezes: [{ reason: 'incident' }] })).toBe('freeze until never');
    expect(look(plan, now, { freezes: [{ reason: 'incident', until: at('2026-11-23T11:00:00Z') }] })).toBe(
      'freeze until 2026-11-23T11:00Z',
    );
    expect(look(plan, now, { freezes: [{ reason: 'incident', until: at('2026-11-23T12:00:00Z') }] })).toBe(
      'freeze until 2026-11-30T09:00Z',
    );
    expect(look(plan, now, { freezes: [{ reason: 'over', until: at('2026-11-23T09:59:00Z') }] })).toBe('open');
  });

  it('is never ignored where windows are', () => {
    const plan = schedule(BERLIN, ['Mon-Thu 09:00-16:30'], [holidays]);
    expect(look(plan, '2026-12-05T10:00:00Z', { ignoreWindows: true })).toBe('open');
    expect(look(plan, '2026-12-21T10:00:00Z', { ignoreWindows: true })).toBe('freeze until 2027-01-03T23:00Z');
  });

  it('ends at the second midnight where clocks go back over it', () => {
    // Azores: 2026-10-25 01:00 → 00:00 at 01:00Z, so Sunday's midnight comes twice.
    const plan = schedule('Atlantic/Azores', undefined, [freeze('2026-10-20', '2026-10-24')]);
    expect(look(plan, '2026-10-25T00:30:00Z')).toBe('freeze until 2026-10-25T01:00Z');
  });

  it('overlapping another is left at the end of the last', () => {
    const plan = schedule('UTC', undefined, [
      freeze('2026-12-01', '2026-12-10'),
      freeze('2026-12-05', '2026-12-20'),
      freeze('2026-12-21', '2026-12-21'),
    ]);
    expect(look(plan, '2026-12-03T00:00:00Z')).toBe('freeze until 2026-12-22T00:00Z');
  });
});

describe('the next opening', () => {
  const clockText = fc
    .integer({ min: 0, max: 95 })
    .map((quarter) => `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`);
  const day = fc.constantFrom('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun');
  const window = fc
    .tuple(day, day, clockText, clockText)
    .filter(([, , from, to]) => from !== to)
    .map(([a, b, from, to]) => `${a}-${b} ${from}-${to}`);
  const zone = fc.constantFrom(BERLIN, NEW_YORK, 'UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe');
  const quarter = 900_000;

  it('is open, and no earlier quarter of an hour is', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(
        zone,
        fc.array(window, { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 0, max: 35_000 }),
        (where, windows, quarters) => {
          const plan = schedule(where, windows);
          const now = at('2026-01-01T00:00:00Z') + quarters * quarter;
          const opening = openAt(plan, now, zonedClock);
          if (opening.open) return;
          const opensAt = opening.opensAt ?? Number.NaN;
          expect(openAt(plan, opensAt, zonedClock).open).toBe(true);
          expect(openAt(plan, opensAt - 60_000, zonedClock).open).toBe(false);
          // Far off openings are sampled, near ones walked.
          const step = quarter * Math.max(1, Math.floor((opensAt - now) / quarter / 20));
          for (let t = now; t < opensAt; t += step) expect(openAt(plan, t, zonedClock).open).toBe(false);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('what a window may look like', () => {
  it.each`
    text                     | wrong
    ${'Mon-Thu 9:00-16:30'}  | ${'is not a window'}
    ${'Mon-Thu'}             | ${'is not a window'}
    ${'Montag 09:00-10:00'}  | ${'"Montag" is not a day'}
    ${'Mon-Thx 09:00-10:00'} | ${'"Thx" is not a day'}
    ${'Mon 09:00-24:30'}     | ${'"24:30" is not a time'}
    ${'Mon 25:00-26:00'}     | ${'"25:00" is not a time'}
    ${'Mon 24:00-02:00'}     | ${'"24:00" is not a time'}
    ${'Mon 09:60-10:00'}     | ${'"09:60" is not a time'}
    ${'Mon 09:00-09:00'}     | ${'opens and closes at the same time'}
    ${''}                    | ${'is not a window'}
  `('"$text": $wrong', ({ text, wrong }) => {
    expect(parseWindow(text)).toEqual({ problem: expect.stringContaining(wrong) });
  });

  it('reads days in any case', () => {
    expect(parseWindow('sat-MON 10:00-11:00')).toMatchObject({ days: [6, 0, 1], from: 600, to: 660 });
  });
});
