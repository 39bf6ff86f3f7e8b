import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, DEV2, SRE, SRE2, SRE_GROUP, workspace } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeAudit, judgeSuccess, openStage, type Stage } from './stage.ts';

const CROWD = Array.from({ length: 50 }, (_, n) => `U0CROWD${String(n).padStart(3, '0')}`);

describe('bots that die, and people who do everything at once', () => {
  let stage: Stage;
  beforeAll(async () => {
    const crowd = CROWD.map((id, n) => ({ id, name: `crowd${n}` }));
    const crowded = {
      users: [...workspace.users, ...crowd],
      channels: workspace.channels.map((channel) => ({ ...channel, members: [...channel.members, ...CROWD] })),
      userGroups: [{ id: SRE_GROUP, handle: 'sre', name: 'SRE', members: [SRE, SRE2, ...CROWD] }],
    };
    stage = await openStage({ bots: 3, slack: { workspace: crowded, rateLimits: { scale: 100 } } });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => stage.line.slack.faults.clear());

  const killBots = async () => {
    const dead = stage.line.bots.splice(0);
    for (const bot of dead) bot.kill('SIGKILL');
    await Promise.all(dead.map((bot) => bot.exited));
  };

  it('every bot killed in the middle of a rollout: it goes on, and the one card is right when a bot is back', async () => {
    await stage.deploy('deaf', { replicas: 3, env: { READY_AFTER: '1s' }, spec: { minReadySeconds: 2 } });
    const fresh = await stage.push('deaf');
    await stage.say(DEV, '/repull deaf staging');
    await stage.untilCard('deaf', /Rolling out/);
    await killBots();
    await until(async () => (await stage.history('deaf'))[0]?.state === 'succeeded', {
      what: 'it ends without a bot',
      withinMs: 40_000,
      everyMs: 300,
    });
    expect(stage.cards('deaf').map((card) => card.text)).toEqual([expect.stringMatching(/Rolling out/)]);
    await Promise.all([stage.line.startBot(), stage.line.startBot(), stage.line.startBot()]);
    const card = await judgeSuccess(stage, 'deaf', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it('fifty people approve at once, over three bots: one generation, exactly one winner, forty-nine answers', async () => {
    await Promise.all(stage.line.bots.map((bot) => bot.untilReady()));
    await stage.deploy('my-app');
    const fresh = await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    const waiting = await stage.untilCard('my-app', /Waiting for approval/);
    const ref = { channelId: DEPLOYS, ts: waiting.ts };
    await stage.line.slack.waitFor(() => stage.line.slack.connections() === 3, { what: 'three connections', seconds: 30 });
    const mark = stage.line.slack.deliveries.mark();
    const outcomes = await Promise.all(CROWD.map((user) => stage.line.slack.as(user).click(ref, 'approve')));
    const clicks = stage.line.slack.deliveries.since(mark).filter((each) => each.payload['type'] === 'block_actions');
    expect(new Set(clicks.map((each) => each.connection)).size).toBe(3);
    expect(outcomes.filter((outcome) => outcome.acked)).toHaveLength(CROWD.length);
    const card = await judgeSuccess(stage, 'my-app', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/1 of 1/);
    const [request] = await stage.history('my-app');
    expect(request?.decisions.filter((decision) => decision.verdict === 'approve')).toHaveLength(1);
    const winner = request?.decisions[0]?.by ?? '';
    expect(CROWD).toContain(winner);
    const told = (user: string) =>
      stage.line.slack
        .view(user, DEPLOYS)
        .messages.filter(
          (message) => message.ephemeral && /not waiting for approval any more|approved .* already|too many people/i.test(message.text),
        ).length + waitingReplies(user);
    const waitingReplies = (user: string) =>
      stage.line.slack
        .view(user, DEPLOYS)
        .messages.flatMap((message) => message.replies)
        .filter((message) => message.ephemeral && /not waiting for approval any more|too many people/i.test(message.text)).length;
    await until(() => CROWD.every((user) => user === winner || told(user) === 1), {
      what: 'everybody but the winner is told why their click did nothing',
      withinMs: 40_000,
      everyMs: 100,
    });
    expect(told(winner)).toBe(0);
  });

  it('approve and reject at the same moment: one of them, never both', async () => {
    await stage.push('my-app');
    for (let round = 0; round < 3; round++) {
      const before = await stage.generation('my-app');
      const known = new Set(stage.cards('my-app').map((card) => card.ts));
      await stage.say(DEV, '/repull my-app prod --force');
      const card = await stage.line.slack.waitFor(
        () => stage.cards('my-app').find((each) => !known.has(each.ts) && /Waiting/.test(each.text)),
        { what: 'the card', seconds: 20 },
      );
      const ref = { channelId: DEPLOYS, ts: card.ts };
      const rejecter = stage.line.slack.as(SRE2);
      await rejecter.click(ref, 'reject');
      await stage.line.slack.waitFor(() => rejecter.modal(), { what: 'the reject modal' });
      rejecter.fill('reason', 'no');
      await Promise.all([stage.line.slack.as(SRE).click(ref, 'approve'), rejecter.submit()]);
      const ended = await stage.line.slack.waitFor(
        () => stage.cards('my-app').find((each) => each.ts === card.ts && /^\W*(Succeeded|Rejected)/.test(each.text)),
        {
          what: 'an end',
          seconds: 40,
        },
      );
      const [request] = await stage.history('my-app');
      expect(request?.decisions).toHaveLength(1);
      judgeAudit(await stage.audit(request?.id ?? ''));
      expect(await stage.generation('my-app')).toBe(/Rejected/.test(ended.text) ? before : before + 1);
    }
  });

  it('the same command delivered five times, and the same click: one request, one decision', async () => {
    await stage.deploy('doubled');
    const fresh = await stage.push('doubled');
    stage.line.slack.faults.socket.duplicate(5);
    await stage.say(DEV, '/repull doubled prod');
    const card = await stage.untilCard('doubled', /Waiting for approval/);
    stage.line.slack.faults.socket.duplicate(5);
    await stage.line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    await judgeSuccess(stage, 'doubled', { generation: 2, digest: fresh.digest });
    const [request] = await stage.history('doubled');
    expect(request?.decisions.filter((decision) => decision.verdict === 'approve')).toHaveLength(1);
  });

  it('a mention whose acknowledgements get lost is delivered again and makes one request', async () => {
    await stage.deploy('mentioned');
    const fresh = await stage.push('mentioned');
    stage.line.slack.faults.socket.dropAcks(2);
    await stage.line.slack.as(DEV2).type(DEPLOYS, '@repull mentioned staging');
    const card = await judgeSuccess(stage, 'mentioned', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it('a Socket Mode connection that is cut while somebody types: the next command is answered, and nothing ran twice', async () => {
    stage.line.slack.faults.socket.cut();
    await stage.line.slack.waitFor(() => stage.line.slack.connections() >= 3, { what: 'all bots are connected again', seconds: 20 });
    await stage.say(DEV, '/repull envs');
    expect((await stage.line.waitFor(DEV, /prod[\s\S]*staging/)).message.ephemeral).toBe(true);
  });
});
