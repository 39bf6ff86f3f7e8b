import { expect } from 'vitest';
import { messageText } from '../../src/playground/slack/render-text.ts';
import { followReports, type Reports } from './reports.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** No failure is told later than this after the cluster knew it. */
const LATE_MS = 30_000;

/** A card as a person reads it: without its markup. */
export const plain = (text: string): string => text.replaceAll(/[*`]/g, '').replaceAll(/^# /gm, '');

/** What the tests of failures share: every failure is told once, in time, and after what the cluster said. */
export interface Failing {
  reports: Reports;
  /** Waits until the newest card or answer of the app says so; the text that a person reads. */
  shows(app: string, pattern: RegExp, seconds?: number): Promise<string>;
  /** Asks, and waits for the end; fails unless that is a failure, told once. */
  fails(app: string, more?: string, seconds?: number): Promise<string>;
  /** The same for what was asked already. */
  failed(app: string, seconds?: number): Promise<string>;
  /** Since the cluster knew (its own event or condition time) until the card said so, beyond the patience that the failure is given. */
  inTime(app: string, knewAt: number | undefined, patienceMs?: number): void;
  close(): Promise<void>;
}

export async function judgeFailures(stage: Stage): Promise<Failing> {
  const reports = await followReports(stage.world, stage.namespace);
  const measured: string[] = [];
  const ended = new Map<string, number>();
  const shows = async (app: string, pattern: RegExp, seconds = 90): Promise<string> => {
    const seen = (): string => {
      const [newest] = [stage.card(app), stage.answer(app)?.message]
        .filter((one) => one !== undefined)
        .toSorted((a, b) => (a.ts < b.ts ? 1 : -1));
      return newest === undefined ? '' : plain(messageText(newest));
    };
    const found = await stage.line.slack.waitFor(() => (pattern.test(seen()) ? seen() : undefined), {
      seconds,
      what: `${app} shows ${pattern}; it shows: ${seen()}`,
    });
    return found;
  };
  const entries = (app: string): string[] => stage.thread(app).filter((entry) => /Failed\./.test(entry));
  const once = async (app: string, text: string): Promise<string> => {
    ended.set(app, Date.now());
    expect(text, 'the end').toMatch(/^Failed/);
    // The thread follows the card: with many apps in one channel, which takes a message a second, by up to a minute.
    await until(() => entries(app).length > 0, { what: `the thread of ${app} says that it failed`, withinMs: 120_000 });
    if (process.env['SHOW_CARDS'] !== undefined) console.info(`${text}\n${stage.thread(app).map(plain).join('\n')}\n`);
    return text;
  };
  return {
    reports,
    shows,
    fails: async (app, more = '', seconds = 120) => await once(app, plain(await stage.repull(app, more, seconds))),
    failed: async (app, seconds = 120) => await once(app, await shows(app, /^(?:Failed|Succeeded|Refused|Superseded)/, seconds)),
    inTime(app, knewAt, patienceMs = 0) {
      expect(knewAt, `when the cluster knew about ${app}`).toBeDefined();
      const late = (ended.get(app) ?? Date.now()) - (knewAt ?? 0) - patienceMs;
      measured.push(
        `${app}: told ${(late / 1000).toFixed(1)} s after${patienceMs > 0 ? ` the ${patienceMs / 1000} s that it is given` : ' the cluster knew'}`,
      );
      expect(late, `${app} was told late`).toBeLessThan(LATE_MS);
      // Event times are whole seconds, and the clocks of one machine are one.
      expect(late, `${app} was told before its time`).toBeGreaterThan(-2_000);
    },
    async close() {
      for (const app of ended.keys()) expect(entries(app), `how often ${app} was said to have failed`).toHaveLength(1);
      console.info(measured.join('\n'));
      await reports.stop();
    },
  };
}
