import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startLocalSlack } from '../../src/playground/slack/start.ts';
import type { LocalSlack } from '../../src/playground/slack/types.ts';
import { DEPLOYS, DEV, workspace } from '../support/line.ts';
import { runRepull, type Running } from '../support/process.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import { simulatedWorld, type World } from '../support/world.ts';

const AWAY = 'repull cannot accept this now; nothing was changed';

/** What is away at the start is waited for, in words; whoever is told to end does not wait with it. */
describe('starting while something is away', () => {
  let dir: string;
  let world: World;
  let slack: LocalSlack;
  let redis: TestRedis;
  let running: Running[] = [];

  beforeAll(async () => {
    world = await simulatedWorld(0.1);
    dir = mkdtempSync(join(tmpdir(), 'repull-startup-'));
    writeFileSync(join(dir, 'policy.yaml'), policyFor('startup'));
    writeFileSync(join(dir, 'kubeconfig'), world.kubeconfig, { mode: 0o600 });
  }, 60_000);
  afterAll(async () => {
    await world?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    slack = await startLocalSlack({ workspace, rateLimits: { scale: 20 } });
  });
  afterEach(async () => {
    for (const each of running) each.kill('SIGKILL');
    await Promise.all(running.map((each) => each.exited));
    running = [];
    await slack.close();
    await redis.stop();
  });

  const start = async (role: 'bot' | 'worker') => {
    const common = { REDIS_URL: redis.url, REPULL_CONFIG: join(dir, 'policy.yaml') };
    const bot = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, SLACK_API_URL: slack.apiUrl };
    const each =
      role === 'bot'
        ? await runRepull(['bot'], { ...common, ...bot })
        : await runRepull(['worker', '--cluster', 'test'], { ...common, KUBECONFIG: join(dir, 'kubeconfig') });
    running.push(each);
    return each;
  };
  /** What /readyz says once it says these words. */
  const unready = async (each: Running, words: RegExp) => {
    const look = async () => {
      const answer = await each.readiness();
      return words.test(answer.text) && answer;
    };
    return until(look, { what: `/readyz says ${words}`, withinMs: 30_000, everyMs: 50 });
  };
  const ask = (text: string) => slack.as(DEV).type(DEPLOYS, text);
  const answered = (pattern: RegExp) =>
    slack.waitFor(() => slack.view(DEV, DEPLOYS).messages.find((message) => message.ephemeral && pattern.test(message.text)), {
      seconds: 20,
      what: `an answer that says ${pattern}`,
    });
  const stopsWithin2s = async (each: Running) => {
    const began = performance.now();
    expect(await each.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_000);
  };

  it('waits for Redis, answers every command in the meantime that it cannot be accepted, and comes up by itself', async () => {
    redis = await startRedis();
    await redis.kill();
    const [bot, worker] = await Promise.all([start('bot'), start('worker')]);
    expect(await unready(bot, /Redis/)).toMatchObject({ status: 503 });
    expect(await unready(worker, /Redis[\s\S]*not consuming yet/)).toMatchObject({ status: 503 });
    expect(bot.log()).toMatch(/"level":"warn"[^\n]*Redis: not there yet, trying again/);
    await slack.waitFor(() => slack.connections() > 0, { what: 'the bot is connected to Slack', seconds: 20 });
    const outcome = await ask('/repull my-app prod');
    expect(outcome).toMatchObject({ acked: true, shown: { text: AWAY, ephemeral: true } });
    expect(outcome.ackMs).toBeLessThan(3_000);
    await redis.restart();
    await Promise.all([bot.untilReady(), worker.untilReady()]);
    await ask('/repull envs');
    await answered(/prod[\s\S]*staging/);
    await Promise.all([stopsWithin2s(bot), stopsWithin2s(worker)]);
  });

  it('never becomes ready on a Redis without an append-only file, says why, accepts nothing, and does once it has one', async () => {
    redis = await startRedis(['--appendonly', 'no']);
    const [bot, worker] = await Promise.all([start('bot'), start('worker')]);
    expect(await unready(bot, /append-only file/)).toMatchObject({ status: 503 });
    expect(await unready(worker, /append-only file/)).toMatchObject({ status: 503 });
    expect(bot.log()).toMatch(/append-only file/);
    await slack.waitFor(() => slack.connections() > 0, { what: 'the bot is connected to Slack', seconds: 20 });
    expect(await ask('/repull my-app prod')).toMatchObject({ shown: { text: AWAY } });
    const admin = new Redis(redis.url);
    expect(await admin.keys('*'), 'nothing was entrusted to it').toEqual([]);
    await admin.config('SET', 'appendonly', 'yes');
    admin.disconnect();
    await Promise.all([bot.untilReady(), worker.untilReady()]);
  });

  it('waits for the API server, says so, and comes up by itself', async () => {
    redis = await startRedis();
    await world.simulated?.cluster.faults.apiAway();
    const worker = await start('worker');
    expect(await unready(worker, /the API server of test does not answer/)).toMatchObject({ status: 503 });
    await world.simulated?.cluster.faults.apiBack();
    await worker.untilReady();
    await stopsWithin2s(worker);
  });

  it('waits for Slack, says so, comes up by itself, and ends at once where it is told to end before that', async () => {
    redis = await startRedis();
    slack.faults.outage(true);
    const [bot, other] = await Promise.all([start('bot'), start('bot')]);
    expect(await unready(bot, /Slack is not connected/)).toMatchObject({ status: 503 });
    expect(await unready(other, /Slack is not connected/)).toMatchObject({ status: 503 });
    expect(bot.log()).toMatch(/Slack cannot be reached yet, trying again/);
    await stopsWithin2s(other);
    slack.faults.outage(false);
    await bot.untilReady();
  });

  it('says what is wrong with tokens that Slack refuses, and is not ready', async () => {
    redis = await startRedis();
    slack.workspace.revokeToken();
    const bot = await start('bot');
    expect(await unready(bot, /Slack is not connected: Slack refuses SLACK_BOT_TOKEN/)).toMatchObject({ status: 503 });
    await stopsWithin2s(bot);
  });
});
