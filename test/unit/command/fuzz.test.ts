import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, ParseContext, Reply } from '../../../src/command/command.ts';
import { FLAGS, FORMS, VERBS } from '../../../src/command/grammar.ts';
import { normalise } from '../../../src/command/normalise.ts';
import { parse } from '../../../src/command/parse.ts';
import { printCommand } from '../../../src/command/print.ts';

const here: ParseContext = {
  source: 'slash',
  prefix: '/repull',
  me: 'UBOT',
  apps: ['my-app', 'myapp', 'billing', 'shop.api'],
  environments: ['prod', 'staging'],
};

/** What Slack does to what is typed. */
const escaped = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const commandOf = (line: string): Command | undefined => {
  const result = parse(line, here);
  return 'verb' in result ? result : undefined;
};

/** Pieces of commands, of what phones and Slack make of them, and of nothing at all. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...VERBS, 'my-app', 'prod', 'staging', 'billing', 'window', 'on', 'off', 'me', 'auto', 'pin', 'v2', '2h'),
  },
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(FLAGS)).map((flag) => `--${flag}`) },
  { weight: 2, arbitrary: fc.constantFrom('—tag', '–reason', '-via', '--Tag=v2', '--tag=', '--reason=“a b”', '--pin=yes', '--', '—', '-') },
  { weight: 2, arbitrary: fc.constantFrom('“', '”', '"', "'", '‘x’', '«y»', '\\', '`', '=', '"a b"', "'c d'", '""') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('<@U0123456|anna>', '<@U0123456>', '<#C0123456|prod>', '<#C0123456|>', '<!here>', '<!subteam^S1|@sre>'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '<http://shop.api|shop.api>',
      '<https://r.example/a:v2|r.example/a:v2>',
      '<mailto:a@b.de|a@b.de>',
      '&amp;',
      '&lt;',
      ':rocket:',
      '🚀',
      '\u{1f469}\u200d\u{1f4bb}',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('\u00a0', '\u200b', '\u202e', '\u2066', '\ufeff', '\u00ad', '\n', '\t', '\ud800') },
  { weight: 1, arbitrary: fc.string({ maxLength: 5, unit: 'binary' }) },
);
const line = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', ' ', ' ', '', '\u00a0', '  ')), { maxLength: 10 })
  .map((each) => each.flat().join(''));

/** A line that is understood, and the places between its words. */
const understood = fc.constantFrom(
  'my-app prod',
  'my-app prod --tag v2 --reason "a b" --dry-run',
  'my-app prod --via restart --workload deployment/my-app --force',
  'check my-app prod',
  'status prod',
  'history my-app --user me --result failed',
  'show 1RS4C0-7QXM',
  'rollback my-app prod --reason "it is bad"',
  'freeze prod "holiday" --for 2h',
  'incident on --for 90m',
  'can-i my-app prod approve',
  'envs',
);

describe('whatever is typed', () => {
  it('if it is understood, is the same again when it is printed and read', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(line, (text) => {
        const command = commandOf(text);
        if (command === undefined) return;
        expect(commandOf(escaped(printCommand(command)))).toEqual(command);
      }),
      { numRuns: 3000 },
    );
  });

  it('means nothing that does not stand there: every value of a command was typed', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(line, (text) => {
        const command = commandOf(text);
        if (command === undefined) return;
        const typed = normalise(text)
          .replaceAll(/[`"'\\]/g, '')
          .toLowerCase();
        const { app, environment, id, reason, user } = { ...command } as Record<string, unknown>;
        const { tag, image, container, pod, reason: why } = ('options' in command ? command.options : {}) as Record<string, unknown>;
        for (const value of [app, environment, id, reason, user, tag, image, container, pod, why]) {
          if (typeof value !== 'string') continue;
          for (const word of value
            .replaceAll(/[`"'\\–—―]/g, ' ')
            .toLowerCase()
            .split(/[\s-]+/))
            expect(typed).toContain(word);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('an unknown flag is never swallowed: wherever it stands, the line is refused and names it', { timeout: 60_000 }, () => {
    const unknown = fc
      .stringMatching(/^--?[a-z]{3,12}$/)
      .filter((flag) => !Object.hasOwn(FLAGS, flag.replace(/^-+/, '')) && !['-help', '--help'].includes(flag));
    fc.assert(
      fc.property(understood, unknown, fc.nat(), fc.boolean(), (text, flag, at, withValue) => {
        const words = text.match(/"[^"]*"|\S+/g) ?? [];
        const place = at % (words.length + 1);
        // In front of everything it would hide the command; that is another mistake.
        if (place === 0) return;
        const typed = [...words.slice(0, place), withValue ? `${flag}=x` : flag, ...words.slice(place)].join(' ');
        const result = parse(typed, here) as Reply;
        expect({ typed, result: 'wrong' in result }).toEqual({ typed, result: true });
        const before = words[place - 1] ?? '';
        const isValueOf = Object.hasOwn(FLAGS, before.slice(2)) && 'value' in FLAGS[before.slice(2) as keyof typeof FLAGS];
        expect(result.wrong).toContain(isValueOf ? `${before} needs a value` : flag);
      }),
      { numRuns: 1000 },
    );
  });

  it('a flag of another command is no flag of this one', () => {
    for (const verb of VERBS) {
      const words: Record<string, string> = { app: 'my-app', environment: 'prod', id: '1RS4C0', reason: '"x"', switch: 'on' };
      const args = FORMS[verb].arguments.filter((each) => each.optional !== true).map((each) => words[each.kind] ?? '');
      const plain = [...(verb === 'repull' ? [] : [verb]), ...args].join(' ');
      expect(commandOf(plain)).toMatchObject({ verb });
      for (const flag of Object.keys(FLAGS)) {
        if ((FORMS[verb].flags as readonly string[]).includes(flag)) continue;
        expect(parse(`${plain} --${flag} x`, here)).toHaveProperty('wrong', expect.stringContaining(`--${flag}`));
      }
    }
  });

  it('a corrected line is about nothing that the caller may not see', { timeout: 60_000 }, () => {
    const blind: ParseContext = { ...here, apps: [], environments: [] };
    fc.assert(
      fc.property(line, (text) => {
        const said = JSON.stringify(parse(text, blind)).toLowerCase();
        const typed = normalise(text).toLowerCase();
        // Each of them as a word of its own; usage lines hold neither.
        const told = [...here.apps, ...here.environments].filter((name) => new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`).test(said));
        expect(told.filter((name) => !typed.includes(name))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('too many words', () => {
  it.each`
    line                                     | corrected
    ${'my-app in prod'}                      | ${'my-app prod'}
    ${'my-app → prod --pin'}                 | ${'my-app prod --pin'}
    ${'please repull my-app prod'}           | ${'my-app prod'}
    ${'repull my-app prod'}                  | ${'my-app prod'}
    ${'check my-app in prod'}                | ${'check my-app prod'}
    ${'my-app prod the new build is out'}    | ${'my-app prod --reason "the new build is out"'}
    ${'rollback my-app prod because broken'} | ${'rollback my-app prod --reason "because broken"'}
    ${'my-app prod staging'}                 | ${'my-app prod'}
    ${'my-app billing prod'}                 | ${undefined}
    ${'what is this thing'}                  | ${undefined}
  `('$line', ({ line: typed, corrected }) => {
    expect((parse(typed, here) as Reply).corrected).toBe(corrected === undefined ? undefined : `/repull ${corrected}`);
  });
});

describe('what looks like a name, and is none', () => {
  it.each`
    line                                                  | wrong                             | corrected
    ${'my-app, prod'}                                     | ${'"my-app," cannot be the name'} | ${'my-app prod'}
    ${'my-app <#C0123456|prod>'}                          | ${'"#prod" cannot be the name'}   | ${'my-app prod'}
    ${'my-app:v2 prod'}                                   | ${'a tag is given with --tag'}    | ${'my-app prod --tag v2'}
    ${'my-app:v2 prod --pin'}                             | ${'a tag is given with --tag'}    | ${undefined}
    ${'my-app prod --workload deploymnt/my-app'}          | ${'unknown kind "deploymnt"'}     | ${'my-app prod --workload deployment/my-app'}
    ${'my-app prod --workload=statefullset/my-app --pin'} | ${'unknown kind'}                 | ${'my-app prod --workload=statefulset/my-app --pin'}
    ${'my-app prod --workload thing/my-app'}              | ${'known: deployment, '}          | ${undefined}
    ${'my-app 🚀'}                                        | ${'cannot be the name'}           | ${undefined}
  `('$line', ({ line: typed, wrong, corrected }) => {
    const reply = parse(typed, here) as Reply;
    expect(reply.wrong).toContain(wrong);
    expect(reply.corrected).toBe(corrected === undefined ? undefined : `/repull ${corrected}`);
  });

  it.each([
    '--user <@U0123456|anna>',
    '—user <@U0123456|anna>',
    '--user=<@U0123456|anna>',
    '--user "<@U0123456|anna>"',
    '--user “<@U0123456>”',
  ])('somebody is found behind %s', (flag) => {
    expect(parse(`history ${flag}`, here)).toEqual({ verb: 'history', user: 'U0123456' });
  });
});
