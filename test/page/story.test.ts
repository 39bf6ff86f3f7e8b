import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { become, hasChromium, launch, open, say, SOON } from './support/browser.ts';
import { isAlive, occupyPort, processesWith, type PlaygroundProcess, startPlayground } from './support/playground-process.ts';

const started: PlaygroundProcess[] = [];
const start = (env?: Record<string, string>): PlaygroundProcess => {
  const playground = startPlayground(env);
  started.push(playground);
  return playground;
};

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGINT');
    await ended;
  }
}, 30_000);

describe.skipIf(!hasChromium)('the first minute of a newcomer, with the real bot and worker', () => {
  let browser: Browser | undefined;
  afterEach(async () => browser?.close());

  it('push a build, ask for it, approve as somebody else, watch the proof; and Ctrl-C leaves nothing behind', {
    timeout: 240_000,
  }, async () => {
    const taken = await occupyPort();
    const playground = start({ PORT: String(taken.port) });
    const url = await playground.url();
    expect(playground.output()).toContain(`port ${taken.port} is in use, so the page is on ${new URL(url).port}`);
    taken.server.close();

    browser = await launch();
    const { page, complaints } = await open(browser, url);
    page.setDefaultTimeout(60_000);
    const tour = page.getByRole('region', { name: 'What to try' });
    await tour.getByRole('button', { name: 'Push new build' }).click();
    await tour.getByRole('button', { name: 'Write it for me' }).click();
    await page.getByRole('textbox', { name: /^Message #/ }).press('Enter');
    const card = page.getByRole('article', { name: /^repull: .*my-app/ }).first();
    await card.getByText(/^Waiting for approval/).waitFor();
    await tour.getByRole('button', { name: 'Become Sam' }).click();
    await card.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await card.getByText(/^Succeeded/).waitFor();
    const pods = page
      .getByRole('region', { name: 'Namespace shop-prod' })
      .getByRole('article', { name: 'Deployment my-app' })
      .getByRole('listitem');
    const tag = page.getByRole('region', { name: 'Registry' }).getByRole('listitem').filter({ hasText: 'shop/my-app' }).locator('code');
    const digest = await tag.innerText();
    // A pod that has ended stays listed for a moment.
    await expect.poll(() => pods.locator('code').allInnerTexts(), SOON).toEqual([digest, digest, digest, digest]);
    expect(await card.innerText()).toContain(digest);
    await expect.poll(() => tour.innerText(), SOON).toContain('That was it');

    // The same tag again, with a build that crashes: said as a failure, with the way back.
    await become(page, 'Dana');
    await page.getByRole('button', { name: 'Other builds for shop/my-app:stable' }).click();
    await page.getByRole('menuitem', { name: /crashing/ }).click();
    await say(page, '/repull my-app staging');
    const second = page.getByRole('article', { name: /^repull: .*staging/ }).first();
    await second
      .getByText(/^Failed/)
      .first()
      .waitFor({ timeout: 100_000 });
    await second.getByRole('button', { name: 'Roll back' }).waitFor();
    expect(complaints).toEqual([]);

    const pids = playground.pids();
    expect(pids).toHaveLength(2);
    playground.child.kill('SIGINT');
    expect(await playground.ended).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(playground.folder())).toBe(false);
    expect(playground.output()).toContain('Everything is stopped.');
  });
});

describe('the playground as a process', () => {
  it('starts a killed worker again; and takes everything with it, even when it is killed itself', { timeout: 150_000 }, async () => {
    const playground = start();
    await playground.url();
    const pids = playground.pids();
    expect(pids.filter(isAlive)).toHaveLength(2);
    process.kill(pids[1] ?? 0, 'SIGKILL');
    await until(() => /repull (bot|worker) was ended by SIGKILL; starting it again/.test(playground.output()), { what: 'it is said' });
    // Everything that was started for it works in its folder, by the command line or the environment.
    const own = () => processesWith(path.basename(playground.folder()));
    await until(() => own().length >= 4, { what: 'bot, worker, Redis and its guard run', withinMs: 20_000, everyMs: 50 });
    playground.child.kill('SIGKILL');
    await playground.ended;
    await until(() => own().length === 0, { what: 'nothing of it runs any more', withinMs: 40_000, everyMs: 50 });
  });

  it('says how to get a Redis where there is none', async () => {
    const playground = start({ PATH: '/nonexistent' });
    expect(await playground.ended).toBe(1);
    expect(playground.output()).toContain('apt-get install redis-server');
    expect(playground.output()).not.toMatch(/\n\s+at /);
  });

  it('says that nothing answers at REDIS_URL', async () => {
    const { port, server } = await occupyPort();
    server.close();
    const playground = start({ REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(await playground.ended).toBe(1);
    expect(playground.output()).toMatch(/REDIS_URL is set, but nothing usable answers there: .*ECONNREFUSED/);
  });

  it('says that the cluster of KUBECONFIG cannot be used, and leaves nothing running', { timeout: 60_000 }, async () => {
    const playground = start({ KUBECONFIG: '/nonexistent/config' });
    expect(await playground.ended).toBe(1);
    expect(playground.output()).toContain('KUBECONFIG is set (/nonexistent/config), but that cluster cannot be used');
  });

  it('refuses a wrong environment with exit code 78', async () => {
    const playground = start({ PORT: 'eighty' });
    expect(await playground.ended).toBe(78);
    expect(playground.output()).toContain('PORT');
  });
});
