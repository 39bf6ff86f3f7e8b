import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeSuccess, openStage, type Stage } from '../faults/stage.ts';
import { DEV, SRE } from '../support/line.ts';
import { freePort, type Running } from '../support/process.ts';

/** Without an app token Slack comes by signed HTTP: one path for commands, clicks and events. */
describe('HTTP mode', () => {
  let stage: Stage;
  let bot: Running;
  let url: string;
  beforeAll(async () => {
    stage = await openStage({ bots: 0 });
    const port = await freePort();
    url = `http://127.0.0.1:${port}/slack/events`;
    stage.line.slack.useHttp(url);
    bot = await stage.line.startBot({ SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: stage.line.slack.signingSecret, PORT: String(port) });
    await bot.untilReady();
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  it('carries out a whole request: command, vote, rollout, proof', async () => {
    await stage.deploy('my-app');
    const fresh = await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    await stage.approve('my-app');
    const card = await judgeSuccess(stage, 'my-app', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
    expect(stage.line.slack.connections()).toBe(0);
  });

  it('answers a mention, which comes as an event', async () => {
    await stage.line.slack.as(SRE).type('C0DEPLOYS1', '@repull envs');
    expect((await stage.line.waitFor(SRE, /prod[\s\S]*staging/)).message.ephemeral).toBe(true);
  });

  it('takes nothing that Slack has not signed, or signed too long ago', async () => {
    const requests = (await stage.history('my-app')).length;
    const body = new URLSearchParams({
      command: '/repull',
      text: 'my-app prod --force',
      user_id: SRE,
      team_id: stage.line.slack.teamId,
      channel_id: 'C0DEPLOYS1',
      trigger_id: '1.1',
    });
    const send = async (at: number, secret: string) => {
      const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body.toString()}`).digest('hex')}`;
      const headers = { 'x-slack-request-timestamp': String(at), 'x-slack-signature': signature };
      return (await fetch(url, { method: 'POST', body, headers })).status;
    };
    const now = Math.floor(Date.now() / 1000);
    expect(await send(now, 'not the secret')).toBe(401);
    expect(await send(now - 600, stage.line.slack.signingSecret)).toBe(401);
    expect([400, 401], 'from the future').toContain(await send(now + 600, stage.line.slack.signingSecret));
    expect([400, 401], 'no signature at all').toContain((await fetch(url, { method: 'POST', body })).status);
    expect((await fetch(url.replace('/slack/events', '/elsewhere'), { method: 'POST', body })).status).toBe(404);
    expect((await stage.history('my-app')).length).toBe(requests);
  });

  it('says that nothing was changed while Redis is away, and ends within 2 s', async () => {
    await stage.line.redis.kill();
    const outcome = await stage.line.slack.as(DEV).type('C0DEPLOYS1', '/repull my-app prod');
    expect(outcome).toMatchObject({ acked: true, shown: { text: 'repull cannot accept this now; nothing was changed' } });
    expect(outcome.ackMs).toBeLessThan(3_000);
    const began = performance.now();
    expect(await bot.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_000);
    await stage.line.redis.restart();
  });
});
