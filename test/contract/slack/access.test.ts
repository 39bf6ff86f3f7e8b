import { WebAPIRateLimitedError, WebClientEvent } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import { aClient, aSlack, DEPLOYS, DEV, refusal } from './support.ts';

describe('a token', () => {
  it('is told its scopes by auth.test', async () => {
    const slack = await aSlack();
    const answer = await aClient(slack).auth.test();
    expect(answer).toMatchObject({ ok: true, team_id: slack.teamId, user_id: slack.botUserId, is_enterprise_install: false });
    expect(answer.response_metadata?.scopes).toEqual(slack.workspace.scopes());
  });

  it('may do what its scopes say, and is told which one it lacks', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    slack.workspace.setScopes(['users:read']);
    expect(await refusal(client.chat.postMessage({ channel: DEPLOYS, text: 'x' }))).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'users:read',
    });
    expect((await client.users.info({ user: DEV })).user?.id).toBe(DEV);
    expect(slack.calls.scopesUsed()).toEqual(['chat:write', 'users:read']);
  });

  it('that is none, unknown, revoked, dead or of the wrong kind is refused', async () => {
    const slack = await aSlack();
    const errorOf = async (token: string) =>
      (await refusal(aClient(slack, {}, token).chat.postMessage({ channel: DEPLOYS, text: 'x' }))).error;
    const other = slack.workspace.issueToken();
    expect(await errorOf('xoxb-made-up')).toBe('invalid_auth');
    expect(await errorOf(slack.appToken)).toBe('not_allowed_token_type');
    expect((await refusal(aClient(slack).apps.connections.open())).error).toBe('not_allowed_token_type');
    slack.workspace.revokeToken();
    expect(await errorOf(slack.botToken)).toBe('token_revoked');
    expect((await aClient(slack, {}, other).auth.test()).ok).toBe(true);
    slack.workspace.uninstall();
    expect(await errorOf(other)).toBe('account_inactive');
    const without = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await without.json()).toEqual({ ok: false, error: 'not_authed' });
  });

  it('is written down with every call, beside what was asked and answered', async () => {
    const slack = await aSlack();
    const second = slack.workspace.issueToken();
    await aClient(slack).chat.postMessage({ channel: DEPLOYS, text: 'x' });
    await refusal(aClient(slack, {}, second).apiCall('chat.poke', {}));
    expect(slack.calls.all()).toMatchObject([
      { method: 'chat.postMessage', token: slack.botToken, args: { channel: DEPLOYS, text: 'x' }, result: 'ok', status: 200 },
      { method: 'chat.poke', token: second, result: 'unknown_method' },
    ]);
    expect(slack.calls.count('chat.postMessage')).toBe(1);
  });

  it('works with a JSON body too', async () => {
    const slack = await aSlack();
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: DEPLOYS, text: 'x', blocks: [{ type: 'divider' }] }),
    });
    expect(await response.json()).toMatchObject({ ok: true, warning: 'missing_charset' });
  });
});

describe('the rate limit', () => {
  const flood = async (call: () => Promise<unknown>, times: number): Promise<unknown[]> => {
    const errors: unknown[] = [];
    for (let n = 0; n < times; n += 1) await call().catch((error: unknown) => errors.push(error));
    return errors;
  };

  it('of chat.update is 50 in any minute, and other methods go on', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    const client = aClient(slack);
    const { ts = '' } = await client.chat.postMessage({ channel: DEPLOYS, text: 'x' });
    const update = () => client.chat.update({ channel: DEPLOYS, ts, text: 'y' });
    expect(await flood(update, 50)).toEqual([]);
    clock.advance(20_000);
    const [error] = await flood(update, 1);
    expect(error).toBeInstanceOf(WebAPIRateLimitedError);
    expect((error as WebAPIRateLimitedError).retryAfter).toBe(40);
    expect((await client.conversations.info({ channel: DEPLOYS })).ok).toBe(true);
    clock.advance(39_999);
    expect(await flood(update, 1)).toHaveLength(1);
    clock.advance(1);
    expect(await flood(update, 50)).toEqual([]);
  });

  it('of chat.postMessage is one a second and channel, after a short burst', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    const client = aClient(slack);
    const post = (channel: string) => () => client.chat.postMessage({ channel, text: 'x' });
    expect(await flood(post(DEPLOYS), 6)).toHaveLength(2);
    expect(await flood(post(DEV), 1)).toEqual([]);
    clock.advance(1_000);
    expect(await flood(post(DEPLOYS), 2)).toHaveLength(1);
  });

  it.each([
    [{ scale: 0.1 } as const, 5],
    [{ scale: 2 } as const, 100],
    ['off' as const, Number.POSITIVE_INFINITY],
  ])('set to %j allows %d updates a minute', async (rateLimits, allowed) => {
    const slack = await aSlack({ rateLimits, clock: manualClock() });
    const client = aClient(slack);
    const { ts = '' } = await client.chat.postMessage({ channel: DEPLOYS, text: 'x' });
    expect(await flood(() => client.chat.update({ channel: DEPLOYS, ts, text: 'y' }), 110)).toHaveLength(Math.max(0, 110 - allowed));
  });

  it('makes the SDK wait for as long as Retry-After says, and pauses everything else of that client', async () => {
    const slack = await aSlack();
    slack.faults.add({ method: 'chat.postMessage', do: { kind: 'rate-limit', retryAfter: 1 } });
    const waiting = aClient(slack, { rejectRateLimitedCalls: false, retryConfig: { retries: 1, minTimeout: 1 } });
    const posted = waiting.chat.postMessage({ channel: DEPLOYS, text: 'x' });
    await new Promise((resolve) => waiting.once(WebClientEvent.RATE_LIMITED, resolve));
    const other = waiting.conversations.info({ channel: DEPLOYS });
    expect((await posted).ok).toBe(true);
    await other;
    const [refused, again] = slack.calls.of('chat.postMessage');
    expect(refused?.result).toBe('rate-limited');
    expect((again?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect((slack.calls.of('conversations.info')[0]?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });
});
