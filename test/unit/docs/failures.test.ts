import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const codes = [...readFileSync('src/domain/failure.ts', 'utf8').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map((match) => match[1]);
const entries = [...readFileSync('docs/failures.md', 'utf8').matchAll(/^\| `([a-z-]+)` +\|/gm)].map((match) => match[1]);

describe('docs/failures.md', () => {
  it('has one entry per failure code, and none for a code that does not exist', () => {
    expect(codes.length).toBeGreaterThan(40);
    expect(entries.toSorted()).toEqual(codes.toSorted());
  });
});
