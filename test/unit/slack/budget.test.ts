import { describe, expect, it } from 'vitest';
import type { Claim, Rank } from '../../../src/app/ports-budget.ts';
import { makeBudget } from '../../../src/slack/budget.ts';

const claim = (rank: Rank, of = 'R1'): Claim => ({ of, rank, since: 0 });

/** A clock that moves only when somebody sleeps on it, or when a test moves it. */
function aBudget(options: { patienceMs?: number } = {}) {
  const clock = { now: 1_000_000 };
  const budget = makeBudget({
    ...options,
    now: () => clock.now,
    sleep: async (ms) => {
      clock.now += ms;
    },
  });
  return { clock, budget };
}
const updates = async (budget: ReturnType<typeof makeBudget>, rank: Rank, count: number): Promise<number> => {
  let gone = 0;
  for (let n = 0; n < count; n += 1) if ((await budget.update(claim(rank, `card-${n}`))).go) gone += 1;
  return gone;
};

describe('chat.update', () => {
  it('never goes out more than 40 times in any minute, whatever the rank', async () => {
    const { clock, budget } = aBudget();
    const times: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      if ((await budget.update(claim(n % 3 === 0 ? 'terminal' : 'state', `card-${n}`))).go) times.push(clock.now);
      clock.now += 400;
    }
    for (const at of times) expect(times.filter((each) => each > at - 60_000 && each <= at).length).toBeLessThanOrEqual(40);
    expect(times.length).toBeGreaterThan(60);
  });

  it('keeps room for states while progress floods', async () => {
    const { budget } = aBudget();
    expect(await updates(budget, 'progress', 100)).toBe(28);
    expect(await updates(budget, 'terminal', 12)).toBe(12);
  });

  it('of one card goes out every 3 s at most while it only shows progress', async () => {
    const { clock, budget } = aBudget();
    expect(await budget.update(claim('progress', 'a'))).toEqual({ go: true });
    expect(await budget.update(claim('progress', 'a'))).toEqual({ go: false, retryAfterMs: 3_000 });
    expect(await budget.update(claim('progress', 'b'))).toEqual({ go: true });
    expect(await budget.update(claim('terminal', 'a'))).toEqual({ go: true });
    clock.now += 3_000;
    expect(await budget.update(claim('progress', 'b'))).toEqual({ go: true });
  });

  it('says when to come back rather than wait long, and nothing goes out while Slack said 429', async () => {
    const { budget } = aBudget({ patienceMs: 1_000 });
    await budget.pause('update', 9_000);
    expect(await budget.update(claim('terminal', 'a'))).toEqual({ go: false, retryAfterMs: 9_000 });
  });
});

describe('posts', () => {
  it('are one a second and channel, after a short burst', async () => {
    const { clock, budget } = aBudget({ patienceMs: 60_000 });
    const began = clock.now;
    for (let n = 0; n < 10; n += 1) expect((await budget.post('C1', claim('state'))).go).toBe(true);
    expect(clock.now - began).toBeGreaterThanOrEqual(6_900);
    const other = clock.now;
    await budget.post('C2', claim('state'));
    expect(clock.now).toBe(other);
  });

  it('wait for a channel that Slack said 429 for, and for no other', async () => {
    const { budget } = aBudget({ patienceMs: 500 });
    await budget.pause({ channel: 'C1' }, 5_000);
    expect(await budget.post('C1', claim('terminal'))).toEqual({ go: false, retryAfterMs: 5_000 });
    expect(await budget.post('C2', claim('state'))).toEqual({ go: true });
  });
});
