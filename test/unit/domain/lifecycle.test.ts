import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdsPlace, isLegal, isTerminal, legalPairs, MOVES, OPEN_STATUSES, STATUSES } from '../../../src/domain/lifecycle.ts';

const TERMINAL = ['refused', 'denied', 'rejected', 'expired', 'cancelled', 'succeeded', 'failed', 'superseded'] as const;

describe('the life of a request', () => {
  it('ends in these statuses and in no other', () => {
    expect(STATUSES.filter(isTerminal).toSorted()).toEqual([...TERMINAL].toSorted());
  });

  it.each(STATUSES.flatMap((from) => STATUSES.map((to) => ({ from, to }))))(
    '$from → $to is legal exactly where the table says so',
    ({ from, to }) => {
      expect(isLegal(from, to)).toBe(MOVES[from].includes(to));
      expect(legalPairs().includes(`${from}>${to}`)).toBe(isLegal(from, to));
      expect(isTerminal(from) && isLegal(from, to)).toBe(false);
    },
  );

  it('lets every open status be said again, because delivery is at least once', () => {
    for (const status of OPEN_STATUSES) expect(isLegal(status, status)).toBe(true);
  });

  it('never comes back from an end, whatever is tried', () => {
    const walk = (tries: readonly (typeof STATUSES)[number][]): (typeof STATUSES)[number][] => {
      const path: (typeof STATUSES)[number][] = ['planning'];
      for (const next of tries) if (isLegal(path.at(-1) ?? 'planning', next)) path.push(next);
      return path;
    };
    const endsOnce = fc.property(fc.array(fc.constantFrom(...STATUSES), { maxLength: 40 }), (tries) =>
      walk(tries)
        .slice(0, -1)
        .every((status) => !isTerminal(status)),
    );
    expect(() => fc.assert(endsOnce)).not.toThrow();
  });

  it('reaches an end from every open status', () => {
    const ends = (from: (typeof STATUSES)[number], seen: Set<string>): boolean =>
      isTerminal(from) || MOVES[from].some((to) => !seen.has(to) && ends(to, new Set([...seen, to])));
    for (const status of OPEN_STATUSES) expect(ends(status, new Set([status]))).toBe(true);
  });

  it('rolls out only what has stood in the line', () => {
    expect(STATUSES.filter((from) => from !== 'rolling-out' && isLegal(from, 'rolling-out'))).toEqual(['queued']);
    expect(STATUSES.filter(holdsPlace)).toEqual(['queued', 'rolling-out']);
  });
});
