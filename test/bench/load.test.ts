import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lagsOf, openLoad, type Load } from '../support/load.ts';
import { counted, table } from './figures.ts';

/**
 * Slack takes 50 updates a minute, so a hundred ends need two minutes, and it says 100 times a minute who somebody is: fifty are asked for, fifty
 * more a minute later, and they are over one after another once all are under way. The smaller version is test/integration/load.test.ts.
 */
const HALF = 50;
const GAP = 62_000;
const EVERY = 150;
const askedAt = (n: number): number => n * EVERY + (n < HALF ? 0 : GAP);
const endsAt = (n: number): number => 90_000 + n * 1_350;

describe('a hundred repulls that are under way together, in four channels, over two bots, with the real limits of Slack', () => {
  let load: Load;
  beforeAll(async () => {
    load = await openLoad({ channels: [25, 25, 25, 25], bots: 2, takes: (n) => Math.round((endsAt(n) - askedAt(n)) / 1_000) });
  }, 300_000);
  afterAll(async () => load?.close(), 60_000);

  it('cost no 429, and each has its end on its one card within ten seconds', async () => {
    let most = 0;
    await load.askAll(EVERY, async (asked) => {
      most = Math.max(most, await load.underWay());
      if (asked === HALF) await new Promise((resolve) => setTimeout(resolve, GAP));
    });
    await load.untilShown(420);
    const outcome = await load.outcome();
    const entries = outcome.flatMap((each) => each.threadLags);
    const lags = (of: typeof entries) => lagsOf(of.map((each) => each.lag));
    const { calls } = load.stage.line.slack;
    const ends = outcome.map((each) => each.endedAt);
    const rows = [
      { ms: 'end → final card', ...lagsOf(outcome.map((each) => each.finalLag)) },
      { ms: 'end → thread entry', ...lags(entries.filter((each) => each.kind === 'succeeded')) },
      { ms: 'other thread entries', ...lags(entries.filter((each) => each.kind !== 'succeeded')) },
    ];
    console.log(table(`${most} under way at once; ends over ${((Math.max(...ends) - Math.min(...ends)) / 1000).toFixed(0)} s`, rows));
    console.log(
      table(
        'Slack',
        counted(calls.all(), (call) => `${call.method} ${call.result}`),
      ),
    );
    expect(most).toBeGreaterThanOrEqual(95);
    expect(calls.all().filter((call) => call.result === 'rate-limited')).toEqual([]);
    expect(outcome.map(({ status, cards }) => `${status}, ${cards}`)).toEqual(Array.from({ length: 100 }, () => 'succeeded, 1'));
    expect(lagsOf(outcome.map((each) => each.finalLag)).max).toBeLessThan(10_000);
    expect(entries.filter((each) => each.times !== 1)).toEqual([]);
  });
});
