import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, SRE, SRE2, workspace } from '../support/line.ts';
import { until } from '../support/until.ts';

const SRE3 = 'U0SRE00003';
const SRE4 = 'U0SRE00004';
const LEADS = 'S0LEADS001';

/**
 * Between the last vote and the first write a request may stand in line behind another one, and only a bot can ask Slack who may still approve.
 * With a job key, so that the votes that were counted again are sealed again.
 */
describe('a request whose turn comes long after its last vote', () => {
  let stage: Stage;
  beforeAll(async () => {
    const people = [
      { id: SRE3, name: 'suki' },
      { id: SRE4, name: 'sol' },
    ];
    stage = await openStage({
      env: { REPULL_JOB_KEY: 'a key that is not in Redis' },
      policyOf: (policy) => policy.replaceAll('[S0SRE00001]', `[S0SRE00001, ${LEADS}]`),
      slack: {
        workspace: {
          ...workspace,
          users: [...workspace.users, ...people],
          channels: workspace.channels.map((each) => ({ ...each, members: [...each.members, SRE3, SRE4] })),
          userGroups: [...workspace.userGroups, { id: LEADS, handle: 'leads', members: [SRE3, SRE4] }],
        },
      },
    });
  }, 120_000);
  afterAll(() => stage?.close(), 60_000);

  /** One that rolls out until it is cancelled, and behind it one for which `by` has voted. */
  const inLine = async (app: string, by: string) => {
    await stage.deploy(app, { replicas: 1, spec: { minReadySeconds: 600 } });
    await stage.say(DEV2, `/repull ${app} staging --via restart --force`);
    const holder = await stage.untilCard(app, /Rolling out/);
    await stage.say(DEV, `/repull ${app} prod --via evict --force`);
    await stage.approve(app, by);
    const card = await stage.untilCard(app, /Queued[\s\S]*number 2 in line/);
    const queuedAt = Date.now();
    const itsTurn = async () => {
      await until(() => Date.now() - queuedAt > 6_000, {
        what: 'the vote is older than a worker believes it',
        withinMs: 10_000,
        everyMs: 100,
      });
      await stage.line.slack.as(SRE2).click({ channelId: DEPLOYS, ts: holder.ts }, 'cancel');
    };
    return { card, itsTurn };
  };
  const podOf = async (app: string) => (await stage.pods(app)).filter((pod) => !pod.deleting).map((pod) => pod.uid);
  const thread = (app: string, ts: string) =>
    stage
      .cards(app)
      .find((card) => card.ts === ts)
      ?.replies.map((reply) => reply.text) ?? [];

  it.concurrent('starts when its approvers still are approvers', async () => {
    const { card, itsTurn } = await inLine('kept', SRE);
    await itsTurn();
    const started = await stage.untilCard('kept', /Rolling out[\s\S]*Method evict/);
    expect(started.ts).toBe(card.ts);
    // Asked, and still counted.
    const [, id = ''] = /in prod\n([0-9A-Z]{6}-[0-9A-Z]{4})/.exec(card.text) ?? [];
    const moves = (await stage.audit(id))
      .filter(({ from, to }) => from === 'queued' || to === 'queued')
      .map((each) => [each.actor, each.from, each.to]);
    expect(moves).toEqual([
      [SRE, 'awaiting-approval', 'queued'],
      ['repull:bot', 'queued', 'queued'],
      ['repull:worker', 'queued', 'rolling-out'],
    ]);
  });

  it.concurrent('waits for approval again where an approver was taken out of the group meanwhile', async () => {
    const { card, itsTurn } = await inLine('left', SRE3);
    stage.line.slack.workspace.setGroupMembers(LEADS, [SRE4]);
    await itsTurn();
    await stage.untilCard('left', /Waiting for approval[\s\S]*Approvals 0 of 1/);
    const untouched = await podOf('left');
    await stage.line.slack.waitFor(() => thread('left', card.ts).some((text) => /No longer counted: the vote by/.test(text)), {
      what: 'the thread says whose vote counts no more',
      seconds: 30,
    });
    expect(await podOf('left')).toEqual(untouched);
    await stage.approve('left', SRE2);
    await stage.untilCard('left', /Rolling out[\s\S]*Method evict/);
  });

  it.concurrent('waits for approval again where Slack cannot say who the approver is', async () => {
    const { itsTurn } = await inLine('unsure', SRE4);
    const remove = stage.line.slack.faults.add({
      method: 'users.info',
      when: ({ args }) => args['user'] === SRE4,
      times: Number.POSITIVE_INFINITY,
      do: { kind: 'rate-limit', retryAfter: 1 },
    });
    await itsTurn();
    await stage.untilCard('unsure', /Waiting for approval[\s\S]*Approvals 0 of 1/);
    remove();
    const untouched = await podOf('unsure');
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: (await stage.untilCard('unsure', /Waiting/)).ts }, 'cancel');
    await stage.untilCard('unsure', /Cancelled/);
    expect(await podOf('unsure')).toEqual(untouched);
  });
});
