import type { App, BlockAction } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../../src/playground/slack/clock.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import { actions, aClient, aSlack, button, connected, DEPLOYS, DEV, EXTERNAL, newest, plain, section, SRE } from './support.ts';

const confirm = { title: plain('Sure?'), text: plain('my-app in prod'), confirm: plain('Approve'), deny: plain('No') };

async function aCard(slack: LocalSlack): Promise<{ channelId: string; ts: string }> {
  const posted = await aClient(slack).chat.postMessage({
    channel: DEPLOYS,
    text: 'plan',
    blocks: [
      section('plan'),
      actions(button('approve', 'Approve', { value: 'r1', confirm, style: 'primary' }), button('reject', 'Reject')),
    ],
  });
  return { channelId: DEPLOYS, ts: posted.ts ?? '' };
}

const onAction = (bodies: BlockAction[]) => (app: App) => {
  app.action(/.*/, async ({ ack, body }) => {
    bodies.push(body as BlockAction);
    await ack();
  });
};

describe('a button', () => {
  it('is found by its words and sends what Slack sends', async () => {
    const slack = await aSlack();
    const bodies: BlockAction[] = [];
    await connected(slack, onAction(bodies));
    const card = await aCard(slack);
    expect(slack.as(SRE).confirmOf(card, 'approve')).toEqual({ title: 'Sure?', text: 'my-app in prod', confirm: 'Approve', deny: 'No' });
    const outcome = await slack.as(SRE).click(card, { text: 'Approve' });
    expect(outcome.acked).toBe(true);
    expect(bodies[0]).toMatchObject({
      type: 'block_actions',
      user: { id: SRE, team_id: slack.teamId },
      team: { id: slack.teamId },
      api_app_id: slack.appId,
      channel: { id: DEPLOYS },
      container: { type: 'message', message_ts: card.ts, is_ephemeral: false },
      message: { ts: card.ts, bot_id: expect.any(String) },
      actions: [{ type: 'button', action_id: 'approve', value: 'r1', style: 'primary' }],
      response_url: outcome.responseUrl,
      trigger_id: outcome.triggerId,
    });
  });

  it('sends nothing when the confirm dialog is answered with no, and cannot be clicked where it is not', async () => {
    const slack = await aSlack();
    await connected(slack);
    const card = await aCard(slack);
    expect((await slack.as(SRE).click(card, 'approve', { confirm: false })).kind).toBe('not-confirmed');
    await expect(slack.as(SRE).click(card, 'Retry')).rejects.toThrow(/has no "Retry"; there is: approve "Approve", reject "Reject"/);
    expect(slack.deliveries.all()).toEqual([]);
  });

  it('may be clicked by somebody of another company, whose team is theirs', async () => {
    const slack = await aSlack();
    slack.workspace.share(DEPLOYS);
    slack.workspace.join(DEPLOYS, EXTERNAL);
    const bodies: BlockAction[] = [];
    await connected(slack, onAction(bodies));
    await slack.as(EXTERNAL).click(await aCard(slack), 'approve');
    expect(bodies[0]).toMatchObject({ user: { id: EXTERNAL, team_id: 'T9999EXT01' }, team: { id: slack.teamId } });
  });

  it('that nobody answers is shown as failed to who clicked', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack, (app) => app.action('approve', async () => undefined));
    const card = await aCard(slack);
    const clicked = slack.as(SRE).click(card, 'approve');
    await slack.waitFor(() => slack.deliveries.all().length === 1);
    clock.advance(3_001);
    expect((await clicked).error).toBe('"Approve" failed because the app did not respond. (operation_timeout)');
    expect(newest(slack, SRE)?.notice).toBe(true);
    expect(newest(slack, DEV)?.ts).toBe(card.ts);
  });
});

describe('a menu', () => {
  const menu = {
    type: 'actions' as const,
    block_id: 'row',
    elements: [
      {
        type: 'static_select' as const,
        action_id: 'method',
        options: ['auto', 'pin'].map((value) => ({ text: plain(`by ${value}`), value })),
      },
      { type: 'overflow' as const, action_id: 'more', options: [{ text: plain('Details'), value: 'details' }] },
    ],
  };

  it('sends the option that was chosen, by value or by words, and remembers it', async () => {
    const slack = await aSlack();
    const bodies: BlockAction[] = [];
    await connected(slack, onAction(bodies));
    const { ts = '' } = await aClient(slack).chat.postMessage({ channel: DEPLOYS, text: 'x', blocks: [menu] });
    const target = { channelId: DEPLOYS, ts };
    await slack.as(DEV).select(target, 'method', 'by pin');
    await slack.as(DEV).click(target, { text: 'Details' });
    expect(bodies[0]?.actions).toMatchObject([{ action_id: 'method', selected_option: { value: 'pin' } }]);
    expect(bodies[1]).toMatchObject({
      actions: [{ action_id: 'more', selected_option: { value: 'details' } }],
      state: { values: { row: { method: { selected_option: { value: 'pin' } } } } },
    });
    await expect(slack.as(DEV).select(target, 'method', 'evict')).rejects.toThrow('not offered; there is: auto, pin');
  });
});

describe('a message shortcut', () => {
  it('carries the message and opens a modal with its trigger', async () => {
    const slack = await aSlack();
    await connected(slack, (app) => {
      app.shortcut('repull_from_here', async ({ ack, shortcut, client }) => {
        await ack();
        await client.views.open({
          trigger_id: shortcut.trigger_id,
          view: { type: 'modal', title: plain('Repull'), blocks: [section('message' in shortcut ? String(shortcut.message.text) : '')] },
        });
      });
    });
    const message = await slack.as(DEV).type(DEPLOYS, 'my-app in prod is old');
    await slack.as(SRE).shortcut({ channelId: DEPLOYS, ts: message.ts ?? '' }, 'repull_from_here');
    const modal = await slack.waitFor(() => slack.as(SRE).modal());
    expect(JSON.stringify(modal.blocks)).toContain('my-app in prod is old');
    expect(slack.as(DEV).modal()).toBeUndefined();
  });
});

describe('a response URL', () => {
  const respond = async (url: string | undefined, body: Record<string, unknown>) => {
    const response = await fetch(url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { ok: boolean; error?: string } };
  };

  it('answers only the person, five times', async () => {
    const slack = await aSlack();
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack()));
    const { responseUrl } = await slack.as(DEV).type(DEPLOYS, '/repull');
    for (let n = 1; n <= 5; n += 1) expect((await respond(responseUrl, { text: `answer ${n}` })).status).toBe(200);
    expect(await respond(responseUrl, { text: 'answer 6' })).toMatchObject({ status: 403, body: { error: 'used_url' } });
    expect(slack.view(DEV, DEPLOYS).messages.map((message) => message.text)).toEqual([1, 2, 3, 4, 5].map((n) => `answer ${n}`));
    expect(slack.view(SRE, DEPLOYS).messages).toEqual([]);
  });

  it('expires after half an hour', async () => {
    const clock = manualClock();
    const slack = await aSlack({ clock });
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack()));
    const { responseUrl } = await slack.as(DEV).type(DEPLOYS, '/repull');
    clock.advance(30 * 60_000);
    expect((await respond(responseUrl, { text: 'in time' })).status).toBe(200);
    clock.advance(1);
    expect((await respond(responseUrl, { text: 'late' })).body.error).toBe('expired_url');
  });

  it('replaces or deletes the message that was clicked, ephemeral ones too, and can post for all', async () => {
    const slack = await aSlack();
    await connected(slack, onAction([]));
    const client = aClient(slack);
    const card = { text: 'x', blocks: [actions(button('go', 'Go'))] };
    const { message_ts: ts = '' } = await client.chat.postEphemeral({ channel: DEPLOYS, user: DEV, ...card });
    const { responseUrl } = await slack.as(DEV).click({ channelId: DEPLOYS, ts }, 'go');
    expect(slack.deliveries.all()[0]?.payload).not.toHaveProperty('message');
    await respond(responseUrl, { text: 'replaced', replace_original: true });
    expect(newest(slack, DEV)).toMatchObject({ ts, text: 'replaced', blocks: [], ephemeral: true });
    await respond(responseUrl, { text: 'for all', response_type: 'in_channel' });
    expect(newest(slack, SRE)?.text).toBe('for all');
    await respond(responseUrl, { delete_original: true });
    expect(slack.view(DEV, DEPLOYS).messages.map((message) => message.text)).toEqual(['for all']);
  });

  it.each([
    ['honoured' as const, ['the plan']],
    ['ignored' as const, ['Planning …', 'the plan']],
  ])('of a command: replace_original is %s', async (commandReplaceOriginal, texts) => {
    const slack = await aSlack({ commandReplaceOriginal });
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack('Planning …')));
    const { responseUrl } = await slack.as(DEV).type(DEPLOYS, '/repull');
    expect((await respond(responseUrl, { text: 'the plan', replace_original: true })).status).toBe(200);
    expect(slack.view(DEV, DEPLOYS).messages.map((message) => message.text)).toEqual(texts);
  });

  it('is as strict about blocks as a method, and a refused answer costs no use', async () => {
    const slack = await aSlack();
    await connected(slack, (app) => app.command('/repull', ({ ack }) => ack()));
    const { responseUrl } = await slack.as(DEV).type(DEPLOYS, '/repull');
    for (let n = 0; n < 6; n += 1) {
      expect(await respond(responseUrl, { text: 'x', blocks: [{ type: 'section' }] })).toMatchObject({
        status: 400,
        body: { error: 'invalid_blocks' },
      });
    }
    expect((await respond(responseUrl, { text: 'x' })).status).toBe(200);
    expect((await respond(`${responseUrl}0`, { text: 'x' })).status).toBe(404);
  });
});
