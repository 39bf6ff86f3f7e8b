import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, SRE } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeSuccess, openStage, type Stage } from './stage.ts';

const LIBRARY = ['x86_64', 'aarch64']
  .map((arch) => `/usr/lib/${arch}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((file) => existsSync(file));
/** Wall clock only: timers go by the monotonic one. Not further back than the certificate of the simulated API server is old. */
const skewed = (offset: string) => ({ LD_PRELOAD: LIBRARY ?? '', FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' });
const EXPIRES = 20_000;

if (LIBRARY === undefined)
  console.warn('*** Clocks that differ were NOT tested: no libfaketime here (Debian: apt-get install libfaketime). ***');

describe.skipIf(LIBRARY === undefined)('processes whose clocks are wrong', () => {
  let stage: Stage;
  beforeAll(async () => {
    const policyOf = (policy: string) => policy.replace('expires: 30m', 'expires: 20s');
    stage = await openStage({ bots: 0, workers: 0, policyOf });
    const all = [await stage.line.startBot(skewed('+2h')), await stage.line.startWorker(skewed('-50m'))];
    await Promise.all(all.map((each) => each.untilReady()));
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  it('a bot two hours ahead expires nothing early, and not much too late', async () => {
    await stage.deploy('my-app');
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    await stage.untilCard('my-app', /Waiting for approval/);
    const began = Date.now();
    await until(() => stage.cards('my-app').some((card) => /^\W*Expired/.test(card.text)), {
      what: 'it expires',
      withinMs: 58_000,
      everyMs: 20,
    });
    expect(Date.now() - began).toBeGreaterThan(EXPIRES - 2_000);
    expect(await stage.generation('my-app')).toBe(1);
  });

  it('an approval in time counts, whatever the bot thinks the time is', async () => {
    const fresh = await stage.push('my-app');
    const known = new Set(stage.cards('my-app').map((card) => card.ts));
    await stage.say(DEV, '/repull my-app prod');
    const card = await stage.line.slack.waitFor(
      () => stage.cards('my-app').find((each) => !known.has(each.ts) && /Waiting/.test(each.text)),
      {
        what: 'the card',
        seconds: 30,
      },
    );
    await stage.line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    await stage.line.slack.waitFor(() => stage.cards('my-app').some((each) => each.ts === card.ts && /Succeeded/.test(each.text)), {
      what: 'it succeeds',
      seconds: 50,
    });
    expect(await stage.generation('my-app')).toBe(2);
    expect([...new Set((await stage.pods('my-app')).filter((pod) => !pod.deleting).map((pod) => pod.digest))]).toEqual([fresh.digest]);
  });

  it.each(['-50m', '+2h'])('a rollout on a worker at %s beside one that is right ends well, and at its time', async (offset) => {
    const app = offset === '-50m' ? 'behind' : 'ahead';
    for (const worker of stage.line.workers.splice(0)) await worker.stop();
    const workers = [await stage.line.startWorker(skewed(offset)), await stage.line.startWorker()];
    await Promise.all(workers.map((each) => each.untilReady()));
    await stage.deploy(app, { spec: { minReadySeconds: 3 } });
    const fresh = await stage.push(app);
    await stage.say(DEV, `/repull ${app} staging`);
    const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });
});
