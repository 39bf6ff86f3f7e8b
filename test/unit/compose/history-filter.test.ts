import { describe, expect, it } from 'vitest';
import { historyFilter } from '../../../src/compose/history-filter.ts';

describe('repull history --json', () => {
  it.each`
    line                                          | filter
    ${'--json'}                                   | ${{}}
    ${'--json --app my-app --environment prod'}   | ${{ app: 'my-app', environment: 'prod' }}
    ${'--json --user U0123ABCD --result failed'}  | ${{ requester: 'U0123ABCD', status: 'failed' }}
    ${'--json --since 2026-11-01'}                | ${{ since: Date.UTC(2026, 10, 1) }}
    ${'--json --until 2026-11-01T08:30'}          | ${{ until: Date.UTC(2026, 10, 1, 8, 30) }}
    ${'--json --until 2026-11-01T08:30:00+01:00'} | ${{ until: Date.UTC(2026, 10, 1, 7, 30) }}
  `('$line', ({ line, filter }) => {
    expect(historyFilter((line as string).split(' '))).toEqual(filter);
  });

  it.each`
    line                           | wrong
    ${'--app my-app'}              | ${'add --json'}
    ${'--json --result broken'}    | ${'there is no such state'}
    ${'--json --since monday'}     | ${'write a day'}
    ${'--json --until 2026-13-45'} | ${'write a day'}
    ${'--json --colour red'}       | ${'--colour'}
    ${'--json more'}               | ${'more'}
  `('$line is wrong usage: $wrong', ({ line, wrong }) => {
    expect(historyFilter((line as string).split(' '))).toEqual({ wrong: expect.stringContaining(wrong) });
  });
});
