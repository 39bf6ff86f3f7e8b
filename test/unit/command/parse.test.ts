import { describe, expect, it } from 'vitest';
import type { Command, ParseContext, Reply } from '../../../src/command/command.ts';
import { FLAGS, FORMS, VERBS } from '../../../src/command/grammar.ts';
import { nameHint } from '../../../src/command/name-hint.ts';
import { parse } from '../../../src/command/parse.ts';
import { usage, usageLine } from '../../../src/command/usage.ts';

const here: ParseContext = {
  source: 'slash',
  prefix: '/repull',
  me: 'UBOT',
  apps: ['my-app', 'myapp', 'billing'],
  environments: ['prod', 'staging'],
};
const plain = { via: 'auto', dryRun: false, force: false, forceDelete: false };
const repull = (options: object = {}): object => ({
  verb: 'repull',
  app: 'my-app',
  environment: 'prod',
  options: { ...plain, ...options },
});

/** Any UTF-16 unit, lone surrogates too. */
describe('a command', () => {
  it.each`
    line                                                               | command
    ${'my-app prod'}                                                   | ${repull()}
    ${'my-app prod --tag v2'}                                          | ${repull({ via: 'set-image', tag: 'v2' })}
    ${'--tag=V2.0-RC1 my-app prod'}                                    | ${repull({ via: 'set-image', tag: 'V2.0-RC1' })}
    ${'my-app prod --image r.example:5000/a/b:v2'}                     | ${repull({ via: 'set-image', image: 'r.example:5000/a/b:v2' })}
    ${'my-app prod --image <http://r.example/a:v2|r.example/a:v2>'}    | ${repull({ via: 'set-image', image: 'r.example/a:v2' })}
    ${'my-app prod --pin'}                                             | ${repull({ via: 'pin' })}
    ${'my-app prod —pin'}                                              | ${repull({ via: 'pin' })}
    ${'my-app prod --via restart'}                                     | ${repull({ via: 'restart' })}
    ${'my-app prod --tag v2 --via set-image'}                          | ${repull({ via: 'set-image', tag: 'v2' })}
    ${'my-app prod --tag v2 --via auto'}                               | ${repull({ via: 'set-image', tag: 'v2' })}
    ${'my-app prod --workload sts/my-app-cache'}                       | ${repull({ workload: { kind: 'StatefulSet', name: 'my-app-cache' } })}
    ${'my-app prod --container web --force'}                           | ${repull({ container: 'web', force: true })}
    ${'my-app prod --pod my-app-7d4-x'}                                | ${repull({ via: 'evict', pod: 'my-app-7d4-x' })}
    ${'my-app prod --force-delete --pod my-app-7d4-x'}                 | ${repull({ via: 'evict', pod: 'my-app-7d4-x', forceDelete: true })}
    ${'my-app prod --reason “can’t wait — go”'}                        | ${repull({ reason: "can't wait — go" })}
    ${'my-app prod --reason hotfix --dry-run'}                         | ${repull({ reason: 'hotfix', dryRun: true })}
    ${'my-app prod --at window'}                                       | ${repull({ at: { kind: 'window' } })}
    ${'my-app prod --at "2026-12-01 22:00"'}                           | ${repull({ at: { kind: 'time', date: '2026-12-01', minutes: 1320 } })}
    ${'/repull my-app prod'}                                           | ${repull()}
    ${'`my-app prod`'}                                                 | ${repull()}
    ${'check my-app prod'}                                             | ${{ verb: 'check', app: 'my-app', environment: 'prod' }}
    ${'status'}                                                        | ${{ verb: 'status' }}
    ${'status my-app'}                                                 | ${{ verb: 'status', app: 'my-app' }}
    ${'status prod'}                                                   | ${{ verb: 'status', environment: 'prod' }}
    ${'status my-app prod'}                                            | ${{ verb: 'status', app: 'my-app', environment: 'prod' }}
    ${'history unheard-of'}                                            | ${{ verb: 'history', app: 'unheard-of' }}
    ${'history my-app prod --user <@U0DEV00001|dana> --result failed'} | ${{ verb: 'history', app: 'my-app', environment: 'prod', user: 'U0DEV00001', result: 'failed' }}
    ${'history --user me --before R-7K2F'}                             | ${{ verb: 'history', user: 'me', before: 'R-7K2F' }}
    ${'my-app prod --now'}                                             | ${repull({ now: true })}
    ${'my-app prod --override --reason fire'}                          | ${repull({ override: true, reason: 'fire' })}
    ${'show R-7K2F'}                                                   | ${{ verb: 'show', id: 'R-7K2F' }}
    ${'cancel 01JD'}                                                   | ${{ verb: 'cancel', id: '01JD' }}
    ${'rollback my-app prod --reason "bad build"'}                     | ${{ verb: 'rollback', app: 'my-app', environment: 'prod', reason: 'bad build' }}
    ${'freeze prod “holiday freeze” --for 2h'}                         | ${{ verb: 'freeze', environment: 'prod', reason: 'holiday freeze', forMs: 7_200_000 }}
    ${'freeze prod holidays'}                                          | ${{ verb: 'freeze', environment: 'prod', reason: 'holidays' }}
    ${'unfreeze prod'}                                                 | ${{ verb: 'unfreeze', environment: 'prod' }}
    ${'incident on'}                                                   | ${{ verb: 'incident', on: true }}
    ${'incident on --for 90m'}                                         | ${{ verb: 'incident', on: true, forMs: 5_400_000 }}
    ${'incident off'}                                                  | ${{ verb: 'incident', on: false }}
    ${'can-i my-app prod'}                                             | ${{ verb: 'can-i', app: 'my-app', environment: 'prod' }}
    ${'can-i my-app prod rollback'}                                    | ${{ verb: 'can-i', app: 'my-app', environment: 'prod', about: 'rollback' }}
    ${'apps'}                                                          | ${{ verb: 'apps' }}
    ${'envs'}                                                          | ${{ verb: 'envs' }}
    ${'help'}                                                          | ${{ verb: 'help' }}
    ${'help can-i'}                                                    | ${{ verb: 'help', about: 'can-i' }}
    ${'help repull'}                                                   | ${{ verb: 'help', about: 'repull' }}
    ${'freeze --help'}                                                 | ${{ verb: 'help', about: 'freeze' }}
    ${'my-app -h'}                                                     | ${{ verb: 'help', about: 'repull' }}
    ${'?'}                                                             | ${{ verb: 'help' }}
    ${''}                                                              | ${{ verb: 'modal' }}
    ${'  \u200b '}                                                     | ${{ verb: 'modal' }}
    ${'My-App prod'}                                                   | ${{ ...repull(), app: 'My-App' }}
    ${'repull prod'}                                                   | ${{ ...repull(), app: 'repull' }}
  `('$line', ({ line, command }) => {
    expect(parse(line, here)).toEqual(command);
  });
});

describe('a mention', () => {
  const mention = (text: string, context: Partial<ParseContext> = {}): unknown =>
    parse(text, { ...here, source: 'mention', prefix: '@repull', ...context });

  it.each`
    text                             | read
    ${'<@UBOT> my-app prod'}         | ${repull()}
    ${'<@UBOT|repull>: my-app prod'} | ${repull()}
    ${'my-app prod'}                 | ${repull()}
    ${'<@UBOT> /repull my-app prod'} | ${repull()}
    ${'<@UBOT>'}                     | ${{ verb: 'help' }}
    ${'thanks <@UBOT> for that'}     | ${{ ignore: 'mentioned within a sentence' }}
    ${'cc <@UBOT>'}                  | ${{ ignore: 'mentioned within a sentence' }}
  `('$text', ({ text, read }) => {
    expect(mention(text)).toEqual(read);
  });

  it('of somebody else is no mention of ours', () => {
    expect(mention('<@UOTHER|anna> prod')).toHaveProperty('wrong', expect.stringContaining('"@anna" cannot be the name of an app'));
  });

  it('gets corrected lines that begin with it', () => {
    expect(mention('<@UBOT> chek my-app prod')).toHaveProperty('corrected', '@repull check my-app prod');
  });
});

describe('what is wrong is said, with the line that works', () => {
  it.each`
    line                                            | wrong                                                                             | corrected
    ${'my-app'}                                     | ${'Which environment of "my-app"? Environments you may see here: prod, staging.'} | ${undefined}
    ${'prod'}                                       | ${'Which app? "prod" is an environment.'}                                         | ${undefined}
    ${'statsu'}                                     | ${'did you mean status?'}                                                         | ${'status'}
    ${'hlep'}                                       | ${'did you mean help?'}                                                           | ${'help'}
    ${'chek my-app prod'}                           | ${'did you mean check?'}                                                          | ${'check my-app prod'}
    ${'rollbak my-app prod'}                        | ${'did you mean rollback?'}                                                       | ${'rollback my-app prod'}
    ${'Freeze prod "x y"'}                          | ${'did you mean freeze?'}                                                         | ${'freeze prod "x y"'}
    ${'freze prod "holiday" --for 2h'}              | ${'did you mean freeze?'}                                                         | ${'freeze prod holiday --for 2h'}
    ${'my-app prod extra'}                          | ${'what to do with "extra"'}                                                      | ${'my-app prod'}
    ${'my-app prod --tga v2'}                       | ${'did you mean --tag?'}                                                          | ${'my-app prod --tag v2'}
    ${'my-app prod --tga=v2'}                       | ${'did you mean --tag?'}                                                          | ${'my-app prod --tag=v2'}
    ${'my-app prod -tag v2'}                        | ${'did you mean --tag?'}                                                          | ${'my-app prod --tag v2'}
    ${'my-app prod --Tag v2'}                       | ${'did you mean --tag?'}                                                          | ${'my-app prod --tag v2'}
    ${'my-app prod --dryrun'}                       | ${'did you mean --dry-run?'}                                                      | ${'my-app prod --dry-run'}
    ${'my-app prod --yolo'}                         | ${'There is no flag "--yolo". Known here'}                                        | ${undefined}
    ${'my-app prod --'}                             | ${'There is no flag "--"'}                                                        | ${undefined}
    ${'my-app prod --tag'}                          | ${'--tag needs a value'}                                                          | ${undefined}
    ${'my-app prod --tag --pin'}                    | ${'--tag needs a value'}                                                          | ${undefined}
    ${'my-app prod --tag v2 --tag v3'}              | ${'--tag is given twice'}                                                         | ${'my-app prod --tag v2'}
    ${'my-app prod --pin=yes'}                      | ${'--pin takes no value'}                                                         | ${'my-app prod --pin'}
    ${'my-app prod --tag v2 --image a:b'}           | ${'--tag and --image exclude each other'}                                         | ${'my-app prod --tag v2'}
    ${'my-app prod --pin --image a:b'}              | ${'exclude each other'}                                                           | ${'my-app prod --image a:b'}
    ${'my-app prod --pin --via restart'}            | ${'contradicts --via restart'}                                                    | ${'my-app prod --pin'}
    ${'my-app prod --via=evict --tag v2'}           | ${'--tag means --via set-image'}                                                  | ${'my-app prod --tag v2'}
    ${'my-app prod --pod p-1 --via restart'}        | ${'--pod means --via evict'}                                                      | ${'my-app prod --pod p-1'}
    ${'my-app prod --pod p-1 --pin'}                | ${'exclude each other'}                                                           | ${'my-app prod --pin'}
    ${'my-app prod --via set-image'}                | ${'add --tag T or --image REF'}                                                   | ${undefined}
    ${'my-app prod --via restrat'}                  | ${'There is no method "restrat"'}                                                 | ${'my-app prod --via restart'}
    ${'my-app prod --tag v:2'}                      | ${'cannot be a tag'}                                                              | ${undefined}
    ${`my-app prod --tag sha256:${'a'.repeat(64)}`} | ${'is a digest: write --image'}                                                   | ${undefined}
    ${'my-app prod --image http://r.example/a:v2'}  | ${'cannot be an image reference'}                                                 | ${'my-app prod --image r.example/a:v2'}
    ${'my-app prod --image My/App'}                 | ${'cannot be an image reference'}                                                 | ${undefined}
    ${'my-app prod --workload my-app'}              | ${'written kind/name'}                                                            | ${undefined}
    ${'my-app prod --workload service/my-app'}      | ${'unknown kind "service"'}                                                       | ${undefined}
    ${'my-app prod --pod My_Pod'}                   | ${'cannot be the name of a pod'}                                                  | ${undefined}
    ${'my-app prod --reason fix the thing --force'} | ${'needs quotes'}                                                                 | ${'my-app prod --reason "fix the thing" --force'}
    ${'my-app prod --reason ""'}                    | ${'The reason is empty'}                                                          | ${undefined}
    ${'my-app prod --reason "never closed'}         | ${'never closed'}                                                                 | ${'my-app prod --reason "never closed"'}
    ${'my-app prod --at tomorrow'}                  | ${'--at takes window or a time'}                                                  | ${undefined}
    ${'my-app prod --at windwo'}                    | ${'--at takes window or a time'}                                                  | ${'my-app prod --at window'}
    ${'my-app prod --at 2026-12-01 22:00 --pin'}    | ${'A date with a time needs quotes'}                                              | ${'my-app prod --at "2026-12-01 22:00" --pin'}
    ${'my-app prod --at 2026-13-01'}                | ${'--at takes window or a time'}                                                  | ${undefined}
    ${'my-app prod --at "2026-12-01 24:00"'}        | ${'not a time of day'}                                                            | ${undefined}
    ${'freeze prod'}                                | ${'freeze needs a reason'}                                                        | ${undefined}
    ${'freeze prod no more today --for 2h'}         | ${'needs quotes'}                                                                 | ${'freeze prod "no more today" --for 2h'}
    ${'freeze prod "x" --for 2hours'}               | ${'--for takes a duration'}                                                       | ${undefined}
    ${'freeze prod "x" --for 0m'}                   | ${'--for takes a duration'}                                                       | ${undefined}
    ${'freeze'}                                     | ${'Which environment'}                                                            | ${undefined}
    ${'incident'}                                   | ${'incident on or incident off'}                                                  | ${undefined}
    ${'incident onn'}                               | ${'incident on or incident off'}                                                  | ${'incident on'}
    ${'incident off --for 2h'}                      | ${'--for belongs to incident on'}                                                 | ${'incident off'}
    ${'can-i my-app prod aprove'}                   | ${'There is no right "aprove"'}                                                   | ${'can-i my-app prod approve'}
    ${'help rolback'}                               | ${'There is no command "rolback"'}                                                | ${'help rollback'}
    ${'apps please'}                                | ${'what to do with "please"'}                                                     | ${'apps'}
    ${'check my-app prod --tag v2'}                 | ${'check takes no --tag'}                                                         | ${'check my-app prod'}
    ${'check my-app'}                               | ${'Which environment for check "my-app"'}                                         | ${undefined}
    ${'check'}                                      | ${'Which app? Apps you may see here'}                                             | ${undefined}
    ${'show'}                                       | ${'Which request?'}                                                               | ${undefined}
    ${'show ../../x'}                               | ${'cannot be the id'}                                                             | ${undefined}
    ${'my-app "prod; rm -rf"'}                      | ${'cannot be the name of an environment'}                                         | ${undefined}
    ${'__proto__ prod'}                             | ${'cannot be the name of an app'}                                                 | ${undefined}
    ${`my-app prod ${'x'.repeat(9000)}`}            | ${'9012 characters long'}                                                         | ${undefined}
  `('$line', ({ line, wrong, corrected }) => {
    const reply = parse(line, here) as Reply;
    expect(reply.wrong).toContain(wrong);
    expect(reply.corrected).toBe(corrected === undefined ? undefined : `/repull ${corrected}`);
  });

  it('the one environment there is, is filled in', () => {
    const single = { ...here, environments: ['prod'] };
    expect(parse('my-app --force', single)).toHaveProperty('corrected', '/repull my-app prod --force');
    expect(parse('check my-ap', single)).toHaveProperty('corrected', '/repull check my-ap prod');
    expect(parse('billng', single)).toHaveProperty('corrected', '/repull billing prod');
  });

  it('a reason of 500 characters is kept, of 501 refused and not cut', () => {
    expect(parse(`my-app prod --reason "${'ä'.repeat(500)}"`, here)).toHaveProperty('options.reason', 'ä'.repeat(500));
    expect(parse(`my-app prod --reason "${'ä'.repeat(501)}"`, here)).toHaveProperty('wrong', expect.stringContaining('501 characters'));
    expect(parse(`freeze prod "${'x'.repeat(501)}"`, here)).toHaveProperty('wrong', expect.stringContaining('501 characters'));
  });

  it('the usage of that very command comes along', () => {
    expect(parse('freeze prod', here)).toHaveProperty('usage', '/repull freeze <env> "reason" [--for 2h]');
  });

  it('nothing is suggested that the caller may not see', () => {
    const blind = { ...here, apps: [], environments: [] };
    expect(JSON.stringify([parse('my-ap', blind), parse('my-app', blind), parse('check', blind)])).not.toMatch(/billing|prod|staging/);
  });
});

describe('a typo in a name', () => {
  const hint = (line: string, context = here): Reply | undefined => nameHint(parse(line, context) as Command, context);
  it.each`
    line                      | corrected                 | wrong
    ${'my-ap prod'}           | ${'my-app prod'}          | ${'no app "my-ap" that you may see here; did you mean my-app?'}
    ${'my-app prdo --tag v2'} | ${'my-app prod --tag v2'} | ${'no environment "prdo" that you may see here; did you mean prod?'}
    ${'bilinng stagin'}       | ${'billing staging'}      | ${'did you mean billing? There is no environment "stagin"'}
    ${'prod my-app'}          | ${'my-app prod'}          | ${'The app comes first'}
    ${'stauts prod'}          | ${'status prod'}          | ${'did you mean the command status?'}
    ${'histry my-app'}        | ${'history my-app'}       | ${'did you mean the command history?'}
    ${'cancle 01JD'}          | ${'cancel 01JD'}          | ${'did you mean the command cancel?'}
    ${'check my-app stagin'}  | ${'check my-app staging'} | ${'did you mean staging?'}
    ${'freeze prdo "x y"'}    | ${'freeze prod "x y"'}    | ${'did you mean prod?'}
    ${'nothing-like-it prod'} | ${undefined}              | ${'You may see: my-app, myapp, billing.'}
  `('$line', ({ line, corrected, wrong }) => {
    expect(hint(line)?.corrected).toBe(corrected === undefined ? undefined : `/repull ${corrected}`);
    expect(hint(line)?.wrong).toContain(wrong);
  });

  it('is none where the names are fine, or where the caller sees nothing', () => {
    expect(hint('my-app prod')).toBeUndefined();
    expect(hint('status')).toBeUndefined();
    expect(hint('my-ap prdo', { ...here, apps: [], environments: [] })).toBeUndefined();
  });
});

describe('help', () => {
  it('is written from the table that the parser reads', () => {
    for (const verb of VERBS) {
      expect(usage()).toContain(usageLine(verb));
      expect(usage(verb)).toContain(usageLine(verb));
      expect(usage(verb)).toContain(FORMS[verb].about);
      for (const flag of FORMS[verb].flags) expect(usage(verb)).toContain(FLAGS[flag].about);
    }
    for (const flag of Object.keys(FLAGS)) expect(usage()).toContain(`--${flag}`);
  });

  it('shows the forms of the specification', () => {
    expect(usageLine('repull')).toBe(
      '/repull <app> <env> [--tag T | --image REF | --pin] [--via METHOD] [--workload kind/name] [--container C] [--pod NAME] [--reason "…"] [--at window|"2026-12-01 22:00"] [--dry-run] [--force] [--now] [--override] [--force-delete]',
    );
    expect(usageLine('status')).toBe('/repull status [app] [env]');
    expect(usageLine('incident', '@repull')).toBe('@repull incident on|off [--for 2h]');
    expect(usage('no such command')).toBe(usage());
  });
});

// ------------------------------------------------------------------ any line at all
