import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import type { Gallery } from './gallery.ts';
import { contactSheet } from './sheet.ts';
import { eachIn, type Look } from './shoot.ts';
import { smallPng } from './small-png.ts';

const FOLDER = path.join('docs', 'images', 'cards');
const DARK = { background: '#0f1114', text: '#d1d2d3' };
const LIGHT = { background: '#e8e8e8', text: '#1d1c1d' };

/** Names of the pictures that the document shows. */
export const shownIn = (document: string): string[] =>
  [...document.matchAll(/\]\(images\/cards\/([\w-]+)\.png\)/g)].map(([, name]) => name ?? '');

/** In light those that docs/cards.md shows, and two sheets: all that there are in dark, and narrow. Answers how many files. */
export async function writePictures(browser: Browser, gallery: Gallery): Promise<number> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const wanted = new Set(shownIn(readFileSync(path.join('docs', 'cards.md'), 'utf8')));
  for (const { name, png } of await shotsOf(browser, gallery, 'light')) {
    if (wanted.has(name)) writeFileSync(path.join(FOLDER, `${name}.png`), smallPng(png, 48));
  }
  const sheets = [
    { look: 'dark', columns: 7, width: 260, ...DARK },
    { look: 'narrow', columns: 12, width: 140, ...LIGHT },
  ] as const;
  for (const { look, ...drawn } of sheets) {
    const sheet = await contactSheet(browser, await shotsOf(browser, gallery, look), drawn);
    writeFileSync(path.join(FOLDER, `all-${look}.png`), smallPng(sheet, 24));
  }
  return readdirSync(FOLDER).length;
}

async function shotsOf(browser: Browser, gallery: Gallery, look: Look): Promise<{ name: string; png: Buffer }[]> {
  const shots: { name: string; png: Buffer }[] = [];
  await eachIn(browser, gallery, look, async ({ name }, shown) => {
    const isHome = (await shown.locator('> .blocks').count()) === 1;
    shots.push({ name, png: await (isHome ? shown.locator('> .blocks') : shown).screenshot() });
  });
  return shots;
}
