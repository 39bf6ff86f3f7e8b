import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, SRE } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeSuccess, openStage, type Stage } from './stage.ts';

const AWAY = /repull cannot accept this now; nothing was changed/;

describe('Redis that goes away', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  it('killed in the middle of a rollout and started again on the same file: nothing is lost, nothing is done twice', async () => {
    await stage.deploy('held', { replicas: 3, env: { READY_AFTER: '2s' }, spec: { minReadySeconds: 5 } });
    const fresh = await stage.push('held');
    await stage.say(DEV, '/repull held staging');
    await until(async () => (await stage.generation('held')) === 2, { what: 'the patch', withinMs: 30_000, everyMs: 10 });
    await stage.line.redis.kill();
    await stage.line.redis.restart();
    const card = await judgeSuccess(stage, 'held', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it('killed again and again while requests are under way: each ends once', async () => {
    const apps = ['beaten-1', 'beaten-2', 'beaten-3'];
    await Promise.all(apps.map((app) => stage.deploy(app, { spec: { minReadySeconds: 3 } })));
    const fresh = await Promise.all(apps.map((app) => stage.push(app)));
    for (const app of apps) {
      await stage.say(DEV, `/repull ${app} staging`);
      await stage.line.redis.kill();
      await stage.line.redis.restart();
      await Promise.all([...stage.line.bots, ...stage.line.workers].map((each) => each.untilReady()));
    }
    for (const [n, app] of apps.entries()) {
      const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh[n]?.digest ?? '' });
      expect(card.text).toMatch(/Succeeded/);
    }
  });

  it('while it is away every command, mention, click and form is answered within 3 s, readiness says so, and nothing is done later', async () => {
    await stage.deploy('my-app');
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    const card = await stage.untilCard('my-app', /Waiting for approval/);
    const developer = stage.line.slack.as(DEV);
    const reviewer = stage.line.slack.as(SRE);
    await stage.line.redis.kill();

    const typed = await developer.type(DEPLOYS, '/repull held staging --force');
    expect(typed).toMatchObject({ acked: true, shown: { text: expect.stringMatching(AWAY), ephemeral: true } });
    expect(typed.ackMs).toBeLessThan(3_000);

    const tellings = (user: string) =>
      stage.line.slack.view(user, DEPLOYS).messages.filter((message) => message.ephemeral && AWAY.test(message.text)).length;
    const heard = async (user: string, what: () => Promise<unknown>) => {
      const before = tellings(user);
      const began = performance.now();
      await what();
      await stage.line.slack.waitFor(() => tellings(user) > before, { seconds: 5, what: 'the words that nothing was changed' });
      return performance.now() - began;
    };
    expect(await heard(SRE, () => reviewer.click({ channelId: DEPLOYS, ts: card.ts }, 'approve'))).toBeLessThan(3_000);
    expect(await heard(DEV, () => developer.click({ channelId: DEPLOYS, ts: card.ts }, 'cancel'))).toBeLessThan(3_000);
    expect(await heard(DEV, () => developer.type(DEPLOYS, '@repull status'))).toBeLessThan(3_000);

    // A form opens without Redis; what was typed into it stays there.
    await reviewer.click({ channelId: DEPLOYS, ts: card.ts }, 'reject');
    await stage.line.slack.waitFor(() => reviewer.modal(), { what: 'the reject modal' });
    reviewer.fill('reason', 'no');
    expect((await reviewer.submit()).fieldErrors).toMatchObject({ reason: expect.stringMatching(AWAY) });
    await reviewer.closeModal();
    // Details too is answered.
    await reviewer.click({ channelId: DEPLOYS, ts: card.ts }, 'details');
    await stage.line.slack.waitFor(() => JSON.stringify(reviewer.modal()?.blocks ?? '').includes('cannot be read right now'), {
      seconds: 5,
      what: 'a modal that says why there are no details',
    });

    const [bot] = stage.line.bots;
    const [worker] = stage.line.workers;
    expect(await bot?.readiness()).toMatchObject({ status: 503, text: expect.stringMatching(/Redis/) });
    expect(await worker?.readiness()).toMatchObject({ status: 503, text: expect.stringMatching(/Redis/) });

    await stage.line.redis.restart();
    await Promise.all([bot?.untilReady(), worker?.untilReady()]);
    // Whatever was answered with "nothing was changed" must not be done after all: what comes now is done, and nothing before it.
    await stage.say(DEV, '/repull envs');
    await stage.line.waitFor(DEV, /staging/);
    expect(stage.cards('my-app').map((each) => each.text)).toEqual([expect.stringMatching(/Waiting for approval/)]);
    expect((await stage.history('held')).length).toBe(1);
    expect(await stage.generation('my-app')).toBe(1);
  });

  it('a process that is told to end while Redis is away ends within 2 s', async () => {
    const bot = stage.line.bots.splice(0)[0];
    const worker = stage.line.workers.splice(0)[0];
    await stage.line.redis.kill();
    const began = performance.now();
    expect(await Promise.all([bot?.stop(), worker?.stop()])).toEqual([0, 0]);
    expect(performance.now() - began).toBeLessThan(2_000);
    await stage.line.redis.restart();
  });
});
