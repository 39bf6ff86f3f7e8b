import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, say } from './support/browser.ts';
import { startWalk, type Visitor, type Walk } from './support/walk.ts';

/** docs/walk.md says which of these tests walks what, and as whom. */
describe.skipIf(!hasChromium)('every way in: mention, thread, shortcut, form, App Home, incident channel, direct message', () => {
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
  /** Opens the message's thread and says something in it; the newest thing in the thread that only this person sees. */
  const inThread = async (visitor: Visitor, text: string, pattern: RegExp): Promise<string> => {
    const thread = visitor.page.getByRole('region', { name: 'Thread' });
    const reply = thread.getByRole('textbox', { name: 'Reply…' });
    await reply.fill(text);
    await reply.press('Escape');
    await reply.press('Enter');
    return visitor.reads(thread.locator('article.ephemeral').last(), pattern);
  };
  const message = async (visitor: Visitor, text: string) => {
    await say(visitor.page, text);
    const found = visitor.page.getByRole('article', { name: text }).last();
    await found.waitFor();
    return found;
  };
  const choose = async (visitor: Visitor, field: string, name: string): Promise<void> => {
    await visitor.dialog().getByRole('combobox', { name: field }).fill(name);
    await visitor.dialog().getByRole('option', { name, exact: true }).click();
  };

  it('a mention in the channel is answered to the asker alone, with lines for a mention', async () => {
    const told = await dana.ask('@repull check my-app prod');
    expect(told.text).toMatch(/Only visible to you[^]*Check 🔎 · my-app in prod/);
    expect((await dana.ask('@repull my-ap prod')).text).toMatch(/did you mean my-app\?\nTry: [/@]repull my-app prod/);
    expect((await sam.ask('@repull status')).text).toContain('Nothing is running');
    expect((await gina.ask('@repull my-app prod')).text).toContain(GUEST);
    const card = await dana.request('@repull web staging --force --reason “asked by name”');
    expect(await dana.reads(card, /^Succeeded/m)).toContain('Reason: asked by name');
  });

  it('in a thread the answer is in the thread, a card’s address too; slash commands do not work there', async () => {
    await (await message(dana, 'anybody looking at web?')).hover();
    await dana.page
      .getByRole('article', { name: /anybody looking/ })
      .getByRole('button', { name: 'Reply in thread' })
      .click();
    expect(await inThread(dana, '@repull check web prod', /Check 🔎/)).toContain('web in prod');
    expect(await inThread(dana, '@repull wbe prod', /did you mean web/)).toContain('@repull web prod');
    expect(await inThread(dana, '@repull help check', /anything newer/)).toContain('@repull check <app> <env>');
    expect(await inThread(dana, '@repull web staging', /nothing new/)).toContain('Do it all the same');
    expect(await inThread(dana, '@repull web staging --force', /Open the card/)).toContain('web in staging');
    expect(await inThread(dana, '/repull status', /not supported in threads/)).toContain('Slackbot');
    await dana.page.getByRole('button', { name: 'Close thread' }).click();
  });

  it('"Repull from here" fills in what the message names, and its answer is seen although nobody replied to it', async () => {
    const here = await message(dana, 'web in prod looks old to me');
    await here.hover();
    await here.getByRole('button', { name: 'More actions' }).click();
    await dana.page.getByRole('menuitem', { name: /Repull from here/ }).click();
    expect(await dana.dialog().getByRole('combobox', { name: 'App' }).inputValue()).toBe('web');
    expect(await dana.dialog().getByRole('combobox', { name: 'Environment' }).inputValue()).toBe('prod');
    const told = await dana.answerTo(() => dana.dialog().getByRole('button', { name: 'Plan it' }).click(), 'Plan it');
    expect(told.text).toMatch(/Refused 🚫 · web in prod[^]*nothing new/);
  });

  it('the form offers by type-ahead what one may use here, asks for what is missing, and makes a card; to a guest it offers nothing', async () => {
    await dana.push('shop/cache');
    await say(dana.page, '/repull');
    await dana.dialog().getByRole('button', { name: 'Plan it' }).click();
    await dana.dialog().getByText('Please complete this required field.').first().waitFor();
    await choose(dana, 'App', 'cache');
    await choose(dana, 'Environment', 'prod');
    await dana
      .dialog()
      .getByRole('textbox', { name: /^Reason/ })
      .fill('from the form');
    await dana.dialog().getByRole('combobox', { name: 'Method' }).click();
    await dana.dialog().getByRole('option', { name: /^pin/ }).click();
    const card = await dana.request(() => dana.dialog().getByRole('button', { name: 'Plan it' }).click());
    expect(await dana.reads(card, /^Waiting for approval/m)).toMatch(/cache in prod[^]*Reason: from the form[^]*Method pin/);
    await say(gina.page, '/repull');
    await gina.dialog().getByRole('combobox', { name: 'App' }).fill('cache');
    await gina.dialog().getByText('No matches').waitFor();
    await gina.dialog().getByRole('button', { name: 'Cancel' }).click();
  });

  it('the App Home shows each what waits for them, what runs, what happened, and their rights with the rule', async () => {
    for (const visitor of [dana, sam, gina]) await visitor.go('repull');
    const home = (visitor: Visitor) => visitor.page.getByRole('region', { name: 'App Home' });
    expect(await dana.reads(home(dana), /What I may do/)).toMatch(
      /Waiting for my approval \(0\)[^]*bindings\[0\], role developer; #deploys/,
    );
    expect(await gina.reads(home(gina), /What I may do/)).toMatch(/Waiting for my approval \(0\)[^]*No rule of the policy names you/);
    expect(await sam.reads(home(sam), /Waiting for my approval \(1\)/)).toMatch(
      /cache in prod[^]*bindings\[1\], role operator; every channel/,
    );
    expect(await home(gina).getByRole('button').count()).toBe(0);
    await home(sam).getByRole('button', { name: 'Details' }).click();
    await sam.reads(sam.dialog(), /Exact writes/);
    await sam.dialog().getByRole('button', { name: 'Close' }).last().click();
    await home(sam).getByRole('button', { name: 'Reject' }).click();
    await sam.dialog().getByRole('button', { name: 'Back' }).click();
    await home(sam).getByRole('button', { name: 'Approve' }).click();
    expect(await sam.dialog().innerText()).toMatch(/cache in prod[^]*sha256:\w{12}/);
    await sam.dialog().getByRole('button', { name: 'Approve' }).click();
    await sam.reads(home(sam), /Waiting for my approval \(0\)/);
    for (const visitor of [dana, sam, gina]) await visitor.go('deploys');
    const card = dana.page.getByRole('article', { name: /^repull: .*cache in prod/ }).last();
    await dana.reads(card, /^(Queued|Rolling out|Succeeded)/m);
  });

  it('an incident channel is bound by an SRE, wants a reason, needs no vote, and is announced', async () => {
    for (const visitor of [dana, sam]) await visitor.go('incidents');
    expect((await dana.ask('/repull web prod')).text).toMatch(/not in this channel. Try: #deploys/);
    expect((await dana.ask('/repull incident on')).text).toMatch(/Denied ⛔\n/);
    expect((await sam.ask('/repull incident on --for 20m')).text).toContain('This channel is an incident channel for 20m');
    expect((await dana.ask('/repull web prod --force')).text).toContain('every request needs a reason');
    const card = await dana.request('/repull web prod --force --reason "checkout is down"');
    expect(await dana.reads(card, /incident rules applied/)).not.toContain('Approve');
    expect((await sam.ask('/repull incident off')).text).toContain('no longer an incident channel');
    expect((await sam.ask('/repull incident off')).text).toContain('was not an incident channel');
    await sam.go('sre-audit');
    await sam.announced(/@Sam Okafor made #incidents an incident channel for 20m/);
    await sam.announced(/@Dana Novak asks for web in prod under incident rules.*checkout is down/);
    await sam.announced(/@Sam Okafor ended the incident in #incidents/);
  });

  it('nothing is done from a direct message; it says where', async () => {
    for (const visitor of [dana, sam]) {
      await visitor.go(visitor === dana ? 'Sam Okafor' : 'Dana Novak');
      for (const line of ['/repull my-app prod', '/repull'])
        expect((await visitor.ask(line)).text).toMatch(/not used in direct messages; nothing was changed. Try #deploys/);
      expect(await visitor.dialog().count()).toBe(0);
    }
  });
});
