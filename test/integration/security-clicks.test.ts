import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readAudit } from '../support/audit.ts';
import { DEPLOYS, GUEST, RANDOM, SRE, SRE2, SRE_GROUP } from '../support/line.ts';
import { EXT, EXT_TEAM, SRE3, GONE, ROBOT, FLOW, openSecurity, type Security } from './security-stage.ts';

describe('whoever presses what they may not, or what was never drawn', () => {
  let security: Security;
  let stage: Security['stage'];
  let redis: Security['redis'];
  let startBot: Security['startBot'];
  let send: Security['send'];
  let member: Security['member'];
  let record: Security['record'];
  let waiting: Security['waiting'];
  let answers: Security['answers'];
  let answered: Security['answered'];
  beforeAll(async () => {
    security = await openSecurity();
    ({ stage, redis, startBot, send, member, record, waiting, answers, answered } = security);
  }, 120_000);
  afterAll(async () => security?.close(), 60_000);
  afterEach(() => stage.line.slack.faults.clear());

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

  it('a card that is too old is answered honestly, also by a bot that was started since', async () => {
    const expired = await waiting('too-late', 'brief');
    const open = await waiting('in-time');
    await stage.untilCard('too-late', /Expired/);
    for (const each of stage.line.bots.splice(0)) await each.stop();
    await startBot();
    await send.click({ user: member(SRE), value: expired.value, channel: DEPLOYS, message: expired.ts });
    await stage.line.waitFor(SRE, new RegExp(`${expired.id} is not waiting for approval any more: it is expired`));
    await send.click({ user: member(SRE), value: open.value, channel: DEPLOYS, message: open.ts });
    await stage.untilCard('in-time', /Succeeded/);
    expect(await stage.generation('too-late')).toBe(1);
  });
});
