import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisSwitches } from '../../src/store/switches-store.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEV, GUEST, SRE, SRE2, workspace } from '../support/line.ts';
import { until } from '../support/until.ts';

const AUDIT = 'C0AUDIT001';
const [WAR, GONE, MOVED, SHARED, BRIEF] = ['C0WAR00001', 'C0GONE0001', 'C0MOVED001', 'C0SHARED01', 'C0BRIEF001'] as const;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** Closed now, whatever day it is: open only three days from now. */
const WINDOW = `${DAYS[(new Date().getUTCDay() + 3) % 7]} 09:00-12:00`;

describe('an incident channel', () => {
  let stage: Stage;
  beforeAll(async () => {
    const members = workspace.users.map((each) => each.id);
    stage = await openStage({
      policyOf: (policy) => {
        const namespaces = /namespaces: \[[^\]]*\]/.exec(policy)?.[0] ?? '';
        return `${policy
          .replace('    approval:', `    windows: { timezone: UTC, open: ["${WINDOW}"] }\n    approval:`)
          .replace(
            '\napps:',
            `\n  frozen:\n    cluster: test\n    ${namespaces}\n    freezes: [{ from: 2020-01-01, to: 2999-01-01, reason: holiday freeze }]\napps:`,
          )}incidents: { bind: [sre], votes: 0, ignore-windows: true, reason: required, announce: ${AUDIT} }\n`;
      },
      slack: {
        workspace: {
          ...workspace,
          channels: [
            ...workspace.channels,
            ...[AUDIT, WAR, GONE, MOVED, SHARED, BRIEF].map((id) => ({ id, name: id.toLowerCase(), members })),
          ],
        },
      },
    });
  }, 120_000);
  afterAll(() => stage?.close(), 60_000);

  const say = (user: string, channel: string, text: string) => stage.line.slack.as(user).type(channel, text);
  const answered = (user: string, channel: string, pattern: RegExp) => stage.line.waitFor(user, pattern, { channel, seconds: 40 });
  const announced = (pattern: RegExp) => answered(SRE2, AUDIT, pattern);
  const bind = async (channel: string, lasting = '') => {
    await say(SRE, channel, `/repull incident on${lasting}`);
    await announced(new RegExp(`🚨 @${SRE} made #${channel} an incident channel for ${lasting === '' ? '4h' : lasting.slice(7)}`));
  };
  const deployed = async (app: string) => {
    await stage.deploy(app, { replicas: 1 });
    await stage.push(app);
  };
  const bound = async (): Promise<string[]> => {
    const redis = new Redis(stage.line.redis.url);
    try {
      return (await new RedisSwitches(redis).incidents()).map((each) => each.channel);
    } finally {
      redis.disconnect();
    }
  };
  /** Their rights end where the incident does: DEV has some in another channel only. */
  const isOrdinary = async (channel: string, app: string) => {
    await say(DEV, channel, `/repull ${app} prod --reason "after the end"`);
    await answered(DEV, channel, /Denied[\s\S]*(not in this channel|does not exist)/);
  };

  it.concurrent('is bound by whom the policy names, has votes and rules of its own, wants a reason, and tells all of it', async () => {
    await deployed('burning');
    await say(DEV, WAR, '/repull incident on');
    await answered(DEV, WAR, /Denied[\s\S]*sre/);
    await isOrdinary(WAR, 'burning');
    await bind(WAR, ' --for 2h');
    await say(DEV, WAR, '/repull can-i burning prod request');
    // The window is closed, and does not count here.
    expect((await answered(DEV, WAR, /request\S* burning in prod: Allowed without approval/)).text).not.toContain('closed');
    await say(DEV, WAR, '/repull burning prod --via restart');
    await answered(DEV, WAR, /needs a reason[\s\S]*\/repull burning prod --via restart --reason "…"/);
    await say(GUEST, WAR, '/repull burning prod --reason "let me"');
    await answered(GUEST, WAR, /Guests cannot/);
    await say(DEV, WAR, '/repull burning frozen --reason "put it out"');
    await answered(DEV, WAR, /Refused[\s\S]*is frozen[\s\S]*holiday freeze/);
    await say(DEV, WAR, '/repull burning prod --reason "put it out"');
    const card = await answered(DEV, WAR, /Succeeded[\s\S]*burning/);
    expect(card.text).toMatch(/no approval needed[\s\S]*incident rules applied/);
    await announced(new RegExp(`🚨 @${DEV} asks for burning in prod under incident rules \\([0-9A-Z-]{11}, in #${WAR}\\): put it out`));
    await say(SRE, WAR, '/repull rollback burning prod');
    await answered(SRE, WAR, /needs a reason[\s\S]*\/repull rollback burning prod --reason/);
    await say(SRE, WAR, '/repull rollback burning prod --reason "worse than before"');
    await announced(new RegExp(`@${SRE} asks for burning in prod under incident rules .*: worse than before`));
    await say(SRE2, WAR, '/repull incident off');
    await announced(new RegExp(`✅ @${SRE2} ended the incident in #${WAR}`));
    await say(DEV, WAR, '/repull burning prod --reason "once more"');
    await answered(DEV, WAR, /Denied[\s\S]*not in this channel/);
  });

  it.concurrent('ends where the channel is archived, and is none when it comes back', async () => {
    await bind(GONE);
    stage.line.slack.workspace.archive(GONE);
    await announced(new RegExp(`#${GONE} was archived, so it is no longer an incident channel`));
    stage.line.slack.workspace.unarchive(GONE);
    // What a channel is, is believed for a moment.
    const denied = async () => {
      await say(DEV, GONE, '/repull my-app prod --reason "after the end"');
      return stage.line.seen(DEV, /Denied[\s\S]*not in this channel/, GONE);
    };
    await until(denied, { what: 'it is an ordinary channel again', withinMs: 30_000, everyMs: 1_000 });
    expect(await bound()).not.toContain(GONE);
  });

  it.concurrent('ends where the channel is shared, and nothing can be asked for there', async () => {
    await bind(SHARED);
    stage.line.slack.workspace.share(SHARED);
    await announced(new RegExp(`#${SHARED} is shared with another organisation, so it is no longer an incident channel`));
    await say(SRE, SHARED, '/repull my-app prod --reason "put it out"');
    await answered(SRE, SHARED, /shared with another organisation/);
    expect(await bound()).not.toContain(SHARED);
  });

  it.concurrent('is followed where Slack gives the channel another id, until its own end', async () => {
    await deployed('carried');
    await bind(MOVED);
    stage.line.slack.workspace.changeChannelId(MOVED, 'C0MOVED009');
    await announced(new RegExp(`#${MOVED} has another id and stays an incident channel as #C0MOVED009`));
    await say(DEV, 'C0MOVED009', '/repull carried prod --reason "put it out"');
    await announced(new RegExp(`asks for carried in prod under incident rules \\([0-9A-Z-]{11}, in #C0MOVED009\\): put it out`));
    expect(await bound()).toContain('C0MOVED009');
    expect(await bound()).not.toContain(MOVED);
  });

  it.concurrent('is over when its time is, and that is told', async () => {
    await bind(BRIEF, ' --for 1s');
    await announced(new RegExp(`✅ #${BRIEF} is no longer an incident channel: its time is over`));
    await isOrdinary(BRIEF, 'my-app');
    expect(await bound()).not.toContain(BRIEF);
  });
});
