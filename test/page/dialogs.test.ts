import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DANA } from '../../src/playground/demo.ts';
import { hasChromium, launch, open, say, SOON } from './support/browser.ts';
import { type PageWorld, pageWorld } from './support/page-world.ts';

describe.skipIf(!hasChromium)('forms, the App Home, the cluster and the looks in a browser', () => {
  let world: PageWorld;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([pageWorld(), launch()]);
  }, 60_000);
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    world.app.heard.length = 0;
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });
  const opened = async (options: Parameters<typeof open>[2] = {}): Promise<Page> => (await open(browser, world.url, options)).page;

  const form = async (page: Page) => {
    await say(page, '/repull');
    const dialog = page.getByRole('dialog', { name: 'Repull' });
    await dialog.waitFor();
    return dialog;
  };

  it('shows which fields of a form are missing, then what the app finds wrong, then closes it', async () => {
    const page = await opened();
    const dialog = await form(page);
    await dialog.getByRole('button', { name: 'Plan it' }).click();
    await expect.poll(() => dialog.getByText('Please complete this required field.').count(), SOON).toBe(2);
    expect(world.app.heard.filter((what) => what.startsWith('form'))).toEqual([]);

    await dialog.getByRole('combobox', { name: 'App' }).click();
    await dialog.getByRole('option', { name: 'cache' }).waitFor();
    await dialog.getByRole('combobox', { name: 'App' }).pressSequentially('web');
    await dialog.getByRole('option', { name: 'cache' }).waitFor({ state: 'detached' });
    await dialog.getByRole('option', { name: 'web' }).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('because');
    await dialog.getByRole('checkbox', { name: 'Force' }).check();
    await dialog.getByRole('button', { name: 'Plan it' }).click();
    await dialog.getByRole('alert').getByText('That is no reason.').waitFor();

    await dialog.getByRole('textbox', { name: 'Reason' }).fill('new build');
    await dialog.getByRole('textbox', { name: 'Reason' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => world.app.heard, SOON).toContain(`form ${DANA} web new build force`);
  });

  it('closes a form with Escape, and tells the local Slack so', async () => {
    const page = await opened();
    const dialog = await form(page);
    expect(world.slack.as(DANA).modal()).toBeDefined();
    await dialog.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(world.slack.as(DANA).modal()).toBeUndefined();
  });

  it('opens the App Home, which the app fills for this person', async () => {
    const page = await opened();
    await page.getByRole('navigation').getByRole('button', { name: 'repull', exact: true }).click();
    const home = page.getByRole('region', { name: 'App Home' });
    await home.getByRole('heading', { name: 'Waiting for my approval' }).waitFor();
    await home.getByRole('button', { name: 'Reject' }).click();
    await expect.poll(() => world.app.heard, SOON).toContain(`reject r1 ${DANA}`);
  });

  it('pushes a build: the tag moves to another digest, and the pods are seen to be behind', async () => {
    const page = await opened();
    const workload = page.getByRole('article', { name: 'Deployment my-app' });
    await workload.getByText('2/2 ready').waitFor();
    const [before] = world.registry.tags();
    const old = before?.digest.slice(7, 14) ?? '';
    await expect.poll(() => workload.getByText(old).count(), SOON).toBe(2);
    await page.getByRole('region', { name: 'Registry' }).getByRole('button', { name: 'Push new build' }).click();
    await workload.getByText('registry has newer').waitFor();
    const fresh = world.registry.tags()[0]?.digest.slice(7, 14) ?? '';
    expect(fresh).not.toBe(old);
    await page.getByRole('region', { name: 'Registry' }).getByText(fresh).waitFor();
    const step = page.getByRole('region', { name: 'What to try' }).locator('[aria-current=step]');
    await expect.poll(() => step.innerText(), SOON).toContain('Ask for it');
    await step.getByRole('button', { name: 'Write it for me' }).click();
    expect(await page.getByRole('textbox', { name: /^Message #/ }).inputValue()).toBe('/repull my-app prod');
  });

  it('shows nodes with the images they hold, and what the kubelets report', async () => {
    const page = await opened();
    await page.getByRole('tab', { name: 'Nodes' }).click();
    const node = page.getByRole('region', { name: 'Node node-1' });
    await node.getByText('shop/my-app:stable').waitFor();
    expect(await node.innerText()).toMatch(/Ready[\s\S]*1 pod/);
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByRole('region', { name: 'Events' }).getByText('Pulled', { exact: true }).first().waitFor();
  });

  it('is dark where the system is, and as somebody chose after that', async () => {
    const page = await opened({ dark: true });
    const background = () => page.evaluate<string>(`getComputedStyle(document.querySelector('main')).backgroundColor`);
    expect(await background()).toBe('rgb(26, 29, 33)');
    await page.getByRole('button', { name: 'Switch to light' }).click();
    await expect.poll(background, SOON).toBe('rgb(255, 255, 255)');
    await page.reload();
    await page.getByRole('log').waitFor();
    expect(await background()).toBe('rgb(255, 255, 255)');
  });

  it.each([360, 800])('fits into %i pixels: nothing hangs over the edge, and everything can be reached', async (width) => {
    const page = await opened({ width, height: 740 });
    const overhang = () => page.evaluate<number>(`document.documentElement.scrollWidth - document.documentElement.clientWidth`);
    expect(await overhang()).toBe(0);
    await page.getByRole('button', { name: 'Cluster', exact: true }).click();
    await page.getByRole('article', { name: 'Deployment my-app' }).waitFor();
    expect(await overhang()).toBe(0);
    await page.getByRole('button', { name: 'Close cluster' }).click();
    if (width < 720) await page.getByRole('button', { name: 'Channels and people' }).click();
    await page.getByRole('region', { name: 'Who you are' }).getByRole('button', { name: /Sam/ }).click();
    await page.getByRole('button', { name: /^You are Sam/ }).waitFor();
    await say(page, `from a window of ${width}`);
    await page.getByRole('article', { name: `from a window of ${width}` }).waitFor();
  });
});
