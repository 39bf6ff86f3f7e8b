import { describe, expect, it } from 'vitest';
import { SCOPES } from '../../../src/slack/manifest.ts';
import { aRecord, STORIES } from '../../unit/slack/stories.ts';
import { aBench, DEPLOYS, DEV, SRE } from './support.ts';

const waiting = STORIES.find((story) => story.name === 'waiting-for-approval')?.record ?? aRecord();

describe('the App Home', () => {
  it('shows what waits for me, and its buttons act on the card that they stand for', async () => {
    const bench = await aBench({
      home: async () => ({
        approvals: [
          {
            record: waiting,
            card: { channel: DEPLOYS, ts: '1796158800.000100', permalink: 'https://local-slack.slack.com/archives/C0DEPLOYS1/p1' },
          },
        ],
        running: [],
        recent: [],
        rights: ['approve on my-app in prod (bindings[1])'],
      }),
    });
    await bench.local.as(SRE).openHome();
    const home = await bench.local.waitFor(() => bench.local.as(SRE).home());
    expect(JSON.stringify(home.blocks)).toContain('Waiting for my approval (1)');
    await bench.local.as(SRE).clickHome('approve');
    expect(bench.queues.jobs[0]?.intake).toMatchObject({
      kind: 'click',
      action: 'approve',
      value: `${waiting.id}.${waiting.plan?.hash}`,
      channel: DEPLOYS,
      message: '1796158800.000100',
      user: SRE,
    });
    await bench.local.as(SRE).clickHome('reject');
    const modal = await bench.local.waitFor(() => bench.local.as(SRE).modal());
    expect(modal.privateMetadata).toBe(`${DEPLOYS} ${waiting.id}.${waiting.plan?.hash} 1796158800.000100`);
  });

  it('is acknowledged although it cannot be drawn', async () => {
    const bench = await aBench({
      home: async () => {
        throw new Error('Redis is away');
      },
    });
    const outcome = await bench.local.as(DEV).openHome();
    expect(outcome.acked).toBe(true);
    await bench.local.waitFor(() => bench.log.lines.some((line) => line.text.includes('could not be drawn')));
    expect(bench.local.as(DEV).home()).toBeUndefined();
  });
});

describe('a bot that mentions us', () => {
  it('is answered once in its thread, and nothing is written down', async () => {
    const bench = await aBench();
    bench.local.workspace.addUser({ id: 'U0ROBOT001', name: 'robot', kind: 'bot' });
    bench.local.workspace.join(DEPLOYS, 'U0ROBOT001');
    const robot = bench.local.as('U0ROBOT001');
    const { ts } = await robot.type(DEPLOYS, '@repull my-app prod');
    await bench.local.waitFor(() => bench.local.view(DEV, DEPLOYS).messages.some((message) => message.replies.length === 1));
    await robot.type(DEPLOYS, '@repull my-app prod', { threadTs: ts ?? '' });
    await robot.type(DEPLOYS, '@repull my-app prod', { threadTs: ts ?? '' });
    const replies = bench.local
      .view(DEV, DEPLOYS)
      .messages.flatMap((message) => message.replies.filter((reply) => reply.userId === bench.slack.botUserId));
    expect(replies.map((reply) => reply.text)).toEqual(['repull takes requests from people only; nothing was changed.']);
    expect(bench.queues.jobs).toEqual([]);
  });
});

describe('scopes', () => {
  it('the ones asked for are the ones used, and no more', async () => {
    const bench = await aBench();
    await bench.slack.directory.actor(DEV, bench.local.teamId);
    await bench.slack.directory.channel(DEPLOYS);
    bench.local.workspace.addChannel({ id: 'C0PRIVATE1', name: 'secret', kind: 'private' });
    await bench.slack.directory.channel('C0PRIVATE1');
    const card = await bench.slack.channel.postCard({ ...waiting, channel: DEPLOYS }, {});
    expect(card.ok).toBe(true);
    await bench.slack.channel.tell({ channel: DEPLOYS, user: DEV }, { kind: 'done', text: 'x' });
    await bench.slack.channel.permalink({ channel: DEPLOYS, ts: card.ok ? card.ts : '' });
    // What commands and mentions need is asked by no call.
    const asked = Object.keys(SCOPES).filter((scope) => scope !== 'commands' && scope !== 'app_mentions:read');
    const used = bench.local.calls.scopesUsed().filter((scope) => scope !== 'connections:write');
    expect(used.filter((scope) => !Object.keys(SCOPES).includes(scope) && !/^(im|mpim):read$/.test(scope))).toEqual([]);
    expect(asked.filter((scope) => !used.includes(scope))).toEqual([]);
  });
});
