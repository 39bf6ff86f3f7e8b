import type { Browser, Locator, Page } from 'playwright-core';
import { until } from '../../support/until.ts';
import { become, launch, open, say } from './browser.ts';
import { type PlaygroundProcess, startPlayground } from './playground-process.ts';

/** The real playground process and a browser, with a window for each person who walks. */
export interface Walk {
  playground: PlaygroundProcess;
  as(name: string): Promise<Visitor>;
  /** Rejects where any of the windows wrote an error to its console. */
  close(): Promise<void>;
}

/** A channel answers within this, also on a machine that stalls (milliseconds). */
const WITHIN = 45_000;

/** A card begins with its state; what is broadcast from a thread does not. */
const CARD = /^repull: (Planning|Waiting|Scheduled|Queued|Rolling|Succeeded|Failed|Cancelled|Expired)/;

interface Shown {
  ts: string;
  ephemeral: boolean;
  label: string;
  text: string;
}

/** What is used of the browser's own type, which the tests do not know. */
interface Article {
  className: string;
  innerText: string;
  getAttribute(name: string): string | null;
}

/** One person in one window. What is awaited is what stands on the page, never a time. */
export class Visitor {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  /** Everything that stands in the open channel, oldest first. */
  shown(): Promise<Shown[]> {
    return this.page
      .getByRole('log', { name: 'Messages' })
      .first()
      .locator('article')
      .evaluateAll((articles) =>
        (articles as unknown as Article[]).map((one) => ({
          ts: one.getAttribute('data-ts') ?? '',
          ephemeral: one.className.includes('ephemeral'),
          label: one.getAttribute('aria-label') ?? '',
          // The page's library writes some spaces as non-breaking ones.
          text: one.innerText.replaceAll('\u00a0', ' '),
        })),
      );
  }

  /** The answer that only this person sees, once it is more than "Planning …". */
  async ask(text: string): Promise<Answer> {
    return this.answerTo(() => say(this.page, text), text);
  }

  /** The same, for anything that a person does. */
  async answerTo(act: () => Promise<unknown>, what: string): Promise<Answer> {
    const found = await this.#fresh(act, (one) => one.ephemeral && !/^Planning .* …$/m.test(one.text), `an answer to ${what}`);
    return { text: found.text, at: this.at(found.ts) };
  }

  /** Does it, and waits for the card that repull makes of it. */
  async request(act: string | (() => Promise<unknown>)): Promise<Locator> {
    const doing = typeof act === 'string' ? () => say(this.page, act) : act;
    const found = await this.#fresh(doing, (one) => !one.ephemeral && CARD.test(one.label), `a card for ${String(act)}`);
    return this.at(found.ts);
  }

  /** A message of repull's own to everybody that says this. */
  announced(pattern: RegExp): Promise<string> {
    return until(async () => (await this.shown()).findLast((one) => !one.ephemeral && pattern.test(one.text))?.text, {
      what: `an announcement ${pattern}`,
      withinMs: WITHIN,
      everyMs: 50,
    });
  }

  at(ts: string): Locator {
    return this.page.getByRole('log', { name: 'Messages' }).first().locator(`article[data-ts="${ts}"]`);
  }

  /** The same card in this person's window. */
  async same(card: Locator): Promise<Locator> {
    return this.at((await card.getAttribute('data-ts')) ?? '');
  }

  /** Waits until it reads like this; the whole text. */
  reads(place: Locator, pattern: RegExp): Promise<string> {
    return until(
      async () => {
        const text = (await place.innerText()).replaceAll('\u00a0', ' ');
        return pattern.test(text) ? text : undefined;
      },
      { what: `it reads ${pattern}`, withinMs: WITHIN, everyMs: 50 },
    );
  }

  /** Presses a button of a message and says yes to what it asks. */
  async press(message: Locator, button: string, yes?: string): Promise<void> {
    await message.getByRole('button', { name: button, exact: true }).click();
    if (yes !== undefined) await this.dialog().getByRole('button', { name: yes, exact: true }).click();
  }

  dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** Opens a channel, a conversation or the app's Home. */
  async go(place: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('button', { name: place, exact: true }).click();
    await this.page.locator('.channel-head').getByRole('heading', { name: place }).waitFor();
  }

  /** A build under this tag, by the Registry's own button. */
  async push(image: string, kind: 'good' | 'crashing' = 'good'): Promise<void> {
    const row = this.page.getByRole('region', { name: 'Registry' }).getByRole('listitem').filter({ hasText: image });
    const digest = row.locator('code');
    const before = await digest.innerText();
    if (kind === 'good') await row.getByRole('button', { name: 'Push new build' }).click();
    else {
      await row.getByRole('button', { name: /^Other builds/ }).click();
      await this.page.getByRole('menuitem', { name: /crashing/ }).click();
    }
    await until(async () => (await digest.innerText()) !== before, { what: `a new build of ${image}`, withinMs: WITHIN, everyMs: 50 });
  }

  async #fresh(act: () => Promise<unknown>, isIt: (one: Shown) => boolean, what: string): Promise<Shown> {
    const before = new Set((await this.shown()).map(({ ts }) => ts));
    await act();
    return until(async () => (await this.shown()).find((one) => !before.has(one.ts) && isIt(one)), {
      what: `${what}; shown: ${(await this.shown()).at(-1)?.text ?? 'nothing'}`,
      withinMs: WITHIN,
      everyMs: 50,
    });
  }
}

interface Answer {
  text: string;
  at: Locator;
}

/** Windows onto a page, each with its person. */
export async function startVisits(url: string): Promise<Pick<Walk, 'as' | 'close'>> {
  const browser: Browser = await launch();
  const complaints: string[][] = [];
  return {
    async as(name) {
      const { page, complaints: own } = await open(browser, url);
      complaints.push(own);
      page.setDefaultTimeout(WITHIN);
      await become(page, name);
      return new Visitor(page);
    },
    async close() {
      await browser.close();
      const said = complaints.flat();
      if (said.length > 0) throw new Error(`the browser's console has errors:\n${said.join('\n')}`);
    },
  };
}

export async function startWalk(env: Record<string, string> = {}): Promise<Walk> {
  const playground = startPlayground(env);
  const visits = await startVisits(await playground.url());
  return {
    playground,
    as: visits.as,
    async close() {
      try {
        await visits.close();
      } finally {
        playground.child.kill('SIGINT');
        await playground.ended;
      }
    },
  };
}
