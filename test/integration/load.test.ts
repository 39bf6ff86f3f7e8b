import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lagsOf, openLoad, type Load, type Outcome } from '../support/load.ts';

/** What a hundred do is measured by `npm run bench`. */
describe('thirty repulls at once, thirteen of them in one channel, two bots, and Slack with its real limits', () => {
  let load: Load;
  let outcome: Outcome[];
  beforeAll(async () => {
    load = await openLoad({ channels: [13, 9, 8], bots: 2, takes: (n) => 3 + (n % 10) });
    await load.askAll(50);
    await load.untilShown(100);
    outcome = await load.outcome();
  }, 180_000);
  afterAll(async () => load?.close(), 60_000);

  it('all end, with exactly one card each', () => {
    expect(outcome.map(({ status, cards }) => `${status}, ${cards} card`)).toEqual(Array.from({ length: 30 }, () => 'succeeded, 1 card'));
  });

  it('are no reason for a single 429', () => {
    const limited = load.stage.line.slack.calls.all().filter((call) => call.result === 'rate-limited');
    expect(limited.map((call) => `${call.method} ${String(call.args['channel'])}`)).toEqual([]);
  });

  it('have their end on the card within ten seconds', () => {
    expect(lagsOf(outcome.map((each) => each.finalLag)).max).toBeLessThan(10_000);
  });

  it('have their end in the thread soon after, before the progress of others, and no entry is lost or there twice', () => {
    const entries = outcome.flatMap((each) => each.threadLags);
    expect(entries.filter((each) => each.times !== 1)).toEqual([]);
    const ends = lagsOf(entries.filter((each) => each.kind === 'succeeded').map((each) => each.lag));
    const others = lagsOf(entries.filter((each) => each.kind !== 'succeeded').map((each) => each.lag));
    expect(ends.max).toBeLessThan(15_000);
    expect(ends.p50).toBeLessThan(others.p50);
    const posts = load.stage.line.slack.calls.count('chat.postMessage');
    expect(posts, 'several entries are one message').toBeLessThan(outcome.length + entries.length);
  });
});
