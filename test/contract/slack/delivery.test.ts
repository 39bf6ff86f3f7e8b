import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import { aClient, aSlack, connected, DEPLOYS, DEV, newest, refusal } from './support.ts';

const onCommand =
  (did: () => void = () => undefined) =>
  (app: App): void => {
    app.command('/repull', async ({ ack }) => {
      did();
      await ack();
    });
  };
const events = (slack: LocalSlack) => slack.deliveries.all().filter(({ type }) => type === 'events_api');

describe('several connections', () => {
  it('share the payloads: each goes to one of them', async () => {
    const slack = await aSlack({ seed: 7 });
    const got = [0, 0, 0];
    for (const n of got.keys())
      await connected(
        slack,
        onCommand(() => (got[n] = (got[n] ?? 0) + 1)),
      );
    expect(slack.connections()).toBe(3);
    for (let n = 0; n < 30; n += 1) expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(true);
    expect(got.reduce((sum, n) => sum + n)).toBe(30);
    expect(Math.min(...got)).toBeGreaterThan(0);
  });

  it('are ten at most', async () => {
    const slack = await aSlack();
    const opener = aClient(slack, {}, slack.appToken);
    for (let n = 0; n < 10; n += 1) expect((await opener.apps.connections.open()).url).toMatch(/^ws:\/\/127\.0\.0\.1:/);
    expect((await refusal(opener.apps.connections.open())).error).toBe('too_many_websockets');
  });

  it('carry on while one is told to reconnect, and it comes back', async () => {
    const slack = await aSlack();
    const first = await connected(slack, onCommand(), 500);
    await connected(slack, onCommand());
    const reconnected = first.reconnected();
    slack.faults.socket.disconnect('warning', 1);
    expect(slack.connections()).toBe(1);
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(true);
    await reconnected;
    expect(slack.connections()).toBe(2);
  });

  it('leave a gap when the only one reconnects, in which a command fails aloud', async () => {
    const slack = await aSlack();
    const bolt = await connected(slack, onCommand(), 1_000);
    const reconnected = bolt.reconnected();
    slack.faults.socket.cut();
    await slack.waitFor(() => slack.connections() === 0);
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).error).toContain('dispatch_failed');
    await reconnected;
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(true);
  });

  it('are greeted, pinged, and need a ticket that was not used before', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    const { url = '' } = await aClient(slack, {}, slack.appToken).apps.connections.open();
    const { WebSocket } = await import('ws');
    const first = new WebSocket(url);
    const hello = await new Promise<string>((resolve) =>
      first.once('message', (data) => resolve(Buffer.isBuffer(data) ? data.toString() : '')),
    );
    expect(JSON.parse(hello)).toMatchObject({ type: 'hello', num_connections: 1, connection_info: { app_id: slack.appId } });
    const pinged = new Promise((resolve) => first.once('ping', resolve));
    clock.advance(10_000);
    await pinged;
    const second = new WebSocket(url);
    expect(await new Promise<Error>((resolve) => second.once('error', resolve))).toMatchObject({
      message: 'Unexpected server response: 401',
    });
    first.terminate();
  });
});

describe('an event that is not acknowledged', () => {
  it('comes again at once, after a minute and after five, with its number and reason', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack);
    slack.faults.socket.dropAcks(Number.POSITIVE_INFINITY);
    const mentioned = slack.as(DEV).type(DEPLOYS, '@repull help');
    const start = clock.now();
    clock.advance(3_600_000);
    expect((await mentioned).acked).toBe(false);
    expect(events(slack).map(({ attempt, at }) => [attempt, at - start])).toEqual([
      [0, 0],
      [1, 3_000],
      [2, 66_000],
      [3, 369_000],
    ]);
    expect(new Set(events(slack).map(({ payload }) => payload['event_id'])).size).toBe(1);
    expect(newest(slack, DEV)).toMatchObject({ text: expect.stringContaining('help'), ephemeral: false });
  });

  it('is not sent again once one delivery was acknowledged', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    const got: unknown[] = [];
    await connected(slack, (app) =>
      app.event('app_mention', async ({ context }) => {
        got.push([context.retryNum, context.retryReason]);
      }),
    );
    slack.faults.socket.dropAcks(1);
    const mentioned = slack.as(DEV).type(DEPLOYS, '@repull help');
    await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1);
    clock.advance(3_000);
    expect((await mentioned).acked).toBe(false);
    await slack.waitFor(() => events(slack)[1]?.ackMs !== undefined);
    clock.advance(3_600_000);
    expect(got).toEqual([
      [undefined, undefined],
      [1, 'timeout'],
    ]);
    expect(events(slack)).toHaveLength(2);
  });
});

describe('faults of the socket', () => {
  it('deliver the same envelope twice', async () => {
    const slack = await aSlack();
    let ran = 0;
    await connected(
      slack,
      onCommand(() => (ran += 1)),
    );
    slack.faults.socket.duplicate();
    await slack.as(DEV).type(DEPLOYS, '/repull');
    await expect.poll(() => ran, { timeout: 10_000 }).toBe(2);
    expect(slack.deliveries.all()).toHaveLength(1);
  });

  it('deliver in another order', async () => {
    const slack = await aSlack();
    const texts: string[] = [];
    await connected(slack, (app) =>
      app.command('/repull', async ({ ack, command }) => {
        texts.push(command.text);
        await ack();
      }),
    );
    slack.faults.socket.reorder(2);
    await Promise.all(['first', 'second'].map((text) => slack.as(DEV).type(DEPLOYS, `/repull ${text}`)));
    expect(texts).toEqual(['second', 'first']);
  });

  it('freeze a connection: nothing arrives, until it thaws', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack, onCommand());
    slack.faults.socket.freeze(true);
    const typed = slack.as(DEV).type(DEPLOYS, '/repull');
    await slack.waitFor(() => slack.deliveries.all().length === 1);
    clock.advance(3_001);
    expect((await typed).error).toContain('operation_timeout');
    slack.faults.socket.freeze(false);
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(true);
  });
});

describe('waiting', () => {
  it('ends with what is visible when it was in vain', async () => {
    const slack = await aSlack();
    await slack.as(DEV).type(DEPLOYS, 'hello there');
    await refusal(aClient(slack).apiCall('chat.poke'));
    await expect(slack.waitFor(() => newest(slack, DEV)?.text === 'bye', { seconds: 0.05, what: 'a bye' })).rejects.toThrow(
      /waited 0\.05 s in vain for a bye\nvisible:\n#deploys\n.*hello there\n.*\n.*chat\.poke → unknown_method/,
    );
  });
});
