import { describe, expect, it } from 'vitest';
import { zonedClock } from '../../../src/config/zoned-clock.ts';
import { readWall } from '../../../src/domain/local-time.ts';
import { BERLIN, freeze, iso, look, LORD_HOWE, NEW_YORK, schedule } from './a-schedule.ts';

describe('the days on which clocks change', () => {
  // Berlin: 2026-03-29 02:00 → 03:00 (01:00Z), 2026-10-25 03:00 → 02:00 (01:00Z). New York: 2026-03-08 02:00 → 03:00 (07:00Z), 2026-11-01 02:00 → 01:00 (06:00Z).
  it.each`
    what                                        | zone        | window               | now                       | answer
    ${'nine is nine the Friday before'}         | ${BERLIN}   | ${'09:00-10:00'}     | ${'2026-03-28T07:00:00Z'} | ${'window until 2026-03-28T08:00Z'}
    ${'nine is nine the same Sunday'}           | ${BERLIN}   | ${'09:00-10:00'}     | ${'2026-03-28T23:30:00Z'} | ${'window until 2026-03-29T07:00Z'}
    ${'opening seen from before the change'}    | ${NEW_YORK} | ${'Mon 09:00-10:00'} | ${'2026-03-07T12:00:00Z'} | ${'window until 2026-03-09T13:00Z'}
    ${'opening seen from before going back'}    | ${NEW_YORK} | ${'Mon 09:00-10:00'} | ${'2026-10-31T12:00:00Z'} | ${'window until 2026-11-02T14:00Z'}
    ${'a start that is skipped opens after it'} | ${BERLIN}   | ${'Sun 02:30-04:00'} | ${'2026-03-29T00:00:00Z'} | ${'window until 2026-03-29T01:00Z'}
    ${'a window that is skipped waits a week'}  | ${BERLIN}   | ${'Sun 02:00-03:00'} | ${'2026-03-29T00:30:00Z'} | ${'window until 2026-04-05T00:00Z'}
    ${'the skipped hour, the instant after'}    | ${BERLIN}   | ${'Sun 02:00-03:00'} | ${'2026-03-29T01:00:00Z'} | ${'window until 2026-04-05T00:00Z'}
    ${'the doubled hour, first time'}           | ${BERLIN}   | ${'Sun 02:00-03:00'} | ${'2026-10-25T00:30:00Z'} | ${'open'}
    ${'the doubled hour, second time'}          | ${BERLIN}   | ${'Sun 02:00-03:00'} | ${'2026-10-25T01:30:00Z'} | ${'open'}
    ${'closed between the two halves'}          | ${BERLIN}   | ${'Sun 01:00-02:30'} | ${'2026-10-25T00:45:00Z'} | ${'window until 2026-10-25T01:00Z'}
    ${'open again in the second half'}          | ${BERLIN}   | ${'Sun 01:00-02:30'} | ${'2026-10-25T01:15:00Z'} | ${'open'}
    ${'the doubled hour in New York'}           | ${NEW_YORK} | ${'Sun 01:00-02:00'} | ${'2026-11-01T06:30:00Z'} | ${'open'}
    ${'the skipped hour in New York'}           | ${NEW_YORK} | ${'Sun 02:00-03:00'} | ${'2026-03-08T06:59:00Z'} | ${'window until 2026-03-15T06:00Z'}
    ${'crossing midnight into the short day'}   | ${BERLIN}   | ${'Sat 23:00-03:30'} | ${'2026-03-29T01:15:00Z'} | ${'open'}
    ${'closing on the short day'}               | ${BERLIN}   | ${'Sat 23:00-03:30'} | ${'2026-03-29T01:30:00Z'} | ${'window until 2026-04-04T21:00Z'}
  `('$what', ({ zone, window, now, answer }) => {
    expect(look(schedule(zone, [window]), now)).toBe(answer);
  });

  // Lord Howe Island: 2026-10-04 02:00 → 02:30 (15:30Z the day before), 2027-04-04 02:00 → 01:30 (15:00Z the day before).
  it.each`
    what                                    | window               | now                       | answer
    ${'half an hour is skipped'}            | ${'Sun 02:00-02:30'} | ${'2026-10-03T15:30:00Z'} | ${'window until 2026-10-10T15:00Z'}
    ${'a start in the skipped half hour'}   | ${'Sun 02:15-04:00'} | ${'2026-10-03T15:00:00Z'} | ${'window until 2026-10-03T15:30Z'}
    ${'nine is nine after the half hour'}   | ${'Mon 09:00-10:00'} | ${'2026-10-03T12:00:00Z'} | ${'window until 2026-10-04T22:00Z'}
    ${'the doubled half hour, first time'}  | ${'Sun 01:30-02:00'} | ${'2027-04-03T14:45:00Z'} | ${'open'}
    ${'the doubled half hour, second time'} | ${'Sun 01:30-02:00'} | ${'2027-04-03T15:15:00Z'} | ${'open'}
    ${'closed between the two half hours'}  | ${'Sun 01:00-01:45'} | ${'2027-04-03T14:50:00Z'} | ${'window until 2027-04-03T15:00Z'}
    ${'closed after the second of the two'} | ${'Sun 01:30-02:00'} | ${'2027-04-03T15:30:00Z'} | ${'window until 2027-04-10T15:00Z'}
  `('on Lord Howe Island, $what', ({ window, now, answer }) => {
    expect(look(schedule(LORD_HOWE, [window]), now)).toBe(answer);
  });

  it('a freeze begins at the first of a doubled time and ends at its last', () => {
    const twice = schedule(BERLIN, undefined, [freeze('2026-10-25 02:30', '2026-10-25 02:45')]);
    expect(look(twice, '2026-10-25T00:29:59Z')).toBe('open');
    expect(look(twice, '2026-10-25T00:30:00Z')).toBe('freeze until 2026-10-25T01:45Z');
    expect(look(twice, '2026-10-25T01:44:59Z')).toBe('freeze until 2026-10-25T01:45Z');
  });

  it.each`
    zone         | date            | minutes | reading
    ${BERLIN}    | ${'2026-03-29'} | ${119}  | ${'once 2026-03-29T00:59Z'}
    ${BERLIN}    | ${'2026-03-29'} | ${120}  | ${'skipped 2026-03-29T01:00Z'}
    ${BERLIN}    | ${'2026-03-29'} | ${150}  | ${'skipped 2026-03-29T01:00Z'}
    ${BERLIN}    | ${'2026-03-29'} | ${180}  | ${'once 2026-03-29T01:00Z'}
    ${BERLIN}    | ${'2026-10-25'} | ${119}  | ${'once 2026-10-24T23:59Z'}
    ${BERLIN}    | ${'2026-10-25'} | ${150}  | ${'twice 2026-10-25T00:30Z'}
    ${BERLIN}    | ${'2026-10-25'} | ${180}  | ${'once 2026-10-25T02:00Z'}
    ${NEW_YORK}  | ${'2026-12-01'} | ${1320} | ${'once 2026-12-02T03:00Z'}
    ${NEW_YORK}  | ${'2026-03-08'} | ${150}  | ${'skipped 2026-03-08T07:00Z'}
    ${NEW_YORK}  | ${'2026-11-01'} | ${90}   | ${'twice 2026-11-01T05:30Z'}
    ${LORD_HOWE} | ${'2026-10-04'} | ${135}  | ${'skipped 2026-10-03T15:30Z'}
    ${LORD_HOWE} | ${'2026-10-04'} | ${150}  | ${'once 2026-10-03T15:30Z'}
    ${LORD_HOWE} | ${'2027-04-04'} | ${105}  | ${'twice 2027-04-03T14:45Z'}
    ${LORD_HOWE} | ${'2027-04-04'} | ${120}  | ${'once 2027-04-03T15:30Z'}
    ${'UTC'}     | ${'2026-02-28'} | ${0}    | ${'once 2026-02-28T00:00Z'}
    ${'UTC'}     | ${'2026-02-29'} | ${0}    | ${'never'}
  `('$minutes minutes into $date in $zone: $reading', ({ zone, date, minutes, reading }) => {
    const wall = readWall(zone, date, minutes, zonedClock);
    const at = wall.is === 'never' ? '' : ` ${iso(wall.is === 'skipped' ? wall.next : wall.at)}`;
    expect(`${wall.is}${at}`).toBe(reading);
  });
});
