import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { EXHIBITS, type Exhibit } from '../../unit/slack/exhibits.ts';
import { type Gallery, NOW } from './gallery.ts';

export type Look = 'light' | 'dark' | 'narrow';
export const LOOKS: readonly Look[] = ['light', 'dark', 'narrow'];

/** The page in one look, at a fixed time, with everything of the channel on it. So tall that no window cuts anything. */
async function pageIn(browser: Browser, gallery: Gallery, look: Look): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look === 'narrow' ? 390 : 980, height: 2600 },
    colorScheme: look === 'dark' ? 'dark' : 'light',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.clock.setFixedTime(NOW + 3_600_000);
  await page.goto(gallery.url);
  await page.getByRole('log').first().waitFor();
  const last = [...gallery.messages.values()].at(-1) ?? '';
  await page.locator(`[data-ts="${last}"]`).waitFor();
  // Hung up one after the other, which would only puzzle whoever looks at the pictures.
  await page.addStyleTag({ content: '.message-head time { display: none } .composer-place { visibility: hidden }' });
  await page.mouse.move(0, 0);
  return page;
}

/** Shows everything that there is in one look, one after the other: messages where they hang, modals and the App Home opened. */
export async function eachIn(
  browser: Browser,
  gallery: Gallery,
  look: Look,
  see: (exhibit: Exhibit, shown: Locator) => Promise<void>,
): Promise<void> {
  const page = await pageIn(browser, gallery, look);
  for (const exhibit of EXHIBITS) {
    if ('message' in exhibit) {
      await see(exhibit, page.locator(`article[data-ts="${gallery.messages.get(exhibit.name)}"]`));
    } else if (exhibit.as === 'confirm') {
      await page
        .locator(`article[data-ts="${gallery.messages.get(exhibit.card)}"]`)
        .getByRole('button', { name: exhibit.press })
        .click();
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      await page.evaluate('document.activeElement?.blur()');
      await see(exhibit, dialog);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    } else if (exhibit.as === 'modal') {
      await gallery.openModal(exhibit.name);
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      // Nobody has gone to a field yet.
      await page.evaluate('document.activeElement?.blur()');
      await see(exhibit, dialog);
      await gallery.closeModal();
      await dialog.waitFor({ state: 'detached' });
    } else {
      if (look === 'narrow') await page.getByRole('button', { name: 'Channels and people' }).click();
      await page.getByRole('navigation').getByRole('button', { name: 'repull' }).click();
      const home = page.getByRole('region', { name: 'App Home' });
      await home.locator('.blocks').waitFor();
      await see(exhibit, home);
    }
  }
  await page.context().close();
}

const INSPECT = readFileSync(new URL('./inspect.browser.js', import.meta.url), 'utf8');

/** What somebody could not read or press there; empty where all is well. */
export async function complaintsAbout(shown: Locator): Promise<string[]> {
  const handle = await shown.elementHandle();
  await shown.page().evaluate(INSPECT);
  const inspect = await shown.page().evaluateHandle<(root: unknown) => string[]>('globalThis.complaintsAbout');
  return shown.page().evaluate(([look, root]) => look(root), [inspect, handle] as const);
}
