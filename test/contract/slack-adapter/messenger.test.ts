import { describe, expect, it } from 'vitest';
import type { FaultAction } from '../../../src/playground/slack/fault-types.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import { aBench, type Bench, DEPLOYS, DEV, EXTERNAL, newest, seen, SRE, WITHOUT_BOT } from './support.ts';
import { aRecord, AT, STORIES } from '../../unit/slack/stories.ts';

const of = (name: string): RequestRecord => ({ ...(STORIES.find((story) => story.name === name)?.record ?? aRecord()), channel: DEPLOYS });
const HISTORY = ['channels:history', 'groups:history'];
const withHistory = {
  app: {
    scopes: ['commands', 'chat:write', 'app_mentions:read', 'usergroups:read', 'users:read', 'channels:read', 'groups:read', ...HISTORY],
  },
};
const seed = {
  users: [
    { id: DEV, name: 'dana' },
    { id: SRE, name: 'sam' },
  ],
  channels: [{ id: DEPLOYS, name: 'deploys', members: [DEV, SRE] }],
};

const posted = async ({ slack }: Bench, record = of('waiting-for-approval')): Promise<string> => {
  const result = await slack.channel.postCard(record, {});
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.ts;
};

describe('every card that there is', () => {
  it('is taken by a Slack that checks everything', async () => {
    const bench = await aBench({ budget: { updatesPerMinute: 1_000, progressPerMinute: 1_000, progressEveryMs: 0 } });
    const ts = await posted(bench);
    for (const { name, record, context } of STORIES) {
      const result = await bench.slack.channel.updateCard({ channel: DEPLOYS, ts }, record, context);
      expect({ name, result }).toEqual({ name, result: { ok: true, ts } });
    }
    expect(bench.local.view(DEV, DEPLOYS).messages).toHaveLength(1);
  });

  it('carries nothing but the request and a key in its metadata, and unfurls nothing', async () => {
    const bench = await aBench();
    await posted(bench);
    const message = newest(bench.local, DEV);
    expect(message?.metadata).toEqual({ event_type: 'repull', event_payload: { request: aRecord().id, key: 'card' } });
    expect(message?.unfurl).toEqual({ links: false, media: false });
  });

  it('has the same hash for the same record, and another for another', async () => {
    const { slack } = await aBench();
    const record = of('rolling-out');
    expect(slack.channel.hash(record, {})).toBe(slack.channel.hash(structuredClone(record), {}));
    expect(slack.channel.hash(record, {})).not.toBe(slack.channel.hash(of('queued'), {}));
    expect(slack.channel.hash(of('succeeded'), {})).not.toBe(slack.channel.hash(of('succeeded'), { newer: true }));
  });
});

describe('the thread', () => {
  it('gets milestones, and the channel hears a failure too, with whoever has to know', async () => {
    const bench = await aBench();
    const ts = await posted(bench);
    const milestone = { seq: 4, at: AT, kind: 'failed' as const, text: 'The rollout failed.', broadcast: true };
    const result = await bench.slack.channel.postMilestone({ channel: DEPLOYS, ts }, of('failed'), milestone);
    expect(result.ok).toBe(true);
    const entry = bench.local.view(DEV, DEPLOYS).messages.find((message) => message.broadcast);
    expect(entry?.threadTs).toBe(ts);
    expect(entry?.text).toContain('panic: asked to crash');
    expect(entry?.mentions.map((mention) => mention.id)).toEqual(expect.arrayContaining([DEV, SRE]));
    expect(entry?.metadata?.event_payload).toEqual({ request: aRecord().id, key: '4' });
  });
});

describe('what Slack answers', () => {
  const table: { says: FaultAction; means: object }[] = [
    { says: { kind: 'rate-limit', retryAfter: 7 }, means: { ok: false, because: 'rate-limited', retryAfterMs: 7_000 } },
    { says: { kind: 'rate-limit', retryAfter: null }, means: { ok: false, because: 'rate-limited', retryAfterMs: 30_000 } },
    { says: { kind: 'error', error: 'ratelimited' }, means: { ok: false, because: 'rate-limited' } },
    { says: { kind: 'http', status: 502 }, means: { ok: false, because: 'unknown', detail: 'HTTP 502' } },
    { says: { kind: 'reset' }, means: { ok: false, because: 'unknown' } },
    { says: { kind: 'commit-then-reset' }, means: { ok: false, because: 'unknown' } },
    { says: { kind: 'error', error: 'internal_error' }, means: { ok: false, because: 'unknown' } },
    { says: { kind: 'error', error: 'fatal_error' }, means: { ok: false, because: 'unknown' } },
    { says: { kind: 'error', error: 'service_unavailable' }, means: { ok: false, because: 'unknown' } },
    { says: { kind: 'error', error: 'is_archived' }, means: { ok: false, because: 'channel-gone', detail: 'is_archived' } },
    { says: { kind: 'error', error: 'channel_not_found' }, means: { ok: false, because: 'channel-gone' } },
    { says: { kind: 'error', error: 'not_in_channel' }, means: { ok: false, because: 'channel-gone' } },
    { says: { kind: 'error', error: 'account_inactive' }, means: { ok: false, because: 'channel-gone' } },
    { says: { kind: 'error', error: 'token_revoked' }, means: { ok: false, because: 'channel-gone' } },
    { says: { kind: 'error', error: 'invalid_blocks' }, means: { ok: false, because: 'refused' } },
    { says: { kind: 'error', error: 'msg_too_long' }, means: { ok: false, because: 'refused' } },
    { says: { kind: 'error', error: 'message_not_found' }, means: { ok: false, because: 'message-gone' } },
  ];
  it.each(table)('$says is $means', async ({ says, means }) => {
    const bench = await aBench();
    bench.local.faults.add({ method: 'chat.postMessage', do: says });
    expect(await bench.slack.channel.postCard(of('queued'), {})).toMatchObject(means);
    // Once and never again by itself: a repeat may be a second card.
    expect(bench.local.calls.count('chat.postMessage')).toBe(1);
  });

  it('a Slack that hangs is unknown after its timeout', { timeout: 20_000 }, async () => {
    const bench = await aBench();
    bench.local.faults.add({ method: 'chat.postMessage', do: { kind: 'hang' } });
    expect(await bench.slack.channel.postCard(of('queued'), {})).toMatchObject({ ok: false, because: 'unknown' });
  });

  it('a Slack that cannot be reached did nothing, so it may simply be tried again', async () => {
    const bench = await aBench();
    await bench.local.close();
    // The first may still go out on a connection that was open, and then nobody knows.
    expect(await bench.slack.channel.postCard(of('queued'), {})).toMatchObject({ ok: false });
    expect(await bench.slack.channel.postCard(of('queued'), {})).toMatchObject({ ok: false, because: 'rate-limited' });
  });

  it('a deleted card and an archived channel are told apart', async () => {
    const bench = await aBench();
    expect(await bench.slack.channel.updateCard({ channel: DEPLOYS, ts: '1.000001' }, of('succeeded'), {})).toEqual({
      ok: false,
      because: 'message-gone',
    });
    bench.local.workspace.archive(DEPLOYS);
    expect(await bench.slack.channel.postCard(of('succeeded'), {})).toMatchObject({ because: 'channel-gone', detail: 'is_archived' });
    expect(await bench.slack.channel.announce(WITHOUT_BOT, 'hello')).toMatchObject({ because: 'channel-gone', detail: 'not_in_channel' });
  });
});

describe('after a lost reply', () => {
  it('the card is found by its metadata, once history may be read', async () => {
    const bench = await aBench({ local: { workspace: { ...seed, ...withHistory } } });
    bench.local.faults.add({ method: 'chat.postMessage', do: { kind: 'commit-then-reset' } });
    expect(await bench.slack.channel.postCard(of('queued'), {})).toMatchObject({ because: 'unknown' });
    const found = await bench.slack.channel.find({ channel: DEPLOYS }, aRecord().id, 'card');
    expect(found).toEqual({ ts: newest(bench.local, DEV)?.ts });
    expect(await bench.slack.channel.find({ channel: DEPLOYS }, 'another', 'card')).toBe('absent');
    expect(await bench.slack.channel.find({ channel: DEPLOYS }, aRecord().id, '3')).toBe('absent');
    const { ts = '' } = typeof found === 'object' ? found : {};
    expect(await bench.slack.channel.find({ channel: DEPLOYS }, aRecord().id, `card-after-${ts}`)).toBe('absent');
  });

  it('nobody can look without the scopes, and a failing look is not "absent"', async () => {
    const without = await aBench();
    expect(without.slack.scopes).not.toContain('channels:history');
    expect(await without.slack.channel.find({ channel: DEPLOYS }, aRecord().id, 'card')).toBe('cannot-look');
    const failing = await aBench({ local: { workspace: { ...seed, ...withHistory } } });
    failing.local.faults.add({ method: 'conversations.history', do: { kind: 'http', status: 503 } });
    expect(await failing.slack.channel.find({ channel: DEPLOYS }, aRecord().id, 'card')).toBe('cannot-look');
  });
});

describe('telling one person', () => {
  const handleOf = (bench: Bench): string => {
    const { intake } = bench.queues.jobs[0] ?? {};
    return intake !== undefined && 'handle' in intake ? (intake.handle ?? '') : '';
  };

  it('replaces their "Planning …", and only they see it', async () => {
    const bench = await aBench();
    await bench.local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    const to = { channel: DEPLOYS, user: DEV, handle: handleOf(bench) };
    expect(to.handle).toMatch(/^[0-9a-f]{24}$/);
    await bench.slack.channel.tell(to, { kind: 'planning', app: 'my-app', environment: 'prod', id: 'R1' });
    const result = await bench.slack.channel.tell(to, { kind: 'failure', failure: { code: 'nothing-new', subject: 'my-app' }, id: 'R1' });
    expect(result.ok).toBe(true);
    const mine = bench.local.view(DEV, DEPLOYS).messages;
    expect(mine).toHaveLength(1);
    expect(mine[0]?.text).toContain('nothing new to pull');
    expect(mine[0]?.ephemeral).toBe(true);
    expect(bench.local.view(SRE, DEPLOYS).messages).toHaveLength(0);
    // A second answer stands beside the first.
    await bench.slack.channel.tell(to, { kind: 'done', text: 'and more' });
    expect(bench.local.view(DEV, DEPLOYS).messages).toHaveLength(2);
  });

  it('falls back to an ephemeral message where this process does not have the handle, in the thread if it was asked there', async () => {
    const bench = await aBench();
    const { ts } = await bench.local.as(DEV).type(DEPLOYS, 'a thread');
    await bench.local.as(SRE).type(DEPLOYS, 'a reply', { threadTs: ts ?? '' });
    const result = await bench.slack.channel.tell(
      { channel: DEPLOYS, user: DEV, handle: 'f'.repeat(24), thread: ts ?? '' },
      { kind: 'done', text: 'yes' },
    );
    expect(result.ok).toBe(true);
    expect(bench.local.calls.of('chat.postEphemeral')[0]?.args['thread_ts']).toBe(ts);
    expect(seen(bench.local, DEV)).toContain('yes');
    expect(seen(bench.local, SRE)).not.toContain('yes');
  });

  it('takes the "Planning …" away once the card stands there', async () => {
    const bench = await aBench();
    await bench.local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    await posted(bench, { ...of('waiting-for-approval'), handle: handleOf(bench) });
    await bench.local.waitFor(() => bench.local.view(DEV, DEPLOYS).messages.length === 1);
    expect(newest(bench.local, DEV)?.text).toMatch(/^Waiting for approval/);
  });

  it('shows the way to the card in the thread where it was asked for', async () => {
    const bench = await aBench();
    const { ts: thread = '' } = await bench.local.as(SRE).type(DEPLOYS, 'prod looks old');
    await bench.local.as(DEV).type(DEPLOYS, 'indeed', { threadTs: thread });
    const card = await posted(bench, { ...of('waiting-for-approval'), thread, requester: DEV });
    const told = bench.local
      .view(DEV, DEPLOYS)
      .messages.flatMap((message) => message.replies)
      .find((reply) => reply.ephemeral);
    expect(JSON.stringify(told?.blocks)).toContain(`/archives/${DEPLOYS}/p${card.replace('.', '')}|Open the card>`);
    expect(seen(bench.local, SRE)).not.toContain('Open the card');
  });

  it('never makes markup of what somebody typed', async () => {
    const bench = await aBench();
    await bench.slack.channel.announce(DEPLOYS, `<@${DEV}> froze prod: <!channel> <!subteam^S0SRE00001> <http://evil.example|ok>`);
    expect(newest(bench.local, DEV)?.mentions).toEqual([{ kind: 'user', id: DEV }]);
  });
});

describe('on the way out', () => {
  it('nothing secret is in the log at debug level, the queue or the calls', { timeout: 60_000 }, async () => {
    const bench = await aBench();
    const outcome = await bench.local.as(DEV).type(DEPLOYS, '/repull my-app prod');
    bench.local.faults.add({ method: '*', do: { kind: 'error', error: 'internal_error' }, times: 3 });
    await bench.slack.channel.postCard(of('queued'), {});
    await bench.slack.directory.actor(EXTERNAL, bench.local.teamId);
    bench.local.faults.socket.cut();
    await bench.local.waitFor(() => bench.local.connections() === 1);
    const secrets = [bench.local.botToken, bench.local.appToken, outcome.triggerId, outcome.responseUrl].filter(
      (secret) => secret !== undefined,
    );
    expect(secrets).toHaveLength(4);
    const written = JSON.stringify([bench.log.lines, bench.queues.jobs]);
    for (const secret of secrets) expect(written).not.toContain(secret);
  });
});
