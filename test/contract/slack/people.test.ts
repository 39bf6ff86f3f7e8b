import { describe, expect, it } from 'vitest';
import { aClient, aSlack, connected, DEPLOYS, DEV, EXTERNAL, GUEST, refusal, SRE, SRE_GROUP } from './support.ts';

describe('people', () => {
  it.each([
    [DEV, { deleted: false, is_restricted: false, is_ultra_restricted: false, is_bot: false }],
    [GUEST, { is_restricted: true, is_ultra_restricted: false }],
    [EXTERNAL, { is_stranger: true, team_id: 'T9999EXT01' }],
    ['U0SINGLE01', { is_restricted: true, is_ultra_restricted: true }],
    ['U0ROBOT001', { is_bot: true }],
    ['U0FLOW0001', { is_bot: true, is_workflow_bot: true }],
    ['U0GONE0001', { deleted: true }],
  ])('%s is told apart', async (user, flags) => {
    const slack = await aSlack();
    slack.workspace.addUser({ id: 'U0SINGLE01', name: 'single', kind: 'single-channel-guest' });
    slack.workspace.addUser({ id: 'U0ROBOT001', name: 'robot', kind: 'bot' });
    slack.workspace.addUser({ id: 'U0FLOW0001', name: 'flow', kind: 'workflow-bot' });
    slack.workspace.addUser({ id: 'U0GONE0001', name: 'gone', deactivated: true });
    const answer = await aClient(slack).users.info({ user });
    expect(answer.user).toMatchObject(flags);
    expect('is_restricted' in (answer.user ?? {})).toBe(!('deleted' in flags) || flags.deleted === false);
  });

  it('of metal are known where they are the app’s own', async () => {
    const slack = await aSlack();
    const { bot_id = '' } = await aClient(slack).auth.test();
    expect((await aClient(slack).bots.info({ bot: bot_id })).bot).toMatchObject({ app_id: slack.appId, user_id: slack.botUserId });
    expect((await refusal(aClient(slack).bots.info({ bot: 'B0OTHER001' }))).error).toBe('bot_not_found');
  });

  it('that are not there are not found', async () => {
    const slack = await aSlack();
    expect((await refusal(aClient(slack).users.info({ user: 'U0NOBODY01' }))).error).toBe('user_not_found');
  });
});

describe('user groups', () => {
  it('are read whole, or one by one', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    expect((await client.usergroups.list({ include_users: true })).usergroups).toMatchObject([
      { id: SRE_GROUP, handle: 'sre', date_delete: 0, users: expect.arrayContaining([SRE]) },
    ]);
    slack.workspace.setGroupMembers(SRE_GROUP, [DEV]);
    expect((await client.usergroups.users.list({ usergroup: SRE_GROUP })).users).toEqual([DEV]);
    expect((await refusal(client.usergroups.users.list({ usergroup: 'S0NOWHERE1' }))).error).toBe('no_such_subteam');
  });

  it('that are disabled are not there, unless one asks for them', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    slack.workspace.setGroupDisabled(SRE_GROUP, true);
    expect((await refusal(client.usergroups.users.list({ usergroup: SRE_GROUP }))).error).toBe('no_such_subteam');
    expect((await client.usergroups.users.list({ usergroup: SRE_GROUP, include_disabled: true })).users).toContain(SRE);
    expect((await client.usergroups.list()).usergroups).toEqual([]);
    expect((await client.usergroups.list({ include_disabled: true })).usergroups?.[0]?.date_delete).toBeGreaterThan(0);
  });

  it('need a paid plan', async () => {
    const slack = await aSlack();
    slack.workspace.setPaidPlan(false);
    expect((await refusal(aClient(slack).usergroups.list())).error).toBe('plan_upgrade_required');
  });
});

describe('channels', () => {
  it('are described by what they are now', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const info = async (channel = DEPLOYS) => (await client.conversations.info({ channel })).channel;
    expect(await info()).toMatchObject({ name: 'deploys', is_private: false, is_ext_shared: false, is_archived: false, is_member: true });
    slack.workspace.rename(DEPLOYS, 'rollouts');
    slack.workspace.share(DEPLOYS);
    slack.workspace.archive(DEPLOYS);
    slack.workspace.removeBot(DEPLOYS);
    expect(await info()).toMatchObject({ name: 'rollouts', is_ext_shared: true, is_archived: true, is_member: false });
    slack.workspace.setPrivate(DEPLOYS, true);
    expect((await refusal(info())).error).toBe('channel_not_found');
    slack.workspace.addBot(DEPLOYS);
    expect(await info()).toMatchObject({ is_private: true });
    slack.workspace.setScopes(slack.workspace.scopes().filter((scope) => scope !== 'groups:read'));
    expect(await refusal(info())).toMatchObject({ error: 'missing_scope', needed: 'groups:read' });
  });

  it('tell who is in them, page by page', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const first = await client.conversations.members({ channel: DEPLOYS, limit: 4 });
    const rest = await client.conversations.members({ channel: DEPLOYS, cursor: first.response_metadata?.next_cursor ?? '' });
    expect([...(first.members ?? []), ...(rest.members ?? [])]).toEqual(slack.workspace.channel(DEPLOYS)?.members);
  });

  it('keep their messages when their id changes, and the old id is gone', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    const { ts = '' } = await client.chat.postMessage({ channel: DEPLOYS, text: 'card' });
    slack.workspace.changeChannelId(DEPLOYS, 'C0NEWID001');
    expect((await refusal(client.chat.update({ channel: DEPLOYS, ts, text: 'x' }))).error).toBe('channel_not_found');
    await client.chat.update({ channel: 'C0NEWID001', ts, text: 'moved' });
    expect(slack.view(DEV, 'C0NEWID001').messages.map((message) => message.text)).toEqual(['moved']);
  });

  it('of two are opened by user id, where the scope allows it', async () => {
    const slack = await aSlack();
    const client = aClient(slack);
    expect(await refusal(client.conversations.open({ users: DEV }))).toMatchObject({ error: 'missing_scope', needed: 'im:write' });
    slack.workspace.setScopes([...slack.workspace.scopes(), 'im:write']);
    const opened = await client.conversations.open({ users: DEV });
    expect((await client.conversations.open({ users: DEV })).channel?.id).toBe(opened.channel?.id);
    expect((await client.chat.postMessage({ channel: DEV, text: 'x' })).channel).toBe(opened.channel?.id);
  });
});

describe('a change that Slack tells apps about', () => {
  it('arrives as its event, if the app subscribed to it and may see it', async () => {
    const slack = await aSlack();
    const heard: Record<string, unknown>[] = [];
    await connected(slack, (app) => {
      for (const type of [
        'channel_archive',
        'channel_shared',
        'channel_id_changed',
        'subteam_members_changed',
        'subteam_updated',
        'tokens_revoked',
      ] as const) {
        app.event(type, async ({ event }) => {
          heard.push({ ...event });
        });
      }
    });
    slack.workspace.addChannel({ id: 'G0SECRET01', name: 'secret', kind: 'private', bot: false });
    slack.workspace.archive('G0SECRET01');
    slack.workspace.rename(DEPLOYS, 'rollouts');
    slack.workspace.setGroupMembers(SRE_GROUP, [SRE, DEV]);
    slack.workspace.setGroupDisabled(SRE_GROUP, true);
    slack.workspace.share(DEPLOYS);
    slack.workspace.archive(DEPLOYS);
    slack.workspace.changeChannelId(DEPLOYS, 'C0NEWID001');
    slack.workspace.revokeToken();
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(6);
    const sent = slack.deliveries.all().map(({ payload }) => (payload['event'] as { type: string }).type);
    expect(sent).toEqual([
      'subteam_members_changed',
      'subteam_updated',
      'channel_shared',
      'channel_archive',
      'channel_id_changed',
      'tokens_revoked',
    ]);
    const one = (type: string) => heard.find((event) => event['type'] === type);
    expect(one('subteam_members_changed')).toMatchObject({ added_users: [DEV], removed_users: ['U0SRE00002'] });
    expect(one('channel_id_changed')).toMatchObject({ old_channel_id: DEPLOYS, new_channel_id: 'C0NEWID001' });
  });

  it('is seen by whoever looks', async () => {
    const slack = await aSlack();
    const kinds: string[] = [];
    const stop = slack.onChange((change) => kinds.push(change.kind));
    slack.workspace.rename(DEPLOYS, 'rollouts');
    await slack.as(DEV).type(DEPLOYS, 'hello');
    stop();
    await slack.as(DEV).type(DEPLOYS, 'again');
    expect(kinds).toEqual(['workspace-changed', 'message-posted']);
  });
});
