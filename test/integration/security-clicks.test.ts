import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../../src/store/keys.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { readAudit } from '../support/audit.ts';
import { DEPLOYS, DEV, GUEST, RANDOM, SRE, SRE2, SRE_GROUP, workspace } from '../support/line.ts';
import { freePort, type Running } from '../support/process.ts';
import { until } from '../support/until.ts';
import { wire, type Wire } from './security-wire.ts';

const EXT = 'U0EXTERN01';
const EXT_TEAM = 'T9999EXT01';
const SRE3 = 'U0SRE00003';
const GONE = 'U0GONE0001';
const ROBOT = 'U0ROBOT001';
const FLOW = 'U0FLOW0001';

/** Real processes over signed HTTP, so that payloads can say what no Slack client would. */
describe('whoever presses what they may not, or what was never drawn', () => {
  let stage: Stage;
  let bot: Running;
  let send: Wire;
  let redis: Redis;
  let startBot: () => Promise<Running>;
  beforeAll(async () => {
    const people = [
      { id: EXT, name: 'ext', kind: 'external' as const, teamId: EXT_TEAM },
      { id: SRE3, name: 'suki' },
      { id: GONE, name: 'gone', deactivated: true },
      { id: ROBOT, name: 'robot', kind: 'bot' as const },
      { id: FLOW, name: 'flow', kind: 'workflow-bot' as const },
    ];
    const ids = people.map((each) => each.id);
    stage = await openStage({
      bots: 0,
      slack: {
        workspace: {
          ...workspace,
          users: [...workspace.users, ...people],
          channels: workspace.channels.map((channel) => ({ ...channel, members: [...channel.members, ...ids] })),
          // Whatever the group says of them.
          userGroups: [{ id: SRE_GROUP, handle: 'sre', members: [SRE, SRE2, GUEST, ...ids] }],
        },
      },
      policyOf: (policy) =>
        policy.replace(
          '\napps:',
          `\n  brief:\n${prod(policy).replace('expires: 30m', 'expires: 2s')}\n  triple:\n${prod(policy).replace('votes: 1', 'votes: 3')}\napps:`,
        ),
    });
    redis = new Redis(stage.line.redis.url);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/slack/events`;
    stage.line.slack.useHttp(url);
    startBot = async () => {
      const started = await stage.line.startBot({
        SLACK_APP_TOKEN: '',
        SLACK_SIGNING_SECRET: stage.line.slack.signingSecret,
        PORT: String(port),
      });
      await started.untilReady();
      return started;
    };
    bot = await startBot();
    send = wire(stage, url);
  }, 120_000);
  afterAll(async () => {
    redis?.disconnect();
    await stage?.close();
  }, 60_000);
  afterEach(() => stage.line.slack.faults.clear());

  const member = (id: string) => ({ id, team_id: stage.line.slack.teamId });
  const record = async (id: string) => {
    const [state, version, approvals] = await redis.hmget(keys.request(id), 'state', 'version', 'approvals');
    return { state: (JSON.parse(state ?? '{}') as { status?: string }).status, version: Number(version), approvals: approvals ?? '' };
  };
  const waiting = async (app: string, environment = 'prod') => {
    await stage.deploy(app, { replicas: 1 });
    await stage.push(app);
    await stage.say(DEV, `/repull ${app} ${environment}`);
    const card = await stage.untilCard(app, /Waiting for approval/);
    const buttons = card.blocks.flatMap((block) => (block['elements'] as { action_id?: string; value?: string }[] | undefined) ?? []);
    const value = buttons.find((each) => each.action_id === 'approve')?.value ?? '';
    return { ts: card.ts, value, id: value.split('.')[0] ?? '' };
  };
  /** Jobs of the intake queue are done in order of arrival, by one bot: once this is answered, so is what came before. */
  const answers = async (user: string, count: number) =>
    until(() => stage.line.slack.calls.of('chat.postEphemeral').filter((call) => call.args['user'] === user).length >= count, {
      what: `${count} answers to ${user}`,
      withinMs: 20_000,
    });
  const answered = (user: string) => stage.line.slack.calls.of('chat.postEphemeral').filter((call) => call.args['user'] === user).length;

  it('a button that was forged or altered does nothing, and whoever pressed it is told', async () => {
    const card = await waiting('forged');
    const other = await waiting('another');
    const [id = '', hash = ''] = card.value.split('.');
    const forged = [
      { what: 'the value of another card', value: other.value },
      { what: 'another hash', value: `${id}.${'0'.repeat(hash.length)}` },
      { what: 'no hash', value: id },
      { what: 'no request', value: `0000000-0000.${hash}` },
      { what: 'nothing', value: '' },
      { what: 'the name of a prototype', value: `__proto__.${hash}` },
      { what: 'another name of a prototype', value: `constructor.${hash}` },
      { what: 'another key of Redis', value: `${id}:..:${id}.${hash}` },
      { what: 'another channel', value: card.value, channel: RANDOM },
      { what: 'another message', value: card.value, message: other.ts },
      { what: 'a message that is not there', value: card.value, message: '1.000001' },
    ];
    const before = await record(id);
    for (const each of forged) {
      const told = answered(SRE);
      const sent = await send.click({ user: member(SRE), channel: DEPLOYS, message: card.ts, ...each });
      await answers(SRE, told + 1);
      expect({ what: each.what, status: sent.status, ...(await record(id)) }).toEqual({ what: each.what, status: 200, ...before });
    }
    expect((await send.click({ user: member(SRE), value: 'x'.repeat(2_001), channel: DEPLOYS, message: card.ts })).status).toBe(200);
    for (const action of ['force', 'cancel', 'rollback', 'retry', 'constructor', 'toString']) {
      await send.click({ user: member(SRE), value: card.value, channel: RANDOM, message: card.ts, action });
    }
    await send.click({ user: member(SRE), value: card.value, channel: DEPLOYS, message: card.ts });
    await stage.untilCard('forged', /Succeeded/);
    expect((await record(other.id)).approvals).toBe('[]');
  });

  it('two votes that meet both count, and each once', async () => {
    const card = await waiting('met', 'triple');
    const press = (user: string) => send.click({ user: member(user), value: card.value, channel: DEPLOYS, message: card.ts });
    await press(SRE);
    await stage.untilCard('met', /Approvals 1 of 3/);
    // Both have read the record with one vote, and are still asking whether the first voter may vote, when the other one does the same.
    const isFirst = ({ args }: { args: Record<string, unknown> }) => args['user'] === SRE;
    stage.line.slack.faults.add({ method: 'users.info', when: isFirst, times: 2, do: { kind: 'slow', ms: 700 } });
    await Promise.all([press(SRE2), press(SRE3)]);
    await stage.untilCard('met', /Succeeded/);
    expect(JSON.parse((await record(card.id)).approvals)).toMatchObject([{ by: SRE }, {}, {}]);
    expect(await stage.generation('met')).toBe(2);
  });

  it('a copy of a card is not the card: none of its buttons knows the request', async () => {
    const card = await waiting('copied');
    const { slack } = stage.line;
    const button = (action: string) => ({
      type: 'button',
      action_id: action,
      text: { type: 'plain_text', text: action },
      value: card.value,
    });
    const response = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        channel: DEPLOYS,
        text: 'looks like a card',
        blocks: [{ type: 'actions', elements: ['approve', 'reject', 'cancel', 'details'].map(button) }],
      }),
    });
    const copy = { channelId: DEPLOYS, ts: ((await response.json()) as { ts: string }).ts };
    const sre = slack.as(SRE);
    const told = answered(SRE);
    await sre.click(copy, 'details');
    const details = await slack.waitFor(() => sre.modal(), { what: 'the details' });
    expect(JSON.stringify(details.blocks)).toContain('no such request that you may see');
    await sre.closeModal();
    await sre.click(copy, 'reject');
    await slack.waitFor(() => sre.modal()?.title === 'Reject', { what: 'the form' });
    await sre.submit();
    await answers(SRE, told + 1);
    for (const action of ['approve', 'cancel']) await sre.click(copy, action);
    await slack.waitFor(() => slack.view(SRE, DEPLOYS).messages.filter((each) => /no request like that/.test(each.text)).length >= 2, {
      what: 'both clicks are answered',
    });
    expect(await record(card.id)).toMatchObject({ state: 'awaiting-approval', approvals: '[]' });
    await sre.click({ channelId: DEPLOYS, ts: card.ts }, 'reject');
    await slack.waitFor(() => sre.modal()?.title === 'Reject', { what: 'the form' });
    await sre.submit();
    await stage.untilCard('copied', /Rejected/);
  });

  it.each([
    ['from another workspace', EXT, EXT_TEAM, 'stranger'],
    ['from another workspace who says that they are of ours', EXT, 'ours', 'stranger'],
    ['whose workspace nobody names', SRE, undefined, 'unknown'],
    ['of ours under the name of another workspace', SRE, EXT_TEAM, 'stranger'],
    ['who is a guest', GUEST, 'ours', 'guest'],
    ['whose account is deactivated', GONE, 'ours', 'deactivated'],
    ['who is a bot', ROBOT, 'ours', 'bot'],
    ['who is a workflow', FLOW, 'ours', 'bot'],
  ])('somebody %s may press Approve in vain, although the group names them', async (_, user, team, kind) => {
    const app = `who-${user.toLowerCase()}-${kind}-${team === undefined ? 'none' : team.toLowerCase()}`;
    const card = await waiting(app);
    const home = team === 'ours' ? stage.line.slack.teamId : team;
    const told = answered(user);
    await send.click({
      user: { id: user, ...(home === undefined ? {} : { team_id: home }) },
      value: card.value,
      channel: DEPLOYS,
      message: card.ts,
    });
    await answers(user, told + 1);
    expect(await record(card.id)).toMatchObject({ state: 'awaiting-approval', approvals: '[]' });
    const audit = (await readAudit(redis)).filter((entry) => entry['id'] === card.id);
    expect(audit.at(-1)).toMatchObject({ actor: user, because: `approve denied: not-a-member (${kind})` });
    expect(await stage.generation(app)).toBe(1);
  });

  it('a group that cannot be read, is disabled, or needs a plan that is not paid for, makes nobody an approver', async () => {
    const card = await waiting('unread');
    const { slack } = stage.line;
    const refused = async (what: string) => {
      const told = answered(SRE);
      // The groups are read anew when Slack says that one changed.
      await send.event({ type: 'subteam_updated', subteam: { id: SRE_GROUP } });
      await send.click({ user: member(SRE), value: card.value, channel: DEPLOYS, message: card.ts });
      await answers(SRE, told + 1);
      expect({ what, ...(await record(card.id)) }).toMatchObject({ what, state: 'awaiting-approval', approvals: '[]' });
    };
    for (const fault of [
      { kind: 'rate-limit' as const, retryAfter: 1 },
      { kind: 'error' as const, error: 'plan_upgrade_required' },
      { kind: 'error' as const, error: 'missing_scope', needed: 'usergroups:read' },
      { kind: 'http' as const, status: 503 },
    ]) {
      slack.faults.add({ method: 'usergroups.list', do: fault });
      await refused(JSON.stringify(fault));
      slack.faults.clear();
    }
    slack.workspace.setGroupDisabled(SRE_GROUP, true);
    await refused('disabled');
    slack.workspace.setGroupDisabled(SRE_GROUP, false);
    await send.event({ type: 'subteam_updated', subteam: { id: SRE_GROUP } });
    await send.click({ user: member(SRE), value: card.value, channel: DEPLOYS, message: card.ts });
    await stage.untilCard('unread', /Succeeded/);
    // Why the vote counted stands in the audit, because the group may be another one tomorrow.
    const vote = (await readAudit(redis)).find((entry) => entry['id'] === card.id && entry['to'] === 'queued');
    expect(vote?.['because']).toBe(`member in ${SRE_GROUP}`);
  });

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

  it('a card that is too old is answered honestly, also by a bot that was started since', async () => {
    const expired = await waiting('too-late', 'brief');
    const open = await waiting('in-time');
    await stage.untilCard('too-late', /Expired/);
    for (const each of stage.line.bots.splice(0)) await each.stop();
    bot = await startBot();
    await send.click({ user: member(SRE), value: expired.value, channel: DEPLOYS, message: expired.ts });
    await stage.line.waitFor(SRE, new RegExp(`${expired.id} is not waiting for approval any more: it is expired`));
    await send.click({ user: member(SRE), value: open.value, channel: DEPLOYS, message: open.ts });
    await stage.untilCard('in-time', /Succeeded/);
    expect(await stage.generation('too-late')).toBe(1);
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

/** The lines of environment prod. */
const prod = (policy: string): string => /\n {2}prod:\n((?: {4}.*\n)+)/.exec(policy)?.[1]?.trimEnd() ?? '';
