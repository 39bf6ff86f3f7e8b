import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rfc3339 } from '../../../src/domain/rfc3339.ts';

it('writes a moment as Go and JavaScript do, to the second', () => {
  expect(rfc3339(1_796_158_800_000)).toBe('2026-12-01T21:00:00Z');
  expect(rfc3339(951_782_400_000)).toBe('2000-02-29T00:00:00Z');
  fc.assert(
    fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
      expect(rfc3339(date.getTime())).toBe(date.toISOString().replace(/\.\d+Z$/, 'Z'));
    }),
  );
});
