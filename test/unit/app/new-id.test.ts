import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { newId, readId } from '../../../src/app/new-id.ts';

const moment = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2058, 0, 1) });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the id of a request', () => {
  it('is ten letters and digits that cannot be taken for one another', () => {
    fc.assert(
      fc.property(moment, chance, (at, random) => {
        expect(newId(at, () => random)).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}-[0-9A-HJKMNP-TV-Z]{4}$/);
      }),
    );
  });

  it('sorts by the second in which it was made', () => {
    fc.assert(
      fc.property(moment, moment, chance, chance, (a, b, one, two) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        fc.pre(Math.floor(late / 1000) > Math.floor(early / 1000));
        expect(newId(early, () => one) < newId(late, () => two)).toBe(true);
      }),
    );
  });

  it('is another one for another chance in the same second', () => {
    expect(newId(1_800_000_000_000, () => 0)).not.toBe(newId(1_800_000_000_000, () => 1 / 2 ** 20));
  });

  it('is understood as people type and say it', () => {
    fc.assert(
      fc.property(moment, chance, (at, random) => {
        const id = newId(at, () => random);
        expect(readId(id)).toBe(id);
        expect(readId(` ${id.toLowerCase().replace('-', '')} `)).toBe(id);
        expect(readId(id.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(id);
        expect(readId(id.replaceAll('1', 'I'))).toBe(id);
      }),
    );
  });

  it.each(['', '0VKZ4C-7QX', '0VKZ4C-7QXMM', 'not an id', '0VKZ4C-7QXU', 'my-app prod'])('is not seen in "%s"', (text) => {
    expect(readId(text)).toBeUndefined();
  });
});
