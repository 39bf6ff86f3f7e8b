import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import { startSlack } from '../../../src/slack/bolt.ts';
import { aBench, type Bench, DEPLOYS, DEV, fakeQueues, memoryLog } from './support.ts';

describe('the socket', () => {
  const works = async ({ local, queues }: Bench): Promise<void> => {
    const before = queues.jobs.length;
    await local.waitFor(() => local.connections() === 1, { what: 'the connection' });
    const outcome = await local.as(DEV).type(DEPLOYS, '/repull status');
    expect(outcome.acked).toBe(true);
    expect(queues.jobs).toHaveLength(before + 1);
  };

  it('is made anew at once when Slack asks for it, and readiness does not flap', async () => {
    const bench = await aBench();
    expect(bench.slack.ready()).toBe(true);
    let flapped = false;
    bench.local.onChange(() => {
      flapped ||= !bench.slack.ready();
    });
    for (const reason of ['warning', 'refresh_requested'] as const) {
      const began = Date.now();
      bench.local.faults.socket.disconnect(reason);
      await bench.local.waitFor(() => bench.local.connections() === 0);
      await works(bench);
      expect(Date.now() - began).toBeLessThan(4_000);
    }
    expect(flapped).toBe(false);
  });

  it('is made anew when it is torn, and through an outage, without an unhandled rejection', { timeout: 60_000 }, async () => {
    const bench = await aBench();
    bench.local.faults.socket.cut();
    await works(bench);
    bench.local.faults.outage(true);
    await bench.local.waitFor(() => bench.local.connections() === 0);
    await expect.poll(() => bench.log.lines.some((line) => line.text.includes('trying again')), { timeout: 20_000 }).toBe(true);
    bench.local.faults.outage(false);
    await works(bench);
  });

  it('is made anew when apps.connections.open is refused for a while', { timeout: 60_000 }, async () => {
    const bench = await aBench();
    bench.local.faults.add({ method: 'apps.connections.open', do: { kind: 'error', error: 'internal_error' } });
    bench.local.faults.add({ method: 'apps.connections.open', do: { kind: 'rate-limit', retryAfter: 1 } });
    bench.local.faults.add({ method: 'apps.connections.open', do: { kind: 'http', status: 500 } });
    bench.local.faults.socket.cut();
    await works(bench);
    expect(bench.log.lines.filter((line) => line.text.includes('trying again'))).toHaveLength(3);
  });

  it('is replaced when the other side is frozen', { timeout: 60_000 }, async () => {
    const bench = await aBench();
    bench.local.faults.socket.freeze(true);
    await expect.poll(() => bench.log.lines.some((line) => /pong/i.test(line.text)), { timeout: 20_000 }).toBe(true);
    bench.local.faults.socket.freeze(false);
    // What Slack hands to the dying connection is lost; soon everything goes to the new one.
    await expect.poll(async () => (await bench.local.as(DEV).type(DEPLOYS, '/repull status')).acked, { timeout: 20_000 }).toBe(true);
    expect(bench.slack.ready()).toBe(true);
  });

  it('is let go of only when what was begun is acknowledged', async () => {
    const bench = await aBench();
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      bench.queues.intake = async () => {
        resolve();
        return slow;
      };
    });
    const typed = bench.local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    await arrived;
    const closed = bench.slack.close();
    release();
    expect((await typed).shown?.text).toBe('Planning my-app in prod …');
    await closed;
    expect(bench.slack.ready()).toBe(false);
    await bench.local.waitFor(() => bench.local.connections() === 0);
  });
});

describe('the start', () => {
  const options = (local: Awaited<ReturnType<typeof startLocalSlack>>) => ({
    botToken: local.botToken,
    appToken: local.appToken,
    apiUrl: local.apiUrl,
    queues: fakeQueues(),
    log: memoryLog(),
  });

  it('waits for a Slack that is away, and says so', { timeout: 60_000 }, async () => {
    const local = await startLocalSlack();
    onTestFinished(() => local.close());
    local.faults.outage(true);
    const given = options(local);
    const starting = startSlack(given);
    await expect.poll(() => given.log.lines.some((line) => line.text.includes('cannot be reached yet')), { timeout: 20_000 }).toBe(true);
    local.faults.outage(false);
    const slack = await starting;
    onTestFinished(() => slack.close());
    expect(slack.ready()).toBe(true);
    expect(slack).toMatchObject({ teamId: local.teamId, botUserId: local.botUserId, appId: local.appId });
  });

  it('stops waiting when it is told to', { timeout: 30_000 }, async () => {
    const local = await startLocalSlack();
    onTestFinished(() => local.close());
    let stopped = false;
    local.faults.add({ method: 'apps.connections.open', do: { kind: 'http', status: 503 }, times: Number.POSITIVE_INFINITY });
    const given = options(local);
    const starting = startSlack(given, () => stopped).then(
      () => 'started',
      () => 'stopped',
    );
    await expect.poll(() => given.log.lines.some((line) => line.text.includes('trying again')), { timeout: 20_000 }).toBe(true);
    stopped = true;
    expect(await starting).toBe('stopped');
  });

  it('ends at once with a token that Slack refuses, and never shows it', async () => {
    const local = await startLocalSlack();
    onTestFinished(() => local.close());
    const error = await startSlack({ ...options(local), botToken: 'xoxb-000-secret' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).toBe('Error: Slack refuses SLACK_BOT_TOKEN: invalid_auth');
  });

  it('ends with an app token that Slack refuses', async () => {
    const local = await startLocalSlack();
    onTestFinished(() => local.close());
    await expect(startSlack({ ...options(local), appToken: 'xapp-1-A1-1-nope' })).rejects.toThrow(/invalid_auth/);
  });

  it('knows which scopes it was given', async () => {
    const { slack } = await aBench();
    expect(slack.scopes).toEqual(expect.arrayContaining(['commands', 'chat:write']));
  });
});

describe('HTTP mode', () => {
  const BODY = (team: string, app: string) =>
    new URLSearchParams({
      command: '/repull',
      text: 'status',
      user_id: DEV,
      team_id: team,
      channel_id: DEPLOYS,
      channel_name: 'deploys',
      trigger_id: '1.2.abc',
      api_app_id: app,
    }).toString();

  const post = (
    port: number | undefined,
    body: string,
    given: { secret: string; at: number; signature?: string; path?: string },
  ): Promise<number> =>
    new Promise((resolve, reject) => {
      const signature = given.signature ?? `v0=${createHmac('sha256', given.secret).update(`v0:${given.at}:${body}`).digest('hex')}`;
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          path: given.path ?? '/slack/events',
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'x-slack-request-timestamp': String(given.at),
            'x-slack-signature': signature,
          },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  it('takes what is signed now, and nothing forged, old, from the future, or for another path', async () => {
    const { local, slack, queues } = await aBench({ http: true });
    const body = BODY(local.teamId, local.appId);
    const now = Math.floor(Date.now() / 1000);
    const secret = local.signingSecret;
    expect(await post(slack.port, body, { secret, at: now })).toBe(200);
    expect(queues.jobs).toHaveLength(1);
    expect(await post(slack.port, body, { secret: 'other', at: now })).toBe(401);
    expect(await post(slack.port, body, { secret, at: now - 301 })).toBe(401);
    expect(await post(slack.port, body, { secret, at: now + 3_600 })).toBe(401);
    expect(await post(slack.port, body, { secret, at: now, signature: 'v0=' })).toBe(401);
    expect(await post(slack.port, body, { secret, at: now, path: '/' })).toBe(404);
    expect(queues.offered).toBe(1);
    // The very same request again, as a replay would: one job.
    expect(await post(slack.port, body, { secret, at: now })).toBe(200);
    expect(queues.jobs).toHaveLength(1);
  });

  it('refuses to start without a signing secret', async () => {
    const local = await startLocalSlack();
    onTestFinished(() => local.close());
    await expect(
      startSlack({ botToken: local.botToken, apiUrl: local.apiUrl, signingSecret: '', queues: fakeQueues(), log: memoryLog() }),
    ).rejects.toThrow(/SLACK_SIGNING_SECRET/);
  });

  it('says at the start that its port is taken', async () => {
    const first = await aBench({ http: true });
    await expect(
      startSlack({
        botToken: first.local.botToken,
        apiUrl: first.local.apiUrl,
        signingSecret: first.local.signingSecret,
        port: first.slack.port ?? 0,
        queues: fakeQueues(),
        log: memoryLog(),
      }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});
