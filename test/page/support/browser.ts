import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Debian's Chromium, or the one of REPULL_CHROMIUM. */
const path = process.env['REPULL_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(path);
if (!hasChromium) console.warn(`*** The page is NOT tested: there is no Chromium at ${path}. ***`);

/** For `expect.poll`: long enough for a machine that is busy with other things. */
export const SOON = { timeout: 15_000 };

const QUIET = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ['--headless', '--no-sandbox', '--disable-gpu', ...QUIET] });
}

export interface Opened {
  page: Page;
  /** What the page wrote to its console as errors, and exceptions nobody caught. */
  complaints: string[];
}

/** A window of its own, with nothing remembered from the others. */
export async function open(
  browser: Browser,
  url: string,
  options: { width?: number; height?: number; dark?: boolean } = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.getByRole('log').first().waitFor();
  return { page, complaints };
}

/** The person in the sidebar, by their first name. */
export async function become(page: Page, name: string): Promise<void> {
  const button = page.getByRole('region', { name: 'Who you are' }).getByRole('button', { name: new RegExp(name) });
  await button.click();
  await page.getByRole('button', { name: new RegExp(`^You are ${name}`) }).waitFor();
}

/** Into the composer of the open channel, past the suggestions, and sent. */
export async function say(page: Page, text: string): Promise<void> {
  const composer = page.getByRole('textbox', { name: /^Message / });
  await composer.fill(text);
  await composer.press('Escape');
  await composer.press('Enter');
}
