import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DANA, DEPLOYS, SAM } from '../../src/playground/demo.ts';
import { become, hasChromium, launch, open, say, SOON } from './support/browser.ts';
import { CARD } from './support/house-app.ts';
import { type PageWorld, pageWorld } from './support/page-world.ts';

describe.skipIf(!hasChromium)('the channel in a browser', () => {
  let world: PageWorld;
  let browser: Browser;
  const complaints: string[] = [];
  const opened = async (options: Parameters<typeof open>[2] = {}): Promise<Page> => {
    const { page, complaints: own } = await open(browser, world.url, options);
    page.once('close', () => complaints.push(...own));
    return page;
  };
  beforeAll(async () => {
    [world, browser] = await Promise.all([pageWorld(), launch()]);
  }, 60_000);
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const said = complaints.splice(0);
    if (said.length > 0) throw new Error(`the browser's console has errors:\n${said.join('\n')}`);
    world.app.heard.length = 0;
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const card = async (): Promise<string> => {
    const posted = await world.app.client.chat.postMessage({ channel: DEPLOYS, text: 'Waiting for approval', blocks: CARD as never });
    return posted.ts ?? '';
  };
  const messageAt = (page: Page, ts: string) => page.locator(`article[data-ts="${ts}"]`).first();

  it('opens in the deploys channel, as the developer, with the app connected', async () => {
    const page = await opened();
    await page.getByRole('heading', { name: 'deploys' }).first().waitFor();
    expect(await page.getByText('repull is connected').count()).toBe(1);
    expect(await page.getByRole('button', { name: /^You are Dana/ }).count()).toBe(1);
    expect(await page.getByRole('navigation').getByRole('listitem').count()).toBeGreaterThan(6);
  });

  it('shows each person the channels that they can open', async () => {
    const page = await opened();
    const channels = page.getByRole('navigation');
    expect(await channels.getByRole('button', { name: 'sre-audit' }).count()).toBe(0);
    await become(page, 'Sam');
    await channels.getByRole('button', { name: 'sre-audit' }).waitFor();
    await become(page, 'Gina');
    await channels.getByRole('button', { name: 'incidents' }).waitFor({ state: 'detached' });
  });

  it('offers commands, apps and environments while somebody types, and shows the usage', async () => {
    const page = await opened();
    const composer = page.getByRole('textbox', { name: /^Message #/ });
    await composer.pressSequentially('/r');
    await page.getByRole('option', { name: '/repull' }).waitFor();
    await composer.press('Tab');
    await page.getByText('/repull <app> <env>').waitFor();
    await composer.pressSequentially('my');
    await composer.press('Tab');
    await page.getByRole('option', { name: 'staging' }).waitFor();
    await composer.press('ArrowDown');
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('/repull my-app staging ');
    await composer.press('Enter');
    await expect.poll(() => world.app.heard, SOON).toContain(`command ${DANA} my-app staging`);
    expect(await composer.inputValue()).toBe('');
  });

  it('shows an ephemeral answer to the one who asked and to nobody else, and lets it be dismissed', async () => {
    const [dana, sam] = [await opened(), await opened()];
    await become(sam, 'Sam');
    await say(dana, '/repull web prod');
    const answer = dana.getByRole('article', { name: /Planning \*web prod\*/ });
    await answer.getByText('Only visible to you').waitFor();
    await say(sam, 'anything new?');
    await sam.getByRole('article', { name: /anything new\?/ }).waitFor();
    expect(await sam.getByText('Planning').count()).toBe(0);
    await answer.getByRole('button', { name: 'Dismiss message' }).click();
    await answer.waitFor({ state: 'detached' });
  });

  it('draws what an app wrote: formatting, people, channels, emoji and local time', async () => {
    const page = await opened();
    const message = messageAt(page, await card());
    await message.getByRole('heading', { name: 'Waiting for approval' }).waitFor();
    const text = await message.innerText();
    expect(text).toContain('✋');
    expect(text).toContain('@Dana Novak');
    expect(text).toContain('#deploys');
    expect(text).toMatch(/14\/11\/2023 23:13/);
    expect(text).not.toMatch(/[*`]|verbatim|U0DANA0001/);
    expect(await message.locator('strong', { hasText: 'Image' }).count()).toBe(1);
    expect(await message.locator('code', { hasText: 'localhost:5000/shop/my-app:stable' }).count()).toBe(1);
    expect(await message.getByText('APP', { exact: true }).count()).toBe(1);
    const escaped = await world.app.client.chat.postMessage({ channel: DEPLOYS, text: '&lt;env&gt; &lt;!channel&gt; &lt;@U0DANA0001&gt;' });
    await expect.poll(() => messageAt(page, escaped.ts ?? '').innerText(), SOON).toMatch(/<env> <\u2060!channel> <\u2060@U0DANA0001>/);
  });

  it('asks before a button that wants to be confirmed, and sends one click for one yes', async () => {
    const page = await opened();
    await become(page, 'Sam');
    const ts = await card();
    const message = messageAt(page, ts);
    const dialog = page.getByRole('dialog', { name: 'Approve this change?' });
    await message.getByRole('button', { name: 'Approve' }).click();
    // Not an emoji, though it stands between two colons.
    await dialog.getByText('localhost:5000/shop/my-app:stable will run.').waitFor();
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await dialog.waitFor({ state: 'detached' });
    await message.getByRole('button', { name: 'Approve' }).click();
    await dialog.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await message.getByRole('button', { name: 'Reject' }).click();
    await expect.poll(() => world.app.heard, SOON).toContain(`reject r1 ${SAM}`);
    expect(world.app.heard).toEqual([`reject r1 ${SAM}`]);
    await message.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('button', { name: 'Yes, approve' }).click();
    await message.getByText('Rolling out').waitFor();
    expect(world.app.heard).toEqual([`reject r1 ${SAM}`, `approve ${SAM}`]);
    expect(await message.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  it('opens overflow menus and selects, and sends what was chosen', async () => {
    const page = await opened();
    const message = messageAt(page, await card());
    await message.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('menuitem', { name: 'Forget it' }).click();
    await expect.poll(() => world.app.heard, SOON).toContain(`more forget ${DANA}`);
    await message.getByRole('combobox', { name: 'How fast' }).click();
    await page.getByRole('option', { name: 'Quickly' }).click();
    await expect.poll(() => world.app.heard, SOON).toContain(`speed quick ${DANA}`);
  });

  it('opens a thread beside the channel, replies in it, and repeats a reply in the channel when asked', async () => {
    const page = await opened();
    const ts = await card();
    await messageAt(page, ts).hover();
    await messageAt(page, ts).getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('region', { name: 'Thread' });
    const reply = thread.getByRole('textbox', { name: 'Reply…' });
    await reply.fill('on it');
    await reply.press('Enter');
    await thread.getByRole('article', { name: 'Dana Novak: on it' }).waitFor();
    await thread.getByRole('checkbox', { name: /Also send/ }).check();
    await reply.fill('done, all');
    await reply.press('Enter');
    await page.getByRole('main').getByText('replied to').waitFor();
    await messageAt(page, ts)
      .getByRole('button', { name: /2 replies/ })
      .waitFor();
    await reply.fill('@repull status');
    await reply.press('Enter');
    await thread.getByRole('article', { name: /You said/ }).waitFor();
    await thread.getByRole('button', { name: 'Close thread' }).click();
    await expect.poll(() => thread.count(), SOON).toBe(0);
  });

  it('says why a slash command does nothing in a thread, and keeps what was typed', async () => {
    const page = await opened();
    const ts = await card();
    await messageAt(page, ts).hover();
    await messageAt(page, ts).getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('region', { name: 'Thread' });
    const reply = thread.getByRole('textbox', { name: 'Reply…' });
    await reply.fill('/repull my-app prod');
    await reply.press('Enter');
    await thread.getByRole('article', { name: /Slackbot/ }).waitFor();
    expect(await reply.inputValue()).toBe('/repull my-app prod');
    expect(world.app.heard).toEqual([]);
  });

  it('runs a message shortcut from the menu of a message', async () => {
    const page = await opened();
    const ts = await card();
    await messageAt(page, ts).hover();
    await messageAt(page, ts).getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /Repull from here/ }).click();
    await expect.poll(() => world.app.heard, SOON).toContain(`shortcut ${DANA}`);
  });

  it('shows what happens meanwhile without being asked: new, edited, deleted, and in other channels', async () => {
    const page = await opened();
    const { client } = world.app;
    const { ts = '' } = await client.chat.postMessage({ channel: DEPLOYS, text: 'first' });
    await messageAt(page, ts).getByText('first').waitFor();
    await client.chat.update({ channel: DEPLOYS, ts, text: 'second' });
    await messageAt(page, ts).getByText('second').waitFor();
    await client.chat.delete({ channel: DEPLOYS, ts });
    await messageAt(page, ts).waitFor({ state: 'detached' });
    await world.slack.as(SAM).type('C0INCIDENT', 'something burns');
    const incidents = page.getByRole('navigation').getByRole('button', { name: 'incidents' });
    await expect.poll(() => incidents.getAttribute('class'), SOON).toContain('unread');
    await incidents.click();
    await page.getByRole('article', { name: /something burns/ }).waitFor();
    await expect.poll(() => incidents.getAttribute('class'), SOON).not.toContain('unread');
  });

  it('comes back by itself after the server was away', async () => {
    const page = await opened();
    const context = page.context();
    await context.setOffline(true);
    world.slack.workspace.rename('C0RANDOM01', 'random-two');
    await context.setOffline(false);
    await expect.poll(() => page.getByRole('navigation').getByRole('button', { name: 'random-two' }).count(), SOON).toBe(1);
    world.slack.workspace.rename('C0RANDOM01', 'random');
  });
});
