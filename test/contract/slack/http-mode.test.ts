import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HTTPReceiver } from '@slack/bolt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import { actions, aClient, anApp, aSlack, button, DEPLOYS, DEV, newest, SRE } from './support.ts';

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => 'error' as never,
  setName: () => {},
};

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

/** Bolt's own HTTP receiver, signature check included, behind a server of ours. */
async function overHttp(slack: LocalSlack, signingSecret: string, listen: (app: ReturnType<typeof anApp>) => void): Promise<void> {
  const receiver = new HTTPReceiver({ signingSecret, logger: silent });
  const app = anApp(slack, { receiver });
  listen(app);
  await app.init();
  slack.useHttp(await listening(createServer(receiver.requestListener)));
}

describe('HTTP mode', () => {
  it('delivers commands, clicks and events, signed, to Bolt', async () => {
    const slack = await aSlack();
    const seen: string[] = [];
    await overHttp(slack, slack.signingSecret, (app) => {
      app.command('/repull', async ({ ack, command }) => {
        seen.push(command.text);
        await ack('Planning …');
      });
      app.action('go', async ({ ack }) => {
        seen.push('go');
        await ack();
      });
      app.event('app_mention', async ({ event }) => {
        seen.push(event.text);
      });
    });
    expect(await slack.as(DEV).type(DEPLOYS, '/repull my-app prod')).toMatchObject({ acked: true, shown: { text: 'Planning …' } });
    const { ts = '' } = await aClient(slack).chat.postMessage({ channel: DEPLOYS, text: 'x', blocks: [actions(button('go', 'Go'))] });
    expect((await slack.as(SRE).click({ channelId: DEPLOYS, ts }, 'Go')).acked).toBe(true);
    expect((await slack.as(SRE).type(DEPLOYS, '@repull help')).acked).toBe(true);
    expect(seen).toEqual(['my-app prod', 'go', `<@${slack.botUserId}> help`]);
    expect(new Set(slack.deliveries.all().map((delivery) => delivery.via))).toEqual(new Set(['http']));
  });

  it('is refused by Bolt when the secret is another, and the person is told', async () => {
    const slack = await aSlack();
    await overHttp(slack, 'another secret', (app) => app.command('/repull', ({ ack }) => ack()));
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).error).toContain('dispatch_failed');
    expect(newest(slack, DEV)?.notice).toBe(true);
  });

  it('times out after three seconds, and sends events again with their headers', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    const headers: unknown[] = [];
    const silentServer = createServer((request, response) => {
      headers.push([request.headers['x-slack-retry-num'], request.headers['x-slack-retry-reason']]);
      if (headers.length === 2) response.writeHead(500).end();
      if (headers.length === 3) response.end();
    });
    slack.useHttp(await listening(silentServer));
    const mentioned = slack.as(DEV).type(DEPLOYS, '@repull help');
    await expect.poll(() => headers.length, { timeout: 10_000 }).toBe(1);
    clock.advance(3_000);
    expect((await mentioned).acked).toBe(false);
    await slack.waitFor(() => slack.deliveries.all()[1]?.failed === 'http_error');
    clock.advance(60_000);
    await slack.waitFor(() => slack.deliveries.all().at(-1)?.ackMs !== undefined);
    expect(headers).toEqual([
      [undefined, undefined],
      ['1', 'timeout'],
      ['2', 'http_error'],
    ]);
  });

  it('shows a plain answer as text', async () => {
    const slack = await aSlack();
    slack.useHttp(await listening(createServer((_request, response) => response.end('hello'))));
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).shown?.text).toBe('hello');
    slack.useHttp(undefined);
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(false);
  });
});
