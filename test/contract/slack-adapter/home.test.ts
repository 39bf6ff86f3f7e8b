import { describe, expect, it, onTestFinished } from 'vitest';
import { startSlack } from '../../../src/slack/bolt.ts';
import { AWAY } from '../../../src/slack/listeners/accept.ts';
import { SCOPES } from '../../../src/slack/manifest.ts';
import { aRecord, STORIES } from '../../unit/slack/stories.ts';
import { aBench, type Bench, DEPLOYS, DEV, SRE } from './support.ts';

const tokensOf = ({ local }: Bench) => ({ botToken: local.botToken, appToken: local.appToken, apiUrl: local.apiUrl });

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
    expect(bench.queues.jobs[0]?.intake).toHaveProperty('home', home.hash);
    await bench.local.as(SRE).clickHome('reject');
    const modal = await bench.local.waitFor(() => bench.local.as(SRE).modal());
    expect(modal.privateMetadata).toBe(`${DEPLOYS} ${waiting.id}.${waiting.plan?.hash} 1796158800.000100 ${home.hash}`);
    await bench.local.as(SRE).closeModal();
    bench.queues.mood = 'fails';
    await bench.local.as(SRE).clickHome('approve');
    const away = await bench.local.waitFor(() => bench.local.as(SRE).modal());
    expect(JSON.stringify(away.blocks)).toContain(AWAY);
  });

  it('is drawn once for many openings at once, and once more for those that came meanwhile', async () => {
    let looks = 0;
    const bench = await aBench({
      home: async () => {
        looks += 1;
        return { approvals: [], running: [], recent: [], rights: [`look ${looks}`] };
      },
    });
    const dev = bench.local.as(DEV);
    await Promise.all(Array.from({ length: 20 }, () => dev.openHome()));
    const shown = () => Number(/look (\d+)/.exec(JSON.stringify(dev.home()?.blocks ?? []))?.[1] ?? 0);
    await bench.local.waitFor(() => shown() >= 2, { what: 'the second look' });
    // More than two only on a machine that took seconds over the twenty.
    const drawn = looks;
    expect(drawn).toBeLessThan(6);
    await dev.openHome();
    await bench.local.waitFor(() => shown() > drawn, { what: 'one more look' });
    expect(bench.local.calls.count('views.publish')).toBe(looks);
  });

  it('that was looked at first and drawn last does not cover a later one', async () => {
    const waits: (() => void)[] = [];
    const nothing = { approvals: [], running: [], recent: [] };
    const bench = await aBench({
      home: async () => {
        await new Promise<void>((resolve) => waits.push(resolve));
        return { ...nothing, rights: ['an old look'] };
      },
    });
    const dev = bench.local.as(DEV);
    await bench.slack.channel.home(DEV, { ...nothing, rights: ['the first'] });
    await dev.openHome();
    await bench.local.waitFor(() => waits.length === 1);
    const base = dev.home()?.hash ?? '';
    expect(await bench.slack.channel.home(DEV, { ...nothing, rights: ['after the click'] }, base)).toMatchObject({ ok: true });
    for (const go of waits) go();
    await bench.local.waitFor(() => bench.local.calls.count('views.publish') === 3, { what: 'the late drawing was tried' });
    expect(JSON.stringify(dev.home()?.blocks)).toContain('after the click');
    expect(await bench.slack.channel.home(DEV, { ...nothing, rights: ['x'] }, base)).toEqual({ ok: false, because: 'stale' });
  });

  it('says above everything else what came of a button', async () => {
    const bench = await aBench();
    const notice = { kind: 'click-refused' as const, text: 'it is expired.' };
    await bench.slack.channel.home(SRE, { notice, approvals: [], running: [], recent: [], rights: [] });
    expect(JSON.stringify(bench.local.as(SRE).home()?.blocks[0])).toContain('it is expired.');
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
  it('is written down under one key for its whole thread, whichever of our processes hears it', async () => {
    const bench = await aBench();
    const second = await startSlack({ ...tokensOf(bench), queues: bench.queues, log: bench.log });
    onTestFinished(() => second.close());
    bench.local.workspace.addUser({ id: 'U0ROBOT001', name: 'robot', kind: 'bot' });
    bench.local.workspace.join(DEPLOYS, 'U0ROBOT001');
    const robot = bench.local.as('U0ROBOT001');
    const { ts } = await robot.type(DEPLOYS, '@repull my-app prod');
    for (let n = 0; n < 5; n += 1) await robot.type(DEPLOYS, '@repull my-app prod', { threadTs: ts ?? '' });
    expect(new Set(bench.local.deliveries.all().map((each) => each.connection)).size).toBe(2);
    expect(bench.queues.offered).toBe(6);
    expect(bench.queues.jobs.map((job) => job.intake)).toEqual([{ kind: 'bot-mention', channel: DEPLOYS, thread: ts }]);
    await robot.type(DEPLOYS, '@repull once more');
    expect(bench.queues.jobs).toHaveLength(2);
  });

  it('is brought again by Slack while it cannot be written down', async () => {
    const bench = await aBench({ local: { retryMs: [0], ackMs: 3_000 } });
    bench.local.workspace.addUser({ id: 'U0ROBOT001', name: 'robot', kind: 'bot' });
    bench.local.workspace.join(DEPLOYS, 'U0ROBOT001');
    bench.queues.mood = 'fails';
    const typed = bench.local.as('U0ROBOT001').type(DEPLOYS, '@repull my-app prod');
    await bench.local.waitFor(() => bench.queues.offered > 0);
    bench.queues.mood = 'fine';
    await typed;
    await bench.local.waitFor(() => bench.queues.jobs.length === 1, { what: 'the redelivered mention' });
    expect(bench.queues.jobs[0]?.intake).toMatchObject({ kind: 'bot-mention', channel: DEPLOYS });
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
