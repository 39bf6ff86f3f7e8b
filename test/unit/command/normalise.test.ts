import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../../src/command/normalise.ts';
import { printTokens, tokenise } from '../../../src/command/tokens.ts';

/** Any UTF-16 unit, lone surrogates too. */
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

describe('what Slack and phones do to a line is undone', () => {
  it.each`
    typed                                                      | read
    ${'my-app prod'}                                           | ${'my-app prod'}
    ${'  my-app \u00a0 prod\n'}                                | ${'my-app   prod'}
    ${'--reason \u201cfix it\u201d'}                           | ${'--reason "fix it"'}
    ${'--reason \u2018fix it\u2019'}                           | ${"--reason 'fix it'"}
    ${'--reason \u00abfix\u00bb \u201efix\u201c'}              | ${'--reason "fix" "fix"'}
    ${'\u200emy-app\u200b \u202eprod\u202c\ufeff'}             | ${'my-app prod'}
    ${'my\u00ad-app pr\u200dod'}                               | ${'my-app prod'}
    ${'my\u2011app'}                                           | ${'my-app'}
    ${'<http://my-app.shop|my-app.shop> prod'}                 | ${'my-app.shop prod'}
    ${'--image <http://r.example/a:v2>'}                       | ${'--image http://r.example/a:v2'}
    ${'--image <https://r.example/a:v2|r.example/a:v2>'}       | ${'--image r.example/a:v2'}
    ${'<mailto:app@sha256.de|app@sha256.de>'}                  | ${'app@sha256.de'}
    ${'for <@U0123|anna> and <@U0456>'}                        | ${'for @anna and @U0456'}
    ${'<#C0123|deploys> <#C0123|#deploys> <#C0123|> <#C0123>'} | ${'#deploys #deploys #C0123 #C0123'}
    ${'<!subteam^S1|@sre> <!here> <!channel|channel>'}         | ${'@sre @here channel'}
    ${'a &amp; b &lt;c&gt;'}                                   | ${'a & b <c>'}
    ${'&amp;lt;'}                                              | ${'&lt;'}
    ${'&lt;@U0123&gt;'}                                        | ${'<@U0123>'}
    ${'Tag V1.2-RC'}                                           | ${'Tag V1.2-RC'}
    ${'done \u{1f469}\u200d\u{1f4bb}'}                         | ${'done \u{1f469}\u200d\u{1f4bb}'}
    ${''}                                                      | ${''}
  `('$typed → $read', ({ typed, read }) => {
    expect(normalise(typed)).toBe(read);
  });
});

const words = (line: string): unknown => {
  const result = tokenise(normalise(line));
  return result.ok ? result.tokens.map((token) => (token.value === undefined ? token.text : [token.text, token.value])) : result.unclosed;
};

describe('words', () => {
  it.each`
    line                                | read
    ${'a b  c'}                         | ${['a', 'b', 'c']}
    ${'--tag=v2 --reason="a b"'}        | ${[['--tag', 'v2'], ['--reason', 'a b']]}
    ${'--reason=\u201ca b\u201d x'}     | ${[['--reason', 'a b'], 'x']}
    ${'--reason="a=b" c=d --x=1=2'}     | ${[['--reason', 'a=b'], 'c=d', ['--x', '1=2']]}
    ${'\u2014tag v2 \u2013pin'}         | ${['--tag', 'v2', '--pin']}
    ${'\u2014-tag -\u2013pin'}          | ${['--tag', '--pin']}
    ${'--reason "now \u2014 or never"'} | ${['--reason', 'now \u2014 or never']}
    ${"don't 'a b' x'y'"}               | ${["don't", 'a b', "x'y'"]}
    ${'"say \\"hi\\" \\\\ \\n"'}        | ${['say "hi" \\ \\n']}
    ${'"" x'}                           | ${['', 'x']}
    ${'--reason=""'}                    | ${[['--reason', '']]}
    ${'--reason='}                      | ${[['--reason', '']]}
    ${'`my-app` `prod`'}                | ${['my-app', 'prod']}
    ${'"say \u201chi\u201d now" x'}     | ${['say hi now', 'x']}
    ${'"never closed'}                  | ${'"'}
    ${"--reason 'tis"}                  | ${"'"}
    ${'--reason="open'}                 | ${'"'}
  `('$line', ({ line, read }) => {
    expect(words(line)).toEqual(read);
  });

  it('come back from what is printed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const values = texts.map((text) => normalise(text.replace(/[&<>]/g, ' ')));
        const line = printTokens(values.map((text) => ({ text, quoted: true })));
        expect(words(line)).toEqual(values);
      }),
    );
  });

  it('are found in any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyUnit }), (text) => {
        expect(tokenise(normalise(text)).ok).toBeTypeOf('boolean');
      }),
    );
  });
});
