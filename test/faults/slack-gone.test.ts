import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, RANDOM, SRE, workspace } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeAudit, openStage, type Stage } from './stage.ts';

const INCIDENTS = `incidents: { bind: [sre], votes: 0, ignore-windows: true, reason: required, announce: ${RANDOM} }\n`;

describe('a channel in which nothing can be said any more', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ policyOf: (policy) => `${policy}\n${INCIDENTS}` });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => {
    stage.line.slack.faults.clear();
    stage.line.slack.workspace.addBot(DEPLOYS);
    stage.line.slack.workspace.unarchive(DEPLOYS);
  });

  /** What repull said to this person alone, or to a channel, about this app. */
  const said = (about: string, channel = toDana()): string[] =>
    stage.line.slack
      .view(DEV, channel)
      .messages.filter((message) => message.isBot && !message.ephemeral && message.text.includes(about))
      .map((message) => message.text);
  const toDana = (): string => stage.line.slack.workspace.directMessage(DEV, stage.line.slack.botUserId).id;
  const untilSaid = (about: string, pattern: RegExp, channel?: string) =>
    stage.line.slack.waitFor(() => said(about, channel).find((text) => pattern.test(text)), { what: `${about}: ${pattern}`, seconds: 60 });
  const ended = async (app: string) => {
    await until(async () => (await stage.history(app))[0]?.state === 'succeeded', { what: 'it ends', withinMs: 60_000, everyMs: 300 });
    const [request] = await stage.history(app);
    judgeAudit(await stage.audit(request?.id ?? ''));
  };
  const start = async (app: string, minReadySeconds = 0) => {
    await stage.deploy(app, { spec: { minReadySeconds } });
    await stage.push(app);
  };

  it('because it was archived: the request ends, and whoever asked hears it directly, as does the channel for incidents, each once', async () => {
    await start('buried', 4);
    await stage.say(DEV, '/repull buried staging');
    await stage.untilCard('buried', /Rolling out/);
    stage.line.slack.workspace.archive(DEPLOYS);
    await ended('buried');
    const text = await untilSaid('buried', /has ended: succeeded/);
    expect(text).toMatch(/can no longer write in that channel \(is (archived|inactive)\)[\s\S]*repull show/);
    await untilSaid('buried', /has ended: succeeded/, RANDOM);
    await until(() => shownTo(stage), { what: 'everything was said', withinMs: 40_000, everyMs: 200 });
    for (const place of [undefined, RANDOM]) expect(said('buried', place).filter((each) => /has ended/.test(each))).toHaveLength(1);
  });

  it('because repull was removed from it before: whoever asked hears at once that it goes on unseen, and how it ends', async () => {
    await start('unseen', 2);
    stage.line.slack.workspace.removeBot(DEPLOYS);
    await stage.line.slack.as(DEV).type(DEPLOYS, '/repull unseen staging');
    await untilSaid('unseen', /goes on, but I can no longer write in that channel \(not in channel\)/);
    await ended('unseen');
    await untilSaid('unseen', /has ended: succeeded/);
    expect(said('unseen')).toHaveLength(2);
    expect(stage.cards('unseen')).toEqual([]);
  });

  it('while repull was removed from it for a time: at the end card and thread are there', async () => {
    await start('away', 6);
    await stage.say(DEV, '/repull away staging');
    await stage.untilCard('away', /Rolling out/);
    stage.line.slack.workspace.removeBot(DEPLOYS);
    await untilSaid('away', /goes on, but I can no longer write/);
    stage.line.slack.workspace.addBot(DEPLOYS);
    await ended('away');
    const card = await stage.untilCard('away', /Succeeded/);
    const thread = () =>
      stage
        .cards('away')[0]
        ?.replies.map((reply) => reply.text)
        .join('\n') ?? '';
    await stage.line.slack.waitFor(() => /Every pod runs/.test(thread()), { what: 'the end in the thread', seconds: 40 });
    expect(stage.cards('away').map((each) => each.ts)).toEqual([card.ts]);
    expect(said('away').filter((each) => /has ended/.test(each))).toEqual([]);
  });

  it('because the token was revoked: the end is shown to whoever gives repull a new one', async () => {
    await start('revoked', 3);
    await stage.say(DEV, '/repull revoked staging');
    await stage.untilCard('revoked', /Rolling out/);
    const scopes = stage.line.slack.workspace.scopes();
    stage.line.slack.workspace.revokeToken();
    await ended('revoked');
    await stage.line.bots[0]?.stop();
    const bot = await stage.line.startBot({ SLACK_BOT_TOKEN: stage.line.slack.workspace.issueToken(scopes) });
    await bot.untilReady(60);
    expect((await stage.untilCard('revoked', /Succeeded/, 90)).text).toMatch(/pulled new/);
    expect(stage.cards('revoked')).toHaveLength(1);
  });
});

/** With history scopes, so that "once" may be asked for whatever is lost. */
describe('two bots, and a Slack that says 429 to one of them', () => {
  let stage: Stage;
  beforeAll(async () => {
    const scopes = ['commands', 'chat:write', 'app_mentions:read', 'usergroups:read', 'users:read', 'channels:read', 'groups:read'];
    const seed = { ...workspace, app: { scopes: [...scopes, 'channels:history', 'groups:history'] } };
    stage = await openStage({ bots: 2, policyOf: (policy) => `${policy}\n${INCIDENTS}`, slack: { workspace: seed } });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => stage.line.slack.faults.clear());

  it('are both quiet for as long as it said', async () => {
    const apps = ['quiet-a', 'quiet-b', 'quiet-c', 'quiet-d'];
    for (const app of apps) await stage.deploy(app, { spec: { minReadySeconds: 1 } });
    for (const app of apps) await stage.push(app);
    stage.line.slack.faults.add({ method: 'chat.update', do: { kind: 'rate-limit', retryAfter: 12 } });
    for (const app of apps) await stage.say(DEV, `/repull ${app} staging`);
    for (const app of apps) await stage.untilCard(app, /Succeeded/, 90);
    const updates = stage.line.slack.calls.of('chat.update');
    const limited = updates.find((call) => call.result === 'rate-limited');
    const heard = (limited?.at ?? 0) + (limited?.took ?? 0);
    // What was on its way when the first one heard it is not called back.
    const early = updates.filter((call) => call.at > heard + 500 && call.at < heard + 11_900);
    expect(early.map((call) => call.at - heard)).toEqual([]);
    expect(updates.filter((call) => call.at >= heard + 11_900).length).toBeGreaterThan(0);
  });

  it('announce a freeze once, although the bot that was carrying out the command is killed and another carries it out again', async () => {
    const { slack } = stage.line;
    for (const method of ['response_url', 'chat.postEphemeral']) {
      slack.faults.add({ method, times: Number.POSITIVE_INFINITY, do: { kind: 'hang' } });
    }
    await slack.as(SRE).type(DEPLOYS, '/repull freeze staging "a migration" --for 1h');
    const announced = () =>
      slack.view(DEV, DEPLOYS).messages.filter((message) => !message.ephemeral && message.text.includes('froze staging'));
    await slack.waitFor(() => announced().length > 0, { what: 'the announcement', seconds: 30 });
    for (const bot of stage.line.bots) bot.kill('SIGKILL');
    slack.faults.clear();
    const bot = await stage.line.startBot();
    await bot.untilReady(60);
    await slack.waitFor(
      () => slack.view(SRE, DEPLOYS).messages.some((message) => message.ephemeral && /staging is frozen for/.test(message.text)),
      { what: 'the answer, from the bot that took over', seconds: 60 },
    );
    await until(() => shownTo(stage), { what: 'everything was said', withinMs: 40_000, everyMs: 200 });
    expect(announced()).toHaveLength(1);
  });

  it('announce what happens under incident rules although Slack fails at first, once', async () => {
    const { slack } = stage.line;
    slack.faults.add({ method: 'chat.postMessage', when: ({ args }) => args['channel'] === RANDOM, do: { kind: 'http', status: 500 } });
    await slack.as(SRE).type(DEPLOYS, '/repull incident on --for 1h');
    const announced = () => slack.view(DEV, RANDOM).messages.filter((message) => message.text.includes('an incident channel for'));
    await slack.waitFor(() => announced().length > 0, { what: 'the announcement', seconds: 40 });
    await until(() => shownTo(stage), { what: 'everything was said', withinMs: 40_000, everyMs: 200 });
    expect(announced()).toHaveLength(1);
  });
});

/** Nothing waits to be said. */
async function shownTo(stage: Stage): Promise<boolean> {
  const redis = new Redis(stage.line.redis.url);
  const counts = await Promise.all([
    redis.llen('{repull}:slack:wait'),
    redis.llen('{repull}:slack:active'),
    redis.zcard('{repull}:slack:delayed'),
  ]).finally(() => redis.disconnect());
  return counts.every((count) => count === 0);
}
