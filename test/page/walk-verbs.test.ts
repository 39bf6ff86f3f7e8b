import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAGS, TYPED_VERBS } from '../../src/command/grammar.ts';
import { hasChromium } from './support/browser.ts';
import { startWalk, type Visitor, type Walk } from './support/walk.ts';

/** docs/walk.md says which of these tests walks what, and as whom. */
describe.skipIf(!hasChromium)('every verb, typed by a developer, an SRE and a guest', () => {
  let walk: Walk;
  let dana: Visitor;
  let sam: Visitor;
  let gina: Visitor;
  beforeAll(async () => {
    walk = await startWalk();
    [dana, sam, gina] = await Promise.all([walk.as('Dana'), walk.as('Sam'), walk.as('Gina')]);
  }, 120_000);
  afterAll(() => walk.close(), 60_000);

  const GUEST = 'Guests cannot use repull.';
  /** What each of the three is told, asked at the same time. */
  const all = async (line: string): Promise<{ dana: string; sam: string; gina: string }> => {
    const [one, two, three] = await Promise.all([dana.ask(line), sam.ask(line), gina.ask(line)]);
    for (const each of [one, two, three]) expect(each.text).toContain('Only visible to you');
    return { dana: one.text, sam: two.text, gina: three.text };
  };

  it('help names every command and every flag, one command in detail, and what is no command', async () => {
    const told = await all('/repull help');
    for (const verb of TYPED_VERBS) expect(told.gina).toContain(`/repull ${verb}`);
    for (const flag of Object.keys(FLAGS)) expect(told.dana).toContain(`--${flag}`);
    const { text } = await sam.ask('/repull help freeze');
    expect(text).toContain('allow no changes there for now');
    expect(text).toContain('--for 2h');
    expect(text).not.toContain('--pin');
    expect((await dana.ask('/repull help dance')).text).toContain('There is no command "dance"');
  });

  it('apps and envs name what there is to those who may see it, and nothing to a guest', async () => {
    const apps = await all('/repull apps');
    expect(apps.dana).toMatch(/my-app: .*prod.*staging/);
    expect(apps.sam).toContain('cache');
    expect(apps.gina).toContain(GUEST);
    const envs = await all('/repull envs');
    expect(envs.dana).toMatch(/open\s+prod on demo: 1 vote/);
    expect(envs.dana).toMatch(/open\s+staging on demo: no votes needed/);
    expect(envs.sam).toMatch(/closed\s+nightly on demo/);
    expect(envs.gina).toContain(GUEST);
    for (const text of [apps.gina, envs.gina]) expect(text).not.toMatch(/my-app|cache|prod|staging|nightly/);
  });

  it('can-i names each right, the rule that gives it, and who can help', async () => {
    const told = await all('/repull can-i my-app prod');
    expect(told.dana).toMatch(/request.*Allowed with 1 approval from sre, not the requester’s own.*bindings\[0\], role developer/);
    expect(told.dana).toMatch(/⛔ approve.*Who can help: sre/);
    expect(told.sam).toMatch(/✅ approve.*bindings\[1\], role operator/);
    expect(told.sam).not.toContain('⛔');
    expect(told.gina).not.toContain('✅');
    expect(told.gina).toContain(GUEST);
    const one = await dana.ask('/repull can-i my-app staging request');
    expect(one.text).toContain('Allowed without approval');
    expect(one.text).not.toContain('approve my-app');
  });

  it('check says what runs and what the registry holds, and a dry run what would happen; a guest gets neither', async () => {
    const before = await all('/repull check web prod');
    for (const text of [before.dana, before.sam]) expect(text).toContain('cache, but correct: nothing newer');
    expect(before.gina).toContain(GUEST);
    await dana.push('shop/web');
    const { text } = await dana.ask('/repull check web prod');
    const [, runs, holds] = /running (sha256:\w+) → registry (sha256:\w+)/.exec(text) ?? [];
    expect(runs).not.toBe(holds);
    const dry = await all('/repull web prod --dry-run');
    for (const each of [dry.dana, dry.sam]) {
      expect(each).toContain('Nothing was changed. This is what would happen:');
      expect(each).toContain('method restart');
      expect(each).toContain(holds);
    }
    expect(dry.dana).toContain('1 approval from sre');
    expect(dry.gina).toContain(GUEST);
    await expect(
      dana.page
        .getByRole('article', { name: /Dry run/ })
        .getByRole('button')
        .allInnerTexts(),
    ).resolves.toEqual(['Dismiss message']);
  });

  it('a typo gets the line to copy, and what a phone makes of quotes, dashes and spaces is understood', async () => {
    const lines: [typed: string, corrected: string][] = [
      ['/repull my-ap prod', '/repull my-app prod'],
      ['/repull my-app prdo', '/repull my-app prod'],
      ['/repull chekc my-app prod', '/repull check my-app prod'],
      ['/repull my-app prod --dry-rnu', '/repull my-app prod --dry-run'],
      ['/repull my-app prod --tag v2 --pin', '/repull my-app prod --tag v2'],
    ];
    for (const [typed, corrected] of lines) {
      const { at } = await dana.ask(typed);
      expect(await at.locator('code').allInnerTexts()).toContain(corrected);
    }
    const { text } = await dana.ask('/repull\u00a0web\u00a0prod —dry-run ––reason “it’s   old”\u200f');
    expect(text).toContain('Dry run');
  });

  it('an app that is not there and one that may not be seen get the same words', async () => {
    const [real, made] = [await gina.ask('/repull my-app prod'), await gina.ask('/repull nobody prod')];
    const plain = (text: string): string => text.replaceAll(/my-app|nobody/g, 'APP').replaceAll(/[0-9A-Z]{6}-[0-9A-Z]{4}|\d\d:\d\d/g, '');
    expect(plain(real.text)).toBe(plain(made.text));
    expect(real.text).toContain(GUEST);
    expect((await gina.ask('/repull my-ap prod')).text).not.toContain('my-app');
  });

  it('freeze is an SRE’s: everybody sees it with its reason and end, it stops requests, and unfreeze ends it', async () => {
    for (const visitor of [dana, gina]) {
      expect((await visitor.ask('/repull freeze staging "no"')).text).toMatch(/Denied ⛔ · staging\n/);
      expect((await visitor.ask('/repull unfreeze staging')).text).toMatch(/Denied ⛔ · staging\n/);
    }
    expect((await sam.ask('/repull unfreeze staging')).text).toContain('was not frozen by command');
    expect((await sam.ask('/repull freeze staging')).text).toContain('/repull freeze <env> "reason" [--for 2h]');
    expect((await sam.ask('/repull freeze staging "moving the database" --for 2h')).text).toContain('staging is frozen for 2h');
    expect(await gina.announced(/froze staging/)).toMatch(/@Sam Okafor froze staging for 2h: moving the database/);
    const refused = await dana.ask('/repull web staging --force');
    expect(refused.text).toMatch(/staging is frozen.*opens again today/s);
    expect(refused.text).toContain('moving the database');
    expect(await refused.at.getByRole('button', { name: 'Schedule' }).count()).toBe(1);
    expect((await dana.ask('/repull envs')).text).toMatch(/closed\s+staging/);
    expect((await sam.ask('/repull unfreeze staging')).text).toContain('staging is no longer frozen');
    await gina.announced(/@Sam Okafor ended the freeze of staging/);
  });

  it('history has the refusals too, is filtered by app, environment, person and result, and goes on page by page', async () => {
    for (let n = 0; n < 11; n++) await dana.ask('/repull my-app staging');
    await sam.ask('/repull cache prod');
    const { text } = await dana.ask('/repull history');
    expect(text).toMatch(/Refused 🚫 · cache in prod\s.*by @Sam Okafor/);
    const older = /Older: (\/repull history --before \S+)/.exec(text)?.[1] ?? '';
    const page = await dana.ask(older);
    expect(page.text).toMatch(/my-app in staging\s.*by @Dana Novak/);
    expect(page.text).not.toContain('cache in prod');
    const his = await dana.ask('/repull history --user @sam --result refused');
    expect(his.text).toContain('cache in prod');
    expect(his.text).not.toContain('Dana Novak');
    const mine = await dana.ask('/repull history my-app staging --user me');
    expect(mine.text.match(/my-app in staging\s.*by @Dana Novak/g)?.length).toBe(10);
    expect((await sam.ask('/repull history --result succeeded')).text).toContain('on record');
    const hers = await gina.ask('/repull history');
    expect(hers.text).toContain(GUEST);
    expect(hers.text).not.toMatch(/Dana|Sam Okafor/);
  });

  it('show and cancel know the requests that one may see, and say of all others that there is none', async () => {
    const { text } = await dana.ask('/repull my-app staging');
    const id = /[0-9A-Z]{6}-[0-9A-Z]{4}/.exec(text)?.[0] ?? '';
    const [own, his] = [await dana.ask(`/repull show ${id}`), await sam.ask(`/repull show ${id.toLowerCase()}`)];
    for (const each of [own, his]) {
      expect(each.text).toMatch(/Refused 🚫 · my-app in staging/);
      expect(await each.at.getByRole('button').allInnerTexts()).toEqual(['Dismiss message']);
    }
    expect((await gina.ask(`/repull show ${id}`)).text).toContain(`There is no request ${id} that you may see here`);
    expect((await gina.ask(`/repull cancel ${id}`)).text).toContain(`There is no request ${id} that you may see here`);
    expect((await sam.ask(`/repull cancel ${id}`)).text).toMatch(/refused already; there is nothing to cancel/);
    expect((await dana.ask('/repull cancel 1ABCDE-0000')).text).toContain('There is no request');
  });

  it('rollback needs something to go back to, and the right to it', async () => {
    const told = await all('/repull rollback cache prod');
    for (const text of [told.dana, told.sam]) expect(text).toMatch(/There is nothing to roll .* back to/);
    expect(told.gina).toContain(GUEST);
  });

  it('status is empty where nothing is under way', async () => {
    const told = await all('/repull status');
    for (const text of [told.dana, told.sam]) expect(text).toContain('Nothing is running, queued or waiting for approval.');
    expect(told.gina).toContain(GUEST);
    expect(told.gina).not.toContain('Nothing is running');
  });
});
