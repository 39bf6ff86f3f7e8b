import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import { aSlack, connected, DEPLOYS, DEV, EXTERNAL, GUEST, newest, SRE, WITHOUT_BOT } from './support.ts';

describe('a slash command', () => {
  it('reaches Bolt, and its acknowledgement is shown to the person alone', async () => {
    const slack = await aSlack();
    const seen: Record<string, unknown>[] = [];
    await connected(slack, (app) => {
      app.command('/repull', async ({ ack, command }) => {
        seen.push({ ...command });
        await ack({ text: 'Planning my-app → prod …' });
      });
    });
    const outcome = await slack.as(DEV).type(DEPLOYS, '/repull my-app prod --tag V2');
    expect(outcome).toMatchObject({ kind: 'command', acked: true, shown: { text: 'Planning my-app → prod …', ephemeral: true } });
    expect(seen[0]).toMatchObject({
      command: '/repull',
      text: 'my-app prod --tag V2',
      user_id: DEV,
      channel_id: DEPLOYS,
      channel_name: 'deploys',
      team_id: slack.teamId,
      api_app_id: slack.appId,
      is_enterprise_install: 'false',
    });
    expect(newest(slack, DEV)?.text).toBe('Planning my-app → prod …');
    expect(newest(slack, SRE)).toBeUndefined();
    expect(slack.deliveries.all()[0]).toMatchObject({ via: 'socket', type: 'slash_commands', attempt: 0 });
  });

  it('comes with escapes, mentions, channels and links as Slack writes them', async () => {
    const slack = await aSlack();
    slack.workspace.addChannel({ id: 'G0SECRET01', name: 'secret', kind: 'private', members: [DEV] });
    const texts: string[] = [];
    await connected(slack, (app) => {
      app.command('/repull', async ({ ack, command }) => {
        texts.push(command.text);
        await ack();
      });
    });
    await slack.as(DEV).type(DEPLOYS, '/repull a<b & @sam #deploys #secret registry.example.com/app:v2 x<https://x.test/y <!channel>');
    expect(texts[0]).toBe(
      `a&lt;b &amp; <@${SRE}> <#${DEPLOYS}|deploys> <#G0SECRET01|> <http://registry.example.com/app:v2|registry.example.com/app:v2> x&lt;<https://x.test/y> &lt;!channel&gt;`,
    );
  });

  it('is shown as failed to the person when nobody acknowledged for three seconds', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    let called = false;
    await connected(slack, (app) => {
      app.command('/repull', async () => {
        called = true;
      });
    });
    const typed = slack.as(DEV).type(DEPLOYS, '/repull my-app prod');
    await slack.waitFor(() => slack.deliveries.all().length === 1);
    clock.advance(2_999);
    expect(newest(slack, DEV)).toBeUndefined();
    clock.advance(2);
    expect((await typed).error).toContain('operation_timeout');
    expect(newest(slack, DEV)).toMatchObject({ notice: true, ephemeral: true, userId: 'USLACKBOT' });
    expect(newest(slack, SRE)).toBeUndefined();
    await expect.poll(() => called, { timeout: 10_000 }).toBe(true);
  });

  it('fails aloud when no app is connected', async () => {
    const slack = await aSlack();
    expect(await slack.as(DEV).type(DEPLOYS, '/repull')).toMatchObject({ acked: false, error: expect.stringContaining('dispatch_failed') });
  });

  it('is refused by Slack itself in threads, for people of other companies, and when there is no such command', async () => {
    const slack = await aSlack();
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack()));
    const parent = await slack.as(DEV).type(DEPLOYS, 'hello');
    slack.workspace.share(DEPLOYS);
    slack.workspace.join(DEPLOYS, EXTERNAL);
    const outcomes = [
      await slack.as(DEV).type(DEPLOYS, '/repull my-app prod', { threadTs: parent.ts ?? '' }),
      await slack.as(EXTERNAL).type(DEPLOYS, '/repull my-app prod'),
      await slack.as(DEV).type(DEPLOYS, '/redeploy my-app'),
    ];
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['refused-by-slack', 'refused-by-slack', 'refused-by-slack']);
    expect(outcomes[0]?.error).toContain('not supported in threads');
    expect(slack.deliveries.all().filter((delivery) => delivery.type === 'slash_commands')).toEqual([]);
  });

  it('names a direct message and a private channel by words that are no names', async () => {
    const slack = await aSlack();
    slack.workspace.addChannel({ id: 'G0SECRET01', name: 'secret', kind: 'private', members: [DEV] });
    const names: string[] = [];
    await connected(slack, (app) => {
      app.command('/repull', async ({ ack, command }) => {
        names.push(command.channel_name);
        await ack();
      });
    });
    const direct = slack.workspace.directMessage(DEV, SRE);
    await slack.as(DEV).type(direct.id, '/repull');
    await slack.as(DEV).type('G0SECRET01', '/repull');
    expect(names).toEqual(['directmessage', 'privategroup']);
  });

  it('tells the person when the answer in the acknowledgement is not valid', async () => {
    const slack = await aSlack();
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack({ text: 'x', blocks: [{ type: 'sectoin' } as never] })));
    const outcome = await slack.as(DEV).type(DEPLOYS, '/repull');
    expect(outcome.error).toContain('invalid_blocks');
    expect(outcome.error).toContain('json-pointer:/blocks/0/type');
  });
});

describe('a mention', () => {
  it('is an event with the thread it was written in', async () => {
    const slack = await aSlack();
    const events: Record<string, unknown>[] = [];
    await connected(slack, (app) => {
      app.event('app_mention', async ({ event }) => {
        events.push({ ...event });
      });
    });
    const parent = await slack.as(DEV).type(DEPLOYS, 'who repulls?');
    const outcome = await slack.as(SRE).type(DEPLOYS, '@repull my-app prod', { threadTs: parent.ts ?? '' });
    expect(outcome).toMatchObject({ kind: 'mention', acked: true });
    expect(events).toMatchObject([
      { text: `<@${slack.botUserId}> my-app prod`, user: SRE, channel: DEPLOYS, thread_ts: parent.ts, ts: outcome.ts },
    ]);
  });

  it('by somebody of another company carries their workspace', async () => {
    const slack = await aSlack();
    slack.workspace.share(DEPLOYS);
    slack.workspace.join(DEPLOYS, EXTERNAL);
    await connected(slack);
    await slack.as(EXTERNAL).type(DEPLOYS, '@repull my-app prod');
    const mention = slack.deliveries
      .all()
      .find(({ payload }) => (payload['event'] as { type?: string } | undefined)?.type === 'app_mention');
    expect(mention?.payload).toMatchObject({
      is_ext_shared_channel: true,
      team_id: slack.teamId,
      context_team_id: 'T9999EXT01',
      event: { user_team: 'T9999EXT01', user: EXTERNAL },
    });
  });

  it('is not heard where the bot is not a member', async () => {
    const slack = await aSlack();
    await connected(slack);
    expect((await slack.as(DEV).type(WITHOUT_BOT, '@repull my-app prod')).kind).toBe('message');
    expect(slack.deliveries.all()).toEqual([]);
  });

  it('needs somebody who can open the channel', async () => {
    const slack = await aSlack();
    await expect(slack.as(GUEST).type(WITHOUT_BOT, 'hi')).rejects.toThrow('cannot open');
    slack.workspace.changeUser(DEV, { deactivated: true });
    await expect(slack.as(DEV).type(DEPLOYS, 'hi')).rejects.toThrow('cannot open');
  });
});
