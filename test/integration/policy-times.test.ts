import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, SRE, SRE2, workspace } from '../support/line.ts';

const LEAD = 'U0LEAD0001';
const LEADS = 'S0LEADS001';

/** An environment for each test, because a freeze is of a whole one. */
const environments = (namespace: string): string =>
  [
    ['one', ''],
    ['two', 'freezes: [{ from: 2020-01-01, to: 2999-01-01, reason: holiday freeze }]'],
    ['three', 'approval: { votes: 1, from: [leads] }'],
    ['four', ''],
    ['six', 'approval: { votes: 2, from: [sre], self: true }'],
    ['five', 'windows: { timezone: Europe/Berlin, open: ["00:00-24:00"] }'],
  ]
    .map(([name, more]) => `  ${name}:\n    cluster: test\n    namespaces: [${namespace}]\n${more === '' ? '' : `    ${more}\n`}`)
    .join('');

describe('freezes and times', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      policyOf: (policy) => {
        const namespace = /namespaces: \[([^\]]*)\]/.exec(policy)?.[1] ?? '';
        return policy
          .replace('environments:\n', `environments:\n${environments(namespace)}`)
          .replace('groups:\n', `groups:\n  leads: { user-groups: [${LEADS}] }\n`)
          .replace('groups: [sre]', 'groups: [sre, leads]');
      },
      slack: {
        workspace: {
          ...workspace,
          users: [...workspace.users, { id: LEAD, name: 'lea' }],
          channels: workspace.channels.map((each) => ({ ...each, members: [...each.members, LEAD] })),
          userGroups: [...workspace.userGroups, { id: LEADS, handle: 'leads', members: [LEAD] }],
        },
      },
    });
  }, 120_000);
  afterAll(() => stage?.close(), 60_000);

  const thread = (app: string) => stage.cards(app).flatMap((card) => card.replies.map((reply) => reply.text));
  const threadSays = (app: string, pattern: RegExp) =>
    stage.line.slack.waitFor(() => thread(app).some((text) => pattern.test(text)), {
      what: `a thread of ${app} that says ${pattern}`,
      seconds: 40,
    });
  const cancel = async (app: string, pattern: RegExp) => {
    const card = await stage.untilCard(app, pattern);
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: card.ts }, 'cancel');
  };

  it.concurrent('a freeze has an author, a reason and an end, is shown wherever it matters, and is over by itself', async () => {
    await stage.deploy('iced', { replicas: 1 });
    await stage.push('iced');
    await stage.say(DEV, '/repull freeze one "I would like to"');
    await stage.line.waitFor(DEV, /Denied[\s\S]*one/);
    await stage.say(SRE, '/repull freeze one "disks are moving" --for 2h');
    await stage.line.waitFor(DEV, /❄️ @U0SRE00001 froze one for 2h: disks are moving/);
    await stage.say(DEV, '/repull iced one');
    const refused = await stage.line.waitFor(DEV, /Refused.*iced in one[\s\S]*is frozen[\s\S]*disks are moving/);
    expect(refused.message.text).toMatch(/opens again <!date\^\d+\^/);
    expect(refused.message.text).toContain(`Frozen by <@${SRE}>`);
    await stage.say(DEV2, '/repull status');
    const status = await stage.line.waitFor(DEV2, /❄️ \S*one\S* is frozen by @U0SRE00001/);
    expect(status.message.text).toMatch(/frozen by <@U0SRE00001> since <!date\^\d+.*, until <!date\^\d+.*: “disks are moving”/);
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: refused.message.ts }, 'schedule');
    expect((await stage.untilCard('iced', /Scheduled/)).text).toMatch(
      /starts <!date\^\d+[\s\S]*Not before: the next opening of the window/,
    );
    await cancel('iced', /Scheduled/);
    await stage.untilCard('iced', /Cancelled/);
    // Another freeze takes the place of the first.
    await stage.say(SRE, '/repull freeze one "nearly done" --for 15s');
    await stage.line.waitFor(DEV, /froze one for 15s: nearly done/);
    await stage.say(DEV, '/repull iced one --at window');
    const scheduled = await stage.untilCard('iced', /Scheduled/);
    const at = Number(/starts <!date\^(\d+)\^/.exec(scheduled.text)?.[1]);
    await stage.untilCard('iced', /Succeeded/);
    const [, id = ''] = /in one\n([0-9A-Z]{6}-[0-9A-Z]{4})/.exec(scheduled.text) ?? [];
    expect((await stage.audit(id)).filter(({ from }) => from === 'scheduled')).toEqual([
      expect.objectContaining({ to: 'queued', actor: 'repull:clock' }),
    ]);
    const record = (await stage.history('iced')).find((each) => each.id === id);
    expect(Date.parse(String(record?.['endedAt']))).toBeGreaterThanOrEqual(at * 1000);
    await stage.say(DEV2, '/repull unfreeze one');
    await stage.line.waitFor(DEV2, /Denied[\s\S]*one/);
  });

  it.concurrent('the end of a freeze brings forward what waits for it; another freeze is asked about at the release, and puts it off', async () => {
    await stage.deploy('slid', { replicas: 1 });
    await stage.push('slid');
    await stage.say(SRE, '/repull freeze two "disks are moving"');
    await stage.line.waitFor(DEV, /froze two until somebody types \/repull unfreeze: disks are moving/);
    await stage.say(DEV, '/repull slid two --at window');
    await stage.untilCard('slid', /Scheduled/);
    await stage.say(SRE, '/repull unfreeze two');
    await stage.line.waitFor(DEV, /ended the freeze of two/);
    await threadSays('slid', /Not started: two is frozen \(holiday freeze\)\. It starts at the next opening/);
    await stage.untilCard('slid', /Scheduled[\s\S]*starts <!date\^32472230400\^/);
    expect(await stage.generation('slid')).toBe(1);
    await cancel('slid', /Scheduled/);
  });

  it.concurrent('approvers are asked about again at the release: whoever has left the group has not approved', async () => {
    await stage.deploy('orphan', { replicas: 1 });
    await stage.push('orphan');
    await stage.say(SRE2, '/repull freeze three "disks are moving" --for 2h');
    await stage.line.waitFor(DEV, /froze three for 2h/);
    await stage.say(DEV, '/repull orphan three --at window');
    await stage.approve('orphan', LEAD);
    await stage.untilCard('orphan', /Scheduled[\s\S]*Approvals 1 of 1/);
    stage.line.slack.workspace.setGroupMembers(LEADS, []);
    await stage.say(SRE2, '/repull unfreeze three');
    await stage.untilCard('orphan', /Expired/);
    await threadSays('orphan', /No longer counted: the vote by <@U0LEAD0001>/);
    expect(await stage.generation('orphan')).toBe(1);
  });

  it.concurrent('the requester’s own vote counts where the environment says so, once, and votes come from its groups alone', async () => {
    await stage.deploy('own', { replicas: 1 });
    await stage.push('own');
    await stage.say(SRE, '/repull own six');
    const card = await stage.untilCard(
      'own',
      /Waiting for approval[\s\S]*expires <!date\^\d+\^[\s\S]*Approvals 0 of 2 \(needed from sre\)/,
    );
    const approve = (user: string) => stage.line.slack.as(user).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    await approve(DEV2);
    await stage.line.waitFor(DEV2, /Denied[\s\S]*own in six[\s\S]*sre/);
    await approve(SRE);
    await stage.untilCard('own', /Approvals 1 of 2/);
    await approve(SRE);
    await stage.line.waitFor(SRE, /You have approved \S+ already/);
    await approve(SRE2);
    await stage.untilCard('own', /Succeeded[\s\S]*Approvals 2 of 2/);
    expect(await stage.generation('own')).toBe(2);
  });

  it.concurrent('a freeze that begins while a request stands in line refuses it, and ends nothing that is rolling out', async () => {
    await stage.deploy('lined', { replicas: 1, spec: { minReadySeconds: 600 } });
    await stage.say(DEV, '/repull lined four --via restart --force');
    const holder = await stage.untilCard('lined', /Rolling out/);
    await stage.say(DEV2, '/repull lined four --via evict --force');
    const queued = await stage.untilCard('lined', /Queued/);
    await stage.say(SRE, '/repull freeze four "disks are moving"');
    await stage.line.waitFor(DEV, /froze four/);
    const pods = (await stage.pods('lined')).map((pod) => pod.uid);
    expect(stage.cards('lined').find((card) => card.ts === holder.ts)?.text).toMatch(/Rolling out/);
    await cancel('lined', /Rolling out/);
    const refused = await stage.untilCard('lined', /Refused[\s\S]*four is frozen/);
    expect(refused.ts).toBe(queued.ts);
    expect((await stage.pods('lined')).map((pod) => pod.uid).filter((uid) => pods.includes(uid))).toEqual(pods);
  });

  it.concurrent('--at is read on the clocks of the environment, which the card names; what is no time to come is refused', async () => {
    await stage.deploy('timed', { replicas: 1 });
    await stage.push('timed');
    for (const [at, says] of [
      ['2020-01-01 10:00', /2020-01-01 10:00 has passed in Europe\/Berlin, the zone of five: it is \d{4}-\d\d-\d\d \d\d:\d\d there/],
      ['2027-03-28 02:30', /2027-03-28 02:30 does not exist in Europe\/Berlin[\s\S]*--at "2027-03-28 03:00"/],
      ['2027-02-30 10:00', /--at takes window or a time/],
      ['2027-03-01 25:00', /25:00\S* is not a time of day/],
    ] as const) {
      await stage.say(DEV, `/repull timed five --at "${at}"`);
      await stage.line.waitFor(DEV, says);
    }
    for (const [at, instant, local] of [
      ['2027-10-31 02:30', '2027-10-31T00:30:00Z', '2027-10-31 02:30 Europe/Berlin, the first of two, because clocks go back'],
      ['2999-12-31 23:59', '2999-12-31T22:59:00Z', '2999-12-31 23:59 Europe/Berlin'],
    ] as const) {
      await stage.say(DEV, `/repull timed five --at "${at}"`);
      const scheduled = await stage.untilCard('timed', /Scheduled/);
      expect(scheduled.text).toContain(`starts <!date^${Date.parse(instant) / 1000}^`);
      expect(scheduled.text).toMatch(new RegExp(`Not before: <!date\\^\\d+.*> \\(${local}\\)`));
      await cancel('timed', /Scheduled/);
      await stage.line.slack.waitFor(() => stage.cards('timed').every((card) => !card.text.startsWith('Scheduled')), {
        what: 'it is cancelled',
        seconds: 30,
      });
    }
    expect(await stage.generation('timed')).toBe(1);
  });
});
