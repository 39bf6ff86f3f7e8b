import { describe, expect, it } from 'vitest';
import { sampled } from '../../../src/ops/sampled.ts';

describe('errors that come many times a second', () => {
  it('are reported once per kind and second, with how many were left out', () => {
    const reported: [string, number][] = [];
    let now = 0;
    const report = sampled(
      (error, unreported) => reported.push([error.message, unreported]),
      1_000,
      () => now,
    );
    for (const at of [0, 1, 999]) {
      now = at;
      report(new Error('ECONNREFUSED'));
    }
    report(new Error('READONLY'));
    now = 1_000;
    report(new Error('ECONNREFUSED'));
    expect(reported).toEqual([
      ['ECONNREFUSED', 0],
      ['READONLY', 0],
      ['ECONNREFUSED', 2],
    ]);
  });
});
