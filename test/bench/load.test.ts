import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lagsOf, openLoad, type Load } from '../support/load.ts';
import { counted, table } from './figures.ts';

/**
 * Slack takes 50 updates a minute, and answers 50 times what a channel is, so a hundred requests and their ends each need two minutes: they are
 * asked for one after another, and each goes on until all are there. The smaller version is test/integration/load.test.ts.
 */
describe('a hundred repulls that are under way together, in eight channels, over two bots, with the real limits of Slack', () => {
  let load: Load;
  beforeAll(async () => {
    load = await openLoad({ channels: [13, 13, 13, 13, 12, 12, 12, 12], bots: 2, takes: (n) => 115 + Math.round(n / 4) });
  }, 300_000);
  afterAll(async () => load?.close(), 60_000);

  it('cost no 429, and each has its end on its one card within ten seconds', async () => {
    let most = 0;
    const count = async () => {
      most = Math.max(most, await load.underWay());
    };
    await load.askAll(1_300, count);
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
