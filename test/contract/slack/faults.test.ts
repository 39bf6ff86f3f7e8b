import { WebAPIHTTPError, WebAPIRequestError } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { FaultAction } from '../../../src/playground/slack/fault-types.ts';
import { aClient, aSlack, connected, DEPLOYS, DEV, refusal } from './support.ts';

const texts = (slack: Awaited<ReturnType<typeof aSlack>>) => slack.view(DEV, DEPLOYS).messages.map((message) => message.text);

describe('a fault', () => {
  it.each<[FaultAction, string, number, unknown]>([
    [{ kind: 'http', status: 503 }, 'http-503', 0, WebAPIHTTPError],
    [{ kind: 'reset' }, 'reset', 0, WebAPIRequestError],
    [{ kind: 'commit-then-reset' }, 'commit-then-reset', 1, WebAPIRequestError],
    [{ kind: 'hang' }, 'hang', 0, WebAPIRequestError],
    [{ kind: 'commit-then-hang' }, 'commit-then-hang', 1, WebAPIRequestError],
  ])('%j is logged as %s, leaves %d message(s), and the SDK throws', async (action, result, messages, error) => {
    const slack = await aSlack();
    slack.faults.add({ method: 'chat.postMessage', do: action });
    const client = aClient(slack, action.kind.endsWith('hang') ? { timeout: 2_000 } : {});
    await expect(client.chat.postMessage({ channel: DEPLOYS, text: 'x' })).rejects.toBeInstanceOf(error);
    expect(slack.calls.all().map((call) => call.result)).toEqual([result]);
    expect(texts(slack)).toHaveLength(messages);
    expect((await aClient(slack).chat.postMessage({ channel: DEPLOYS, text: 'y' })).ok).toBe(true);
  });

  it('of a lost answer makes a client that retries post twice', async () => {
    const slack = await aSlack();
    slack.faults.add({ method: 'chat.postMessage', do: { kind: 'commit-then-reset' } });
    const client = aClient(slack, { retryConfig: { retries: 1, minTimeout: 1 } });
    await client.chat.postMessage({ channel: DEPLOYS, text: 'card' });
    expect(texts(slack)).toEqual(['card', 'card']);
  });

  it('strikes only the calls it is meant for, as often as it says', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const post = (text: string) => client.chat.postMessage({ channel: DEPLOYS, text });
    const remove = slack.faults.add({
      method: 'chat.*',
      times: 2,
      when: ({ args }) => String(args['text']).startsWith('bad'),
      do: { kind: 'error', error: 'fatal_error' },
    });
    await post('good');
    expect((await refusal(post('bad 1'))).error).toBe('fatal_error');
    expect((await refusal(post('bad 2'))).error).toBe('fatal_error');
    await post('bad 3');
    remove();
    slack.faults.add({ method: '*', times: Number.POSITIVE_INFINITY, do: { kind: 'error', error: 'internal_error' } });
    expect((await refusal(client.auth.test())).error).toBe('internal_error');
    slack.faults.clear();
    expect(texts(slack)).toEqual(['good', 'bad 3']);
    expect((await client.auth.test()).ok).toBe(true);
  });

  it('of slowness answers later, a 429 without Retry-After is a plain error', async () => {
    const slack = await aSlack();
    slack.faults.add({ method: 'auth.test', do: { kind: 'slow', ms: 100 } });
    slack.faults.add({ method: 'auth.test', do: { kind: 'rate-limit', retryAfter: null } });
    const client = aClient(slack);
    await client.auth.test();
    expect(slack.calls.all()[0]?.took).toBeGreaterThanOrEqual(99);
    await expect(client.auth.test()).rejects.toThrow('valid timeout');
  });
});

describe('an outage', () => {
  it('cuts everything, and Bolt comes back by itself when it ends', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const bolt = await connected(slack, (app) => app.command('/repull', ({ ack }) => ack()), 500);
    slack.faults.outage(true);
    await slack.waitFor(() => slack.connections() === 0);
    await expect(client.auth.test()).rejects.toBeInstanceOf(WebAPIRequestError);
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(false);
    const reconnected = bolt.reconnected();
    slack.faults.outage(false);
    expect((await client.auth.test()).ok).toBe(true);
    await reconnected;
    expect((await slack.as(DEV).type(DEPLOYS, '/repull')).acked).toBe(true);
  });
});
