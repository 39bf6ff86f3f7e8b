import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { DEPLOYS, DEV, GUEST, RANDOM, SRE, SRE2 } from '../support/line.ts';
import { until } from '../support/until.ts';
import { EXT, EXT_TEAM, openSecurity, type Security } from './security-stage.ts';

describe('whoever looks where they may not, or comes from elsewhere', () => {
  let security: Security;
  let stage: Security['stage'];
  let redis: Security['redis'];
  let bot: Security['bot'];
  let send: Security['send'];
  let member: Security['member'];
  let record: Security['record'];
  let waiting: Security['waiting'];
  let answers: Security['answers'];
  let answered: Security['answered'];
  beforeAll(async () => {
    security = await openSecurity();
    ({ stage, redis, bot, send, member, record, waiting, answers, answered } = security);
  }, 120_000);
  afterAll(async () => security?.close(), 60_000);
  afterEach(() => stage.line.slack.faults.clear());

  it('a mention from another organisation is refused and learns no name', async () => {
    const mark = stage.line.slack.calls.mark();
    const told = answered(EXT);
    const mentions = ['<@BOT> forge prod', '<@BOT> apps', '<@BOT> envs', '<@BOT> status', '<@BOT> history', '<@BOT> can-i another prod'];
    for (const text of mentions) {
      const event = { type: 'app_mention', user: EXT, channel: DEPLOYS, ts: '1700000000.000100', user_team: EXT_TEAM, team: EXT_TEAM };
      await send.event(
        { ...event, text: text.replace('BOT', stage.line.slack.botUserId) },
        { context_team_id: stage.line.slack.teamId, is_ext_shared_channel: true },
      );
    }
    await answers(EXT, told + mentions.length);
    const said = JSON.stringify(
      stage.line.slack.calls
        .since(mark)
        .filter((call) => call.args['user'] === EXT && call.method === 'chat.postEphemeral')
        .map((call) => [call.args['text'], call.args['blocks']]),
    );
    for (const name of ['forged', 'my-app', 'staging', 'brief', 'sre']) expect(said).not.toContain(name);
  });

  it('what names another app or another workspace is acknowledged and read by nobody', async () => {
    const card = await waiting('addressed');
    const before = await redis.zcard(keys.index('by-time'));
    const typed = { text: 'addressed prod --force', user_id: SRE, channel_id: DEPLOYS, channel_name: 'deploys' };
    const pressed = { user: member(SRE), value: card.value, channel: DEPLOYS, message: card.ts };
    const mention = {
      type: 'app_mention',
      user: SRE,
      channel: DEPLOYS,
      ts: '1700000000.000200',
      text: `<@${stage.line.slack.botUserId}> addressed prod --force`,
    };
    const foreign = { team_id: EXT_TEAM, context_team_id: EXT_TEAM, authorizations: [{ team_id: EXT_TEAM }] };
    const sent = [
      await send.command({ ...typed, api_app_id: 'A0OTHER001' }),
      await send.command({ ...typed, team_id: EXT_TEAM }),
      await send.click({ ...pressed, more: { api_app_id: 'A0OTHER001' } }),
      await send.click({ ...pressed, more: { team: { id: EXT_TEAM } } }),
      await send.click({ ...pressed, more: { team: null } }),
      await send.event(mention, { api_app_id: 'A0OTHER001' }),
      await send.event(mention, foreign),
    ];
    expect(sent.map((each) => each.status)).toEqual(sent.map(() => 200));
    await until(() => bot.log().split('a payload for another app or workspace was dropped').length > sent.length, {
      what: 'each of them is in the log',
    });
    await send.click({ user: member(SRE2), value: 'nothing', channel: DEPLOYS, message: card.ts });
    expect(await record(card.id)).toMatchObject({ state: 'awaiting-approval', approvals: '[]' });
    expect(await redis.zcard(keys.index('by-time'))).toBe(before);
  });

  it('type-ahead offers names to whoever may use them here, to nobody else, and not to a script', async () => {
    const ask = async (user: object, channel: string): Promise<unknown[]> => {
      const { text } = await send.interaction({
        type: 'block_suggestion',
        ...send.base(user),
        action_id: 'environment',
        block_id: 'environment',
        value: '',
        view: { id: 'V1', private_metadata: channel },
      });
      return (JSON.parse(text) as { options: unknown[] }).options;
    };
    expect((await ask(member(DEV), DEPLOYS)).length).toBeGreaterThan(0);
    expect(await ask(member(DEV), RANDOM)).toEqual([]);
    expect(await ask(member(GUEST), DEPLOYS)).toEqual([]);
    expect(await ask({ id: EXT, team_id: EXT_TEAM }, DEPLOYS)).toEqual([]);
    expect(await ask({ id: DEV }, DEPLOYS)).toEqual([]);
    const looks = stage.line.slack.calls.count('users.info');
    const many: unknown[][] = [];
    for (let n = 0; n < 150; n += 1) many.push(await ask(member(SRE2), DEPLOYS));
    expect(many[0]?.length).toBeGreaterThan(0);
    expect(many.at(-1)).toEqual([]);
    expect(stage.line.slack.calls.count('users.info') - looks).toBeLessThanOrEqual(120);
  });

  it('the App Home of somebody who may do nothing names nothing', async () => {
    await waiting('homeless');
    await stage.deploy('homely', { replicas: 1 });
    await stage.push('homely');
    await stage.say(DEV, '/repull homely staging');
    await stage.untilCard('homely', /Succeeded/);
    for (const user of [GUEST, EXT]) {
      await send.event({ type: 'app_home_opened', user, tab: 'home', channel: 'D0HOME0001' });
      const home = await stage.line.slack.waitFor(() => stage.line.slack.as(user).home(), { what: `the home of ${user}` });
      expect(JSON.stringify(home.blocks)).not.toMatch(/homeless|homely|forged|unread|in-time|bindings/);
    }
  });

  it('rights follow the id of a channel through its renaming, and end where it is shared or has become another one', async () => {
    const { slack } = stage.line;
    const renamed = await waiting('renamed');
    slack.workspace.rename(DEPLOYS, 'random-again');
    // A channel that takes over the name takes over nothing else.
    slack.workspace.rename(RANDOM, 'deploys');
    const told = answered(DEV);
    await slack.as(DEV).type(RANDOM, '/repull renamed prod --force');
    await slack.waitFor(
      () => slack.view(DEV, RANDOM).messages.some((each) => /Denied[\s\S]*renamed/.test(each.text)) || answered(DEV) > told,
      {
        what: 'the denial',
      },
    );
    const denied = (await stage.history('renamed')).filter((each) => each.state === 'denied');
    expect(denied).toHaveLength(1);
    await send.click({ user: member(SRE), value: renamed.value, channel: DEPLOYS, message: renamed.ts });
    await stage.untilCard('renamed', /Succeeded/);
    const shared = await waiting('shared');
    slack.workspace.share(DEPLOYS);
    await send.click({ user: member(SRE), value: shared.value, channel: DEPLOYS, message: shared.ts });
    await stage.untilCard('shared', /Expired/);
    expect(await stage.generation('shared')).toBe(1);
    slack.workspace.unshare(DEPLOYS);
    const moved = await waiting('moved');
    slack.workspace.changeChannelId(DEPLOYS, 'C0DEPLOYS9');
    await send.click({ user: member(SRE), value: moved.value, channel: 'C0DEPLOYS9', message: moved.ts });
    await until(async () => (await record(moved.id)).state === 'expired', { what: 'it expires', withinMs: 20_000 });
    expect(await stage.generation('moved')).toBe(1);
  });
});
