import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest, closestFew, editDistance } from '../../../src/command/suggest.ts';

describe('the closest match', () => {
  it.each`
    typed             | known                            | meant
    ${'prdo'}         | ${['prod', 'staging']}           | ${'prod'}
    ${'PROD'}         | ${['prod', 'staging']}           | ${'prod'}
    ${'stag'}         | ${['prod', 'staging']}           | ${'staging'}
    ${'my-app'}       | ${['my-apps', 'my-application']} | ${'my-apps'}
    ${'shop-c'}       | ${['shop-a', 'shop-b']}          | ${undefined}
    ${'sta'}          | ${['staging', 'standby']}        | ${undefined}
    ${'xyz'}          | ${['prod', 'staging']}           | ${undefined}
    ${'a'}            | ${['b', 'c']}                    | ${undefined}
    ${''}             | ${['b']}                         | ${undefined}
    ${'prod'}         | ${[]}                            | ${undefined}
    ${'x'.repeat(99)} | ${['x'.repeat(99)]}              | ${undefined}
  `('to $typed is $meant', ({ typed, known, meant }) => {
    expect(closest(typed, known)).toBe(meant);
  });

  it('has runners-up, best first, and no name twice', () => {
    expect(closestFew('prod-e', ['prod-us', 'prod-eu', 'prod', 'prod-eu', 'dev'])).toEqual(['prod-eu', 'prod', 'prod-us']);
  });
});

describe('the distance between two words', () => {
  it.each`
    a           | b            | edits
    ${'status'} | ${'stauts'}  | ${1}
    ${'freeze'} | ${'freze'}   | ${1}
    ${'cat'}    | ${'cut'}     | ${1}
    ${'kitten'} | ${'sitting'} | ${3}
    ${''}       | ${'abc'}     | ${3}
  `('$a and $b: $edits', ({ a, b, edits }) => {
    expect(editDistance(a, b)).toBe(edits);
  });

  it('is the same both ways, nothing only for the same word, and at most the longer word', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
