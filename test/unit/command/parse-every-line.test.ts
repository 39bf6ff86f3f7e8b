import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, ParseContext } from '../../../src/command/command.ts';
import { FLAGS, VERBS } from '../../../src/command/grammar.ts';
import { parse } from '../../../src/command/parse.ts';
import { printCommand } from '../../../src/command/print.ts';
import { METHODS } from '../../../src/domain/method.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';
import { WORKLOAD_KINDS } from '../../../src/domain/workload.ts';

const here: ParseContext = {
  source: 'slash',
  prefix: '/repull',
  me: 'UBOT',
  apps: ['my-app', 'myapp', 'billing'],
  environments: ['prod', 'staging'],
};
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/).filter((text) => !(VERBS as string[]).includes(text));
const objectName = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const reason = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '')
  .map((text) => text.trim());
const duration = fc.constantFrom(20_000, 1_800_000, 7_200_000, 86_400_000, 90_000);
const perhaps = <T>(key: string, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  fc.option(arbitrary, { nil: undefined }).map((value) => (value === undefined ? {} : { [key]: value }));
const all = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((each) => Object.assign({}, ...each) as object);
const how = fc.oneof(
  fc.record({ via: fc.constantFrom(...METHODS.filter((each) => each !== 'set-image')), forceDelete: fc.constant(false) }),
  fc.record({
    via: fc.constant('set-image'),
    tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
    forceDelete: fc.constant(false),
  }),
  fc.record({
    via: fc.constant('set-image'),
    image: fc.constantFrom('a:v1', 'r.example:5000/a/b:V2', `a@sha256:${'0'.repeat(64)}`),
    forceDelete: fc.constant(false),
  }),
  fc.record({ via: fc.constant('evict'), pod: objectName, forceDelete: fc.boolean() }),
  fc.record({ via: fc.constant('evict'), forceDelete: fc.constant(true) }),
);
const options = all(
  how,
  perhaps('workload', fc.record({ kind: fc.constantFrom(...WORKLOAD_KINDS), name: objectName })),
  perhaps('container', objectName),
  perhaps('reason', reason),
  perhaps('at', fc.constantFrom({ kind: 'window' }, { kind: 'time', date: '2026-12-01', minutes: 1320 })),
  fc.record({ dryRun: fc.boolean(), force: fc.boolean() }),
);
const target = fc.record({ app: name, environment: name });
const command = fc.oneof(
  all(fc.constant({ verb: 'repull' }), target, fc.record({ options })),
  all(fc.constantFrom({ verb: 'check' }), target),
  all(fc.constant({ verb: 'rollback' }), target, perhaps('reason', reason)),
  all(
    fc.constant({ verb: 'history' }),
    fc.record(
      { user: fc.constantFrom('me', 'U0DEV00001'), result: fc.constantFrom('failed', 'succeeded'), before: fc.constant('1RYZ-ABCD') },
      { requiredKeys: [] },
    ),
  ),
  all(fc.constantFrom({ verb: 'status' }, { verb: 'history' }), fc.oneof(target, fc.record({ app: name }), fc.constant({}))),
  all(fc.constantFrom({ verb: 'show' }, { verb: 'cancel' }), fc.record({ id: objectName })),
  all(fc.constant({ verb: 'freeze' }), fc.record({ environment: name, reason }), perhaps('forMs', duration)),
  all(fc.constant({ verb: 'unfreeze' }), fc.record({ environment: name })),
  fc.oneof(fc.constant({ verb: 'incident', on: false }), all(fc.constant({ verb: 'incident', on: true }), perhaps('forMs', duration))),
  all(fc.constant({ verb: 'can-i' }), target, perhaps('about', fc.constantFrom(...POLICY_VERBS))),
  fc.constantFrom({ verb: 'apps' }, { verb: 'envs' }, { verb: 'help' }, { verb: 'modal' }),
  all(fc.constant({ verb: 'help' }), fc.record({ about: fc.constantFrom(...VERBS) })),
) as fc.Arbitrary<Command>;

/** What Slack does to what is typed. */
const escaped = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

describe('every line', () => {
  it('that is printed for a command is that command again', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(command, (asked) => {
        expect(parse(escaped(printCommand(asked)), { ...here, environments: [] })).toEqual(asked);
      }),
      { numRuns: 300 },
    );
  });

  const vocabulary = fc.constantFrom(
    ...VERBS,
    ...Object.keys(FLAGS).map((flag) => `--${flag}`),
    'my-app',
    'prod',
    '"',
    "'",
    '“',
    '—',
    '=',
    'v2',
    '2h',
    'on',
    '\\',
    '<@UBOT>',
    '<#C1|>',
    '`',
    '--',
    '-',
    '',
  );
  const line = fc.oneof(
    fc.string({ unit: anyUnit }),
    fc.array(fc.oneof(vocabulary, fc.string({ maxLength: 4 })), { maxLength: 12 }).map((each) => each.join(' ')),
  );

  it('is answered, never thrown over, and a corrected line is understood as it stands', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(line, fc.constantFrom('slash' as const, 'mention' as const), (text, source) => {
        const context = { ...here, source };
        const result = parse(text, context);
        expect('verb' in result || 'wrong' in result || 'ignore' in result).toBe(true);
        const corrected = 'wrong' in result ? (result.corrected ?? '/repull help') : '/repull help';
        expect(parse(escaped(corrected), context)).toHaveProperty('verb');
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['-', '—', '"', "'", '<', '<@', '&', '=', '\\', ' ', '--a=', '--reason ', 'a ', '<a|'])(
    'of nothing but %s is answered at once',
    (unit) => {
      const started = performance.now();
      parse(unit.repeat(8000 / unit.length), here);
      expect(performance.now() - started).toBeLessThan(1000);
    },
  );
});
