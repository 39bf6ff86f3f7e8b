import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from './support/browser.ts';
import { startWalk, type Visitor, type Walk } from './support/walk.ts';

/** docs/walk.md says which of these tests walks what, and as whom. */
describe.skipIf(!hasChromium)('every button of a card, pressed by who may and by who may not', () => {
  let walk: Walk;
  let dana: Visitor;
  let sam: Visitor;
  let gina: Visitor;
  let failing: Locator;
  beforeAll(async () => {
    walk = await startWalk();
    [dana, sam, gina] = await Promise.all([walk.as('Dana'), walk.as('Sam'), walk.as('Gina')]);
    // It takes longest to fail, so it begins first.
    await dana.push('shop/web', 'crashing');
    failing = await dana.request('/repull web staging');
    await dana.push('shop/my-app');
  }, 120_000);
  afterAll(() => walk.close(), 60_000);

  const buttons = (card: Locator): Promise<string[]> => card.locator('.block-actions').getByRole('button').allInnerTexts();
  const idOf = async (card: Locator): Promise<string> => /[0-9A-Z]{6}-[0-9A-Z]{4}/.exec(await card.innerText())?.[0] ?? '';

  it('a guest and a developer press what they may not: only they are told, and the card waits on', async () => {
    const card = await dana.request('/repull my-app prod --reason "the new build"');
    expect(await dana.reads(card, /Waiting for approval/)).toMatch(/Approvals 0 of 1.*\n?.*rule bindings\[0\], role developer/);
    expect(await buttons(card)).toEqual(['Approve', 'Reject', 'Cancel', 'Details']);
    const hers = await gina.same(card);
    for (const [button, yes] of [['Approve', 'Approve'], ['Cancel']] as const) {
      const told = await gina.answerTo(() => gina.press(hers, button, yes), button);
      expect(told.text).toMatch(/Only visible to you[^]*Denied ⛔ · my-app in prod\nGuests cannot use repull/);
    }
    await gina.press(hers, 'Reject');
    const rejecting = await gina.answerTo(() => gina.dialog().getByRole('button', { name: 'Reject' }).click(), 'Reject');
    expect(rejecting.text).toContain('Guests cannot use repull');
    await gina.press(hers, 'Details');
    await gina.dialog().getByText('There is no such request that you may see here.').waitFor();
    expect(await gina.dialog().innerText()).not.toContain('sha256');
    await gina.dialog().getByRole('button', { name: 'Close' }).last().click();
    const own = await dana.answerTo(() => dana.press(card, 'Approve', 'Approve'), 'Approve');
    expect(own.text).toMatch(/Denied ⛔ · my-app in prod[^]*Who can help: sre/);
    expect(await sam.reads(await sam.same(card), /Approvals 0 of 1/)).toContain('Waiting for approval');
  });

  it('Details shows the plan and the exact writes; the confirmation names app, environment and digest; Not now changes nothing', async () => {
    const card = sam.page.getByRole('article', { name: /^repull: Waiting for approval .* my-app in prod/ }).last();
    const digest = /registry (sha256:\w+)/.exec(await card.innerText())?.[1] ?? '-';
    await sam.press(card, 'Details');
    const details = await sam.reads(sam.dialog(), /Exact writes/);
    expect(details).toContain('method pin');
    expect(details).toContain(digest);
    await sam.page.keyboard.press('Escape');
    await sam.dialog().waitFor({ state: 'detached' });
    await sam.press(card, 'Approve');
    expect(await sam.dialog().innerText()).toMatch(new RegExp(`Approve this change\\?[^]*my-app in prod will run ${digest}`));
    await sam.dialog().getByRole('button', { name: 'Not now' }).click();
    await sam.dialog().waitFor({ state: 'detached' });
    expect(await buttons(card)).toEqual(['Approve', 'Reject', 'Cancel', 'Details']);
  });

  it('Reject asks why; the card says who and why to everybody, and only Details stays; who was slower is told', async () => {
    const robin = await walk.as('Robin');
    const card = sam.page.getByRole('article', { name: /^repull: Waiting for approval .* my-app in prod/ }).last();
    const slower = await robin.same(card);
    await robin.press(slower, 'Reject');
    await sam.press(card, 'Reject');
    expect(await sam.dialog().innerText()).toContain('nothing will be changed');
    await sam.dialog().getByRole('textbox').fill('not before the demo');
    const rejected = await sam.same(card);
    await sam.dialog().getByRole('button', { name: 'Reject', exact: true }).click();
    for (const visitor of [dana, sam, gina]) {
      const text = await visitor.reads(await visitor.same(rejected), /^Rejected/m);
      expect(text).toContain('Rejected by @Sam Okafor: not before the demo');
      expect(await buttons(await visitor.same(rejected))).toEqual(['Details']);
    }
    const late = await robin.answerTo(() => robin.dialog().getByRole('button', { name: 'Reject', exact: true }).click(), 'a late Reject');
    expect(late.text).toMatch(/Only visible to you[^]*rejected/);
    await robin.page.close();
  });

  it('nobody approves their own; a second person does, and everybody sees it roll out to the proof', async () => {
    const card = await sam.request('/repull my-app prod --reason "again"');
    await sam.reads(card, /Waiting for approval/);
    const own = await sam.answerTo(() => sam.press(card, 'Approve', 'Approve'), 'Approve');
    expect(own.text).toContain('It is your own request; somebody else has to approve it.');
    const robin = await walk.as('Robin');
    const hers = await robin.same(card);
    await robin.press(hers, 'Approve', 'Approve');
    for (const visitor of [robin, dana, sam, gina]) {
      const text = await visitor.reads(await visitor.same(card), /^Succeeded/m);
      expect(text).toMatch(/now sha256:\w+[^]*pulled new/);
      expect(text).toContain('Approvals 1 of 1: @Robin Lindqvist');
    }
    expect(await buttons(card)).toEqual(['Roll back', 'Details']);
    await robin.page.close();
  });

  it('Roll back asks first, is a request of its own, and can be cancelled by who asked', async () => {
    const card = dana.page.getByRole('article', { name: /^repull: Succeeded .* my-app in prod/ }).last();
    const id = await idOf(card);
    const guest = await gina.answerTo(async () => gina.press(await gina.same(card), 'Roll back', 'Roll back'), 'Roll back');
    expect(guest.text).toContain('Guests cannot use repull');
    await dana.press(card, 'Roll back');
    expect(await dana.dialog().innerText()).toContain(`goes back to the digests recorded before ${id}`);
    await dana.dialog().getByRole('button', { name: 'Keep it' }).click();
    const back = await dana.request(() => dana.press(card, 'Roll back', 'Roll back'));
    expect(await dana.reads(back, /Waiting for approval/)).toContain(`undoes ${id}`);
    await dana.press(back, 'Cancel');
    expect(await sam.reads(await sam.same(back), /^Cancelled/m)).toMatch(/Stopped by @Dana Novak. Nothing was changed./);
    expect(await buttons(back)).toEqual(['Details']);
  });

  it('the typed rollback says its reason; approved, the first card links it and loses its button', async () => {
    const first = await dana.same(dana.page.getByRole('article', { name: /^repull: Succeeded .* my-app in prod/ }).last());
    const back = await dana.request('/repull rollback my-app prod --reason "the demo broke"');
    expect(await dana.reads(back, /Waiting for approval/)).toContain('Reason: the demo broke');
    await sam.press(await sam.same(back), 'Approve', 'Approve');
    await dana.reads(back, /^Succeeded/m);
    expect(await dana.reads(first, /Rolled back by/)).toContain(await idOf(back));
    expect(await buttons(first)).toEqual(['Details']);
  });

  it('Cancel while it rolls out asks first and says what is done already, with the way back', async () => {
    const card = await dana.request('/repull cache prod --force');
    await sam.press(await sam.same(card), 'Approve', 'Approve');
    await dana.reads(card, /^Rolling out/m);
    await dana.press(card, 'Cancel');
    expect(await dana.dialog().innerText()).toContain('Pods that were replaced stay as they are.');
    await dana.dialog().getByRole('button', { name: 'Stop it' }).click();
    // All pods may have been replaced before it was stopped; then it is told as what it is.
    await dana.reads(card, /^(Cancelled[^]*@Dana Novak|Succeeded)/m);
    expect(await buttons(card)).toEqual(['Roll back', 'Details']);
  });

  it('a crashing build fails with cause and next step; Retry is a new request, and refuses nothing silently', async () => {
    const card = failing;
    const text = await dana.reads(card, /^Failed/m);
    expect(text).toMatch(/Next: /);
    expect(await buttons(card)).toEqual(['Roll back', 'Retry', 'Details']);
    const guest = await gina.answerTo(async () => gina.press(await gina.same(card), 'Retry'), 'Retry');
    expect(guest.text).toContain('Guests cannot use repull');
    await dana.push('shop/web');
    const again = await dana.request(() => dana.press(card, 'Retry'));
    expect(await idOf(again)).not.toBe(await idOf(card));
    await dana.reads(again, /^Succeeded/m);
  });
});
