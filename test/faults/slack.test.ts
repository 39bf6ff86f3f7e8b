import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, SRE, workspace } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeAudit, judgeSuccess, openStage, type Stage } from './stage.ts';

describe('a Slack that loses, refuses and goes away', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => stage.line.slack.faults.clear());
  const faults = () => stage.line.slack.faults;
  /** The thread under the newest card of this app, once it says this. */
  const threadWith = (app: string, pattern: RegExp) =>
    stage.line.slack.waitFor(
      () => {
        const text =
          stage
            .cards(app)
            .at(-1)
            ?.replies.map((reply) => reply.text)
            .join('\n') ?? '';
        return pattern.test(text) && text;
      },
      { what: `the thread of ${app} says ${pattern}`, seconds: 40 },
    );
  const start = async (app: string, more: Parameters<Stage['deploy']>[1] = {}) => {
    await stage.deploy(app, more);
    return stage.push(app);
  };

  it('an outage for a whole rollout: the cluster goes on, and card and thread catch up', async () => {
    const fresh = await start('unheard', { spec: { minReadySeconds: 2 } });
    await stage.say(DEV, '/repull unheard staging');
    await stage.untilCard('unheard', /Rolling out/);
    faults().outage(true);
    await until(async () => (await stage.history('unheard'))[0]?.state === 'succeeded', {
      what: 'it ends unseen',
      withinMs: 40_000,
      everyMs: 300,
    });
    faults().outage(false);
    const card = await judgeSuccess(stage, 'unheard', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
    expect(await threadWith('unheard', /Every pod runs what was planned/)).toMatch(/Started: [\s\S]*Successfully pulled/);
  });

  it('an outage from before the card until after the end: one card, with the end', async () => {
    const fresh = await start('unseen');
    const posting = faults().add({ method: 'chat.*', times: Number.POSITIVE_INFINITY, do: { kind: 'reset' } });
    await stage.say(DEV, '/repull unseen staging');
    await until(async () => (await stage.history('unseen'))[0]?.state === 'succeeded', {
      what: 'it ends unseen',
      withinMs: 40_000,
      everyMs: 300,
    });
    expect(stage.cards('unseen')).toEqual([]);
    posting();
    const card = await judgeSuccess(stage, 'unseen', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it('without history scopes a card whose posting was answered by a reset is there at most twice, and the last word is right', async () => {
    const fresh = await start('twice');
    faults().add({ method: 'chat.postMessage', when: ({ args }) => args['thread_ts'] === undefined, do: { kind: 'commit-then-reset' } });
    await stage.say(DEV, '/repull twice staging');
    const card = await judgeSuccess(stage, 'twice', { generation: 2, digest: fresh.digest, cardsAtMost: 2 });
    expect(card.text).toMatch(/pulled new/);
  });

  it('a storm of 429 on chat.update: commands are answered as fast as ever, and the final card is right', async () => {
    const fresh = await start('stormy', { replicas: 4, env: { READY_AFTER: '1s' } });
    const calm = faults().add({ method: 'chat.update', times: Number.POSITIVE_INFINITY, do: { kind: 'rate-limit', retryAfter: 2 } });
    await stage.say(DEV, '/repull stormy staging');
    await stage.line.slack.waitFor(() => stage.line.slack.calls.of('chat.update').some((call) => call.result === 'rate-limited'), {
      what: 'a 429',
      seconds: 30,
    });
    for (let n = 0; n < 5; n++) {
      const seen = stage.line.slack.view(DEV, DEPLOYS).messages.filter((message) => message.ephemeral).length;
      const began = performance.now();
      const outcome = await stage.line.slack.as(DEV).type(DEPLOYS, '/repull envs');
      expect(outcome.ackMs).toBeLessThan(3_000);
      await stage.line.slack.waitFor(
        () => stage.line.slack.view(DEV, DEPLOYS).messages.filter((message) => message.ephemeral).length > seen,
        { what: 'an answer', seconds: 10 },
      );
      expect(performance.now() - began).toBeLessThan(5_000);
    }
    await until(async () => (await stage.history('stormy'))[0]?.state === 'succeeded', { what: 'it ends', withinMs: 40_000, everyMs: 300 });
    calm();
    const card = await judgeSuccess(stage, 'stormy', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
    const limited = stage.line.slack.calls.of('chat.update').filter((call) => call.result === 'rate-limited');
    expect(limited.length, 'Retry-After is kept to').toBeLessThan(40);
  });

  it.each(['http-500', 'hang'] as const)(
    'chat.postMessage that answers with %s now and then: every thread entry comes, once at best, twice at worst',
    async (how) => {
      const app = how === 'hang' ? 'hanging' : 'broken';
      const fresh = await start(app);
      faults().add({ method: 'chat.postMessage', times: 2, do: how === 'hang' ? { kind: 'hang' } : { kind: 'http', status: 500 } });
      await stage.say(DEV, `/repull ${app} staging`);
      const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest, cardsAtMost: 1 });
      const told = await stage.line.slack.waitFor(
        () => {
          const text =
            stage
              .cards(app)[0]
              ?.replies.map((reply) => reply.text)
              .join('\n') ?? '';
          return /Started:/.test(text) && /Every pod runs/.test(text) && text;
        },
        { what: 'the whole thread', seconds: 40 },
      );
      expect(told).toMatch(/Pulled|pulled/);
      expect(card.text).toMatch(/Succeeded/);
    },
  );

  it('a card that somebody deletes is posted again with the state of now, once, and thread entries go on under it', async () => {
    const fresh = await start('erased', { replicas: 3, env: { READY_AFTER: '1s' }, spec: { minReadySeconds: 3 } });
    await stage.say(DEV, '/repull erased staging');
    const card = await stage.untilCard('erased', /Rolling out/);
    await erase(card.ts);
    expect(stage.cards('erased').map((each) => each.ts)).not.toContain(card.ts);
    const again = await judgeSuccess(stage, 'erased', { generation: 2, digest: fresh.digest });
    expect(again.ts).not.toBe(card.ts);
    expect(await threadWith('erased', /Every pod runs what was planned/)).toMatch(/Successfully pulled/);
  });

  it('a Slack that cannot say who somebody is: no, said aloud, and nothing is approved', async () => {
    await stage.deploy('unsure');
    await stage.push('unsure');
    await stage.say(DEV, '/repull unsure prod');
    const card = await stage.untilCard('unsure', /Waiting for approval/);
    faults().add({ method: 'users.info', times: Number.POSITIVE_INFINITY, do: { kind: 'http', status: 503 } });
    await stage.line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    const answer = await stage.line.waitFor(SRE, /cannot (be )?confirm|could not (be )?confirm|unknown|right now/i);
    expect(answer.message.ephemeral).toBe(true);
    expect(await stage.generation('unsure')).toBe(1);
    expect((await stage.history('unsure'))[0]?.state).toBe('awaiting-approval');
  });

  it.each([
    ['a command', '/repull envs', /prod[\s\S]*staging/],
    ['a check', '/repull check twin staging', /Check[\s\S]*twin/],
  ])('the answer to %s comes though Slack is busy, or loses it, at first', async (_, text, pattern) => {
    if (text.includes('twin')) await stage.deploy('twin');
    const seen = stage.line.slack.view(DEV, DEPLOYS).messages.length;
    faults().add({ method: 'response_url', times: 2, do: { kind: 'http', status: 500 } });
    faults().add({ method: 'chat.postEphemeral', do: { kind: 'rate-limit', retryAfter: 1 } });
    faults().add({ method: 'chat.postEphemeral', do: { kind: 'reset' } });
    await stage.say(DEV, text);
    const answer = await stage.line.slack.waitFor(
      () =>
        stage.line.slack
          .view(DEV, DEPLOYS)
          .messages.slice(seen)
          .find((message) => message.ephemeral && pattern.test(message.text)),
      { what: 'the answer', seconds: 20 },
    );
    expect(answer.text).toMatch(pattern);
    expect(stage.line.slack.calls.of('chat.postEphemeral').filter((call) => call.result !== 'ok').length).toBeGreaterThanOrEqual(2);
  });

  it('a click on a request whose record is damaged is answered too, with a reference that is in the log', async () => {
    await stage.deploy('damaged');
    await stage.push('damaged');
    await stage.say(DEV, '/repull damaged prod');
    const card = await stage.untilCard('damaged', /Waiting for approval/);
    const id = /[0-9A-Z]{6}-[0-9A-Z]{4}/.exec(card.text)?.[0] ?? '';
    const redis = new Redis(stage.line.redis.url);
    const whole = await redis.hget(`{repull}:request:${id}`, 'plan');
    await redis.hset(`{repull}:request:${id}`, 'plan', 'not JSON');
    await stage.line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    const answer = await stage.line.waitFor(SRE, /bug in repull/i, { seconds: 55 });
    const reference = /reference ([0-9A-Z]{5})/.exec(answer.text)?.[1] ?? '?';
    expect(stage.line.bots[0]?.log()).toContain(reference);
    expect(await stage.generation('damaged')).toBe(1);
    await redis.hset(`{repull}:request:${id}`, 'plan', whole ?? '');
    redis.disconnect();
  });

  it('a channel that is archived in the middle: the request ends all the same, and the history says how', async () => {
    await start('buried', { spec: { minReadySeconds: 3 } });
    await stage.say(DEV, '/repull buried staging');
    await stage.untilCard('buried', /Rolling out/);
    stage.line.slack.workspace.archive(DEPLOYS);
    await until(async () => (await stage.history('buried'))[0]?.state === 'succeeded', { what: 'it ends', withinMs: 40_000, everyMs: 300 });
    const [request] = await stage.history('buried');
    expect(request).toMatchObject({ state: 'succeeded', containers: [{ verdict: 'pulled new' }] });
    judgeAudit(await stage.audit(request?.id ?? ''));
    stage.line.slack.workspace.unarchive(DEPLOYS);
  });

  it('an approval that waits in a channel when that is archived expires, and the click does nothing', async () => {
    await start('my-app');
    await stage.say(DEV, '/repull my-app prod');
    await stage.untilCard('my-app', /Waiting for approval/);
    stage.line.slack.workspace.archive(DEPLOYS);
    await until(async () => (await stage.history('my-app'))[0]?.state === 'expired', {
      what: 'it expires',
      withinMs: 40_000,
      everyMs: 300,
    });
    expect(await stage.generation('my-app')).toBe(1);
    stage.line.slack.workspace.unarchive(DEPLOYS);
  });

  /** As a person with the right to would: through Slack's own API with the bot's token, since the local Slack has no menu for it. */
  const erase = async (ts: string) => {
    const response = await fetch(`${stage.line.slack.apiUrl}chat.delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.line.slack.botToken}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ channel: DEPLOYS, ts }),
    });
    expect(await response.json()).toMatchObject({ ok: true });
  };
});

describe('a Slack that loses replies, with history scopes', () => {
  let stage: Stage;
  beforeAll(async () => {
    const scopes = ['commands', 'chat:write', 'app_mentions:read', 'usergroups:read', 'users:read', 'channels:read', 'groups:read'];
    stage = await openStage({ slack: { workspace: { ...workspace, app: { scopes: [...scopes, 'channels:history', 'groups:history'] } } } });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  it('says in log and metrics that messages are posted exactly once', async () => {
    const [bot] = stage.line.bots;
    const metrics = await (await fetch(`http://127.0.0.1:${bot?.opsPort}/metrics`)).text();
    expect(metrics).toMatch(/^repull_slack_exactly_once\{role="bot"\} 1$/m);
    expect(bot?.log()).toMatch(/"exactlyOnce":true/);
  });

  it.each(['commit-then-reset', 'commit-then-hang'] as const)(
    'posts the card and every thread entry exactly once though every first reply is lost (%s)',
    async (kind) => {
      const app = kind;
      await stage.deploy(app);
      const fresh = await stage.push(app);
      const struck = new Set<string>();
      stage.line.slack.faults.add({
        method: 'chat.postMessage',
        times: Number.POSITIVE_INFINITY,
        when: ({ args }) => {
          const key = JSON.stringify(args['metadata']);
          if (struck.has(key) || struck.size >= 2) return false;
          struck.add(key);
          return true;
        },
        do: { kind },
      });
      await stage.say(DEV, `/repull ${app} staging`);
      const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
      await stage.line.slack.waitFor(
        () =>
          /Every pod runs/.test(
            stage
              .cards(app)[0]
              ?.replies.map((reply) => reply.text)
              .join('\n') ?? '',
          ),
        { what: 'the whole thread', seconds: 40 },
      );
      expect(stage.cards(app)).toHaveLength(1);
      expect(struck.size).toBe(2);
      const texts = stage.cards(app)[0]?.replies.map((reply) => reply.text) ?? [];
      expect(texts).toEqual([...new Set(texts)]);
      expect(card.text).toMatch(/pulled new/);
    },
  );
});
