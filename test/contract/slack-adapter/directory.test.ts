import { describe, expect, it } from 'vitest';
import { aBench, DEPLOYS, DEV, EXTERNAL, GUEST, SRE, SRE_GROUP, WITHOUT_BOT } from './support.ts';

describe('who somebody is', () => {
  it.each([
    { who: 'a member', id: DEV, kind: 'member' },
    { who: 'a guest', id: GUEST, kind: 'guest' },
    { who: 'a single-channel guest', id: 'U0ONECHAN1', kind: 'guest' },
    { who: 'a bot', id: 'U0BOT00001', kind: 'bot' },
    { who: 'a workflow', id: 'U0FLOW0001', kind: 'bot' },
    { who: 'somebody who has not accepted their invitation', id: 'U0INVITED1', kind: 'unknown' },
    { who: 'somebody of another workspace', id: EXTERNAL, kind: 'stranger' },
    { who: 'an id that Slack does not know', id: 'U0NOBODY01', kind: 'unknown' },
  ])('$who is $kind', async ({ id, kind }) => {
    const { local, slack } = await aBench();
    local.workspace.addUser({ id: 'U0ONECHAN1', name: 'one', kind: 'single-channel-guest' });
    local.workspace.addUser({ id: 'U0BOT00001', name: 'robot', kind: 'bot' });
    local.workspace.addUser({ id: 'U0FLOW0001', name: 'flow', kind: 'workflow-bot' });
    local.workspace.addUser({ id: 'U0INVITED1', name: 'soon', kind: 'invited' });
    expect(await slack.directory.actor(id, local.teamId)).toMatchObject({ userId: id, kind });
  });

  it('is asked every time: whoever was deactivated a moment ago is', async () => {
    const { local, slack } = await aBench();
    expect((await slack.directory.actor(DEV, local.teamId)).kind).toBe('member');
    local.workspace.changeUser(DEV, { deactivated: true });
    expect((await slack.directory.actor(DEV, local.teamId)).kind).toBe('deactivated');
  });

  it.each(['T9999EXT01', '', undefined])('is not believed where the payload says the workspace %j', async (team) => {
    const { slack } = await aBench();
    expect((await slack.directory.actor(DEV, team)).kind).not.toBe('member');
  });

  it.each([
    { trouble: 'rate limited', fault: { kind: 'rate-limit' as const, retryAfter: 30 } },
    { trouble: 'a 503', fault: { kind: 'http' as const, status: 503 } },
    { trouble: 'a lost scope', fault: { kind: 'error' as const, error: 'missing_scope', needed: 'users:read' } },
    { trouble: 'a hang', fault: { kind: 'hang' as const } },
  ])('is unknown under $trouble, and nothing earlier stands in', async ({ fault }) => {
    const { local, slack } = await aBench();
    expect((await slack.directory.actor(DEV, local.teamId)).kind).toBe('member');
    local.faults.add({ method: 'users.info', do: fault });
    expect((await slack.directory.actor(DEV, local.teamId)).kind).toBe('unknown');
  });
});

describe('which groups somebody is in', () => {
  const groups = async (bench: Awaited<ReturnType<typeof aBench>>, user: string) =>
    (await bench.slack.directory.actor(user, bench.local.teamId)).groups;

  it('is one bulk read for everybody, for a minute', async () => {
    const bench = await aBench();
    expect(await groups(bench, SRE)).toEqual({ known: true, ids: [SRE_GROUP] });
    expect(await groups(bench, DEV)).toEqual({ known: true, ids: [] });
    expect(bench.local.calls.count('usergroups.list')).toBe(1);
  });

  it('is read anew as soon as Slack says that a group changed', async () => {
    const bench = await aBench();
    await groups(bench, SRE);
    bench.local.workspace.setGroupMembers(SRE_GROUP, [DEV]);
    await bench.local.waitFor(() =>
      bench.local.deliveries.all().some((delivery) => delivery.ackMs !== undefined && delivery.type === 'events_api'),
    );
    expect(await groups(bench, SRE)).toEqual({ known: true, ids: [] });
    expect(await groups(bench, DEV)).toEqual({ known: true, ids: [SRE_GROUP] });
  });

  it('does not count a disabled group', async () => {
    const bench = await aBench();
    bench.local.workspace.setGroupDisabled(SRE_GROUP, true);
    expect(await groups(bench, SRE)).toEqual({ known: true, ids: [] });
  });

  it('is not known on a plan without user groups, nor when the read fails beyond its time', async () => {
    const bench = await aBench({ groupsTtlMs: 0 });
    expect(await groups(bench, SRE)).toEqual({ known: true, ids: [SRE_GROUP] });
    bench.local.workspace.setPaidPlan(false);
    expect(await groups(bench, SRE)).toEqual({ known: false, ids: [] });
    bench.local.workspace.setPaidPlan(true);
    bench.local.faults.add({ method: 'usergroups.list', do: { kind: 'rate-limit', retryAfter: 60 } });
    expect(await groups(bench, SRE)).toEqual({ known: false, ids: [] });
    expect(await groups(bench, SRE)).toEqual({ known: true, ids: [SRE_GROUP] });
  });

  it('is never asked of somebody who is no member: their groups are none', async () => {
    const bench = await aBench();
    bench.local.workspace.setGroupMembers(SRE_GROUP, [EXTERNAL, GUEST]);
    expect((await bench.slack.directory.actor(EXTERNAL, bench.local.teamId)).groups.ids).toEqual([]);
    expect((await bench.slack.directory.actor(GUEST, bench.local.teamId)).groups.ids).toEqual([]);
  });
});

describe('what a channel is', () => {
  it('is public, private, direct, shared or archived by its flags, not by its id', async () => {
    const { local, slack } = await aBench();
    expect(await slack.directory.channel(DEPLOYS)).toEqual({ id: DEPLOYS, kind: 'public', shared: false, archived: false });
    local.workspace.addChannel({ id: 'C0PRIVATE1', name: 'secret', kind: 'private' });
    expect(await slack.directory.channel('C0PRIVATE1')).toMatchObject({ kind: 'private' });
    const dm = local.workspace.directMessage(DEV, slack.botUserId);
    const asked = local.calls.count('conversations.info');
    expect(await slack.directory.channel(dm.id)).toMatchObject({ kind: 'dm' });
    expect(local.calls.count('conversations.info')).toBe(asked);
  });

  it('is unknown where the bot cannot look: a private channel without it, no such channel, an error', async () => {
    const { local, slack } = await aBench();
    local.workspace.addChannel({ id: 'C0PRIVATE2', name: 'closed', kind: 'private', bot: false });
    expect((await slack.directory.channel('C0PRIVATE2')).kind).toBe('unknown');
    expect((await slack.directory.channel('C0NOSUCH01')).kind).toBe('unknown');
    local.faults.add({ method: 'conversations.info', do: { kind: 'http', status: 500 } });
    expect((await slack.directory.channel(WITHOUT_BOT)).kind).toBe('unknown');
    expect((await slack.directory.channel(WITHOUT_BOT)).kind).toBe('public');
  });

  it('is asked anew once Slack says that it was shared or archived', async () => {
    const { local, slack, queues } = await aBench();
    await slack.directory.channel(DEPLOYS);
    local.workspace.share(DEPLOYS);
    await local.waitFor(() => queues.jobs.some((job) => job.intake.kind === 'channel-changed'));
    expect(await slack.directory.channel(DEPLOYS)).toMatchObject({ shared: true });
  });
});
