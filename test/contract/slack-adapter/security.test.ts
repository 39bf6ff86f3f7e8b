import { createHmac } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebClient } from '@slack/web-api';
import { WebSocket } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import { makeDirectory } from '../../../src/slack/directory.ts';
import { makeHandles } from '../../../src/slack/handles.ts';
import { respond } from '../../../src/slack/respond.ts';
import { startSlack } from '../../../src/slack/bolt.ts';
import { aRecord, STORIES } from '../../unit/slack/stories.ts';
import { until } from '../../support/until.ts';
import { aBench, DEPLOYS, DEV, fakeQueues, memoryLog, SRE } from './support.ts';

const waiting = { ...(STORIES.find((story) => story.name === 'waiting-for-approval')?.record ?? aRecord()), channel: DEPLOYS };

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('two workspaces in one process', () => {
  it('every call goes out with the token of its own workspace', async () => {
    const benches = [await aBench({ local: { seed: 11 } }), await aBench({ local: { seed: 12 } })];
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        benches.flatMap(({ slack, local }) => [
          slack.channel.postCard(waiting, {}),
          slack.directory.actor(DEV, local.teamId),
          slack.channel.tell({ channel: DEPLOYS, user: DEV }, { kind: 'done', text: 'x' }),
          local.as(DEV).type(DEPLOYS, '/repull'),
        ]),
      );
    }
    expect(benches[0]?.local.botToken).not.toBe(benches[1]?.local.botToken);
    for (const { local } of benches) {
      const tokens = new Set(local.calls.all().map((call) => `${call.token}`));
      expect(local.calls.count()).toBeGreaterThan(10);
      expect([...tokens].toSorted()).toEqual([local.botToken, local.appToken, 'undefined'].filter((each) => tokens.has(each)).toSorted());
      expect(local.calls.all().filter((call) => ['invalid_auth', 'not_authed'].includes(call.result))).toEqual([]);
    }
  });
});

describe('two replicas', () => {
  it('lose no click while Slack refreshes one connection after the other', async () => {
    const { local, queues, slack, log } = await aBench();
    const second = await startSlack({ botToken: local.botToken, appToken: local.appToken, apiUrl: local.apiUrl, queues, log });
    onTestFinished(() => second.close());
    const posted = await slack.channel.postCard(waiting, {});
    const card = { channelId: DEPLOYS, ts: posted.ok ? posted.ts : '' };
    const click = () => local.as(SRE).click(card, 'approve');
    let last = local.deliveries.mark();
    for (let round = 0; round < 6; round += 1) {
      await local.waitFor(() => local.connections() === 2, { what: 'both connections' });
      const before = await Promise.all([click(), click()]);
      const [{ connection } = { connection: undefined }] = local.deliveries.since(last);
      last = local.deliveries.mark();
      local.faults.socket.disconnect(round % 2 === 0 ? 'warning' : 'refresh_requested', connection);
      const during = await Promise.all([click(), click(), click()]);
      expect([...before, ...during].map((outcome) => outcome.acked)).toEqual([true, true, true, true, true]);
    }
    expect(queues.jobs).toHaveLength(30);
  });
});

describe('an app token with more connections than Slack allows', () => {
  it('waits for a free one, and says so', { timeout: 30_000 }, async () => {
    const local = await startLocalSlack({ rateLimits: 'off' });
    onTestFinished(() => local.close());
    const client = new WebClient(local.appToken, { slackApiUrl: local.apiUrl, retryConfig: { retries: 0 } });
    const sockets = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = new WebSocket((await client.apps.connections.open()).url ?? '');
        await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
        return socket;
      }),
    );
    const log = memoryLog();
    const starting = startSlack({ botToken: local.botToken, appToken: local.appToken, apiUrl: local.apiUrl, queues: fakeQueues(), log });
    await until(() => log.lines.filter((line) => line.level === 'warn' && line.text.includes('too_many_websockets')).length >= 2, {
      what: 'it says why, and tries again',
      withinMs: 10_000,
    });
    for (const socket of sockets) socket.close();
    const slack = await starting;
    expect(slack.ready()).toBe(true);
    await slack.close();
  });
});

describe('a response_url', () => {
  it('is not followed to where Slack’s host would send us', async () => {
    const reached: string[] = [];
    const elsewhere = await listening((request, response) => {
      reached.push(request.url ?? '');
      response.end();
    });
    const api = await listening((_, response) => response.writeHead(307, { location: `${elsewhere}secret` }).end());
    const handles = makeHandles({ apiUrl: `${api}api/` });
    const handle = handles.keep(`${api}commands/1`, { replaces: false }) ?? '';
    expect(await respond(handles, handle, { text: 'x' }, false)).toMatchObject({ ok: false });
    expect(reached).toEqual([]);
  });
});

describe('the same person under two ids', () => {
  it('is nobody: Slack answers with another id than it was asked about', async () => {
    const apiUrl = await listening((request, response) => {
      const isUser = request.url?.includes('users.info');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(isUser ? { ok: true, user: { id: 'W0GLOBAL01', team_id: 'T1' } } : { ok: true, usergroups: [] }));
    });
    const client = new WebClient('xoxb-test', { slackApiUrl: apiUrl });
    const directory = makeDirectory({ client, teamId: 'T1', log: memoryLog() });
    expect(await directory.actor('U0LOCAL001', 'T1')).toMatchObject({ kind: 'unknown' });
    expect(await directory.actor('W0GLOBAL01', 'T1')).toMatchObject({ kind: 'member' });
  });
});

describe('a signed request', () => {
  const body = (more: string) =>
    `command=%2Frepull&text=status&user_id=${DEV}&channel_id=${DEPLOYS}&channel_name=deploys&trigger_id=1.${more}`;

  it.each([
    ['299 s old', -299, 200],
    ['301 s old', -301, 401],
    ['290 s ahead', 290, 200],
    ['310 s ahead', 310, 401],
  ])('that is %s answers as it must', async (_, skew, status) => {
    const { local, slack, queues } = await aBench({ http: true });
    const text = `${body('a')}&team_id=${local.teamId}&api_app_id=${local.appId}`;
    const at = String(Math.floor(Date.now() / 1000) + skew);
    expect(await send(slack.port, text, { at, signature: signed(local.signingSecret, at, text) })).toBe(status);
    expect(queues.offered).toBe(status === 200 ? 1 : 0);
  });

  it.each([
    ['without a signature', undefined, 'now'],
    ['with an empty one', '', 'now'],
    ['without a time', 'right', undefined],
    ['with a time that is none', 'right', 'soon'],
    ['with an empty time', 'right', ''],
  ])('%s is refused, also where it claims to be a check of the certificate', async (_, signature, time) => {
    const { local, slack, queues } = await aBench({ http: true });
    const at = time === 'now' ? String(Math.floor(Date.now() / 1000)) : time;
    for (const text of [`${body('b')}&team_id=${local.teamId}&api_app_id=${local.appId}`, `ssl_check=1&${body('c')}`]) {
      const given = signature === 'right' ? signed(local.signingSecret, at ?? '', text) : signature;
      const status = await send(slack.port, text, {
        ...(at === undefined ? {} : { at }),
        ...(given === undefined ? {} : { signature: given }),
      });
      // Bolt answers a bare certificate check with 200 and does nothing else.
      expect(text.startsWith('ssl_check') ? [200, 400, 401] : [400, 401]).toContain(status);
    }
    expect(queues.offered).toBe(0);
    expect(local.calls.count('views.open')).toBe(0);
  });
});

const signed = (secret: string, at: string, text: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${at}:${text}`).digest('hex')}`;

async function send(port: number | undefined, text: string, given: { at?: string; signature?: string }): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(given.at === undefined ? {} : { 'x-slack-request-timestamp': given.at }),
      ...(given.signature === undefined ? {} : { 'x-slack-signature': given.signature }),
    },
  });
  return response.status;
}
