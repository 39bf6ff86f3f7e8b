import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launch } from './support/browser.ts';
import { type Gallery, openGallery } from './support/gallery.ts';
import { writePictures } from './support/pictures.ts';
import { complaintsAbout, eachIn, LOOKS } from './support/shoot.ts';

describe.skipIf(!hasChromium)('every card, answer and modal, in the real page', () => {
  let gallery: Gallery;
  let browser: Browser;
  beforeAll(async () => {
    [gallery, browser] = await Promise.all([openGallery(), launch()]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });

  it.each(LOOKS)(
    'can be read and pressed, %s: nothing cut off or too faint, every button has a name and is large enough, the state word comes first',
    async (look) => {
      const found: Record<string, string[]> = {};
      let count = 0;
      await eachIn(browser, gallery, look, async (exhibit, shown) => {
        count += 1;
        const complaints = await complaintsAbout(shown);
        if ('message' in exhibit && exhibit.begins !== undefined) {
          const words = await shown.locator('.blocks').innerText();
          if (!words.startsWith(`${exhibit.begins} `)) complaints.push(`begins with “${words.slice(0, 40)}”, not with ${exhibit.begins}`);
        }
        if (complaints.length > 0) found[exhibit.name] = complaints;
      });
      expect(found).toEqual({});
      expect(count).toBeGreaterThan(50);
    },
  );

  // `npm run pictures`: takes what is shown now; look at the pictures before you commit them.
  it.runIf(process.env['PICTURES'] === 'write')('is written to docs/images/cards', { timeout: 300_000 }, async () => {
    expect(await writePictures(browser, gallery)).toBeGreaterThan(40);
  });
});
