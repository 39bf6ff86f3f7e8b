import { App, LogLevel } from '@slack/bolt';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';

/** What reached the app, in order. */
export interface HouseApp {
  heard: string[];
  client: App['client'];
  stop(): Promise<void>;
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const mrkdwn = (text: string, verbatim?: boolean) => ({ type: 'mrkdwn' as const, text, ...(verbatim ? { verbatim } : {}) });
const option = (text: string, value: string) => ({ text: plain(text), value });

/** Everything that can be pressed in a message, once. */
export const CARD = [
  { type: 'header', text: plain('Waiting for approval :hand: · my-app in prod') },
  {
    type: 'section',
    text: mrkdwn(
      '*Image* `localhost:5000/shop/my-app:stable` asked by <@U0DANA0001> in <#C0DEPLOYS1> at <!date^1700000000^{date_num} {time}|then>',
      true,
    ),
  },
  {
    type: 'section',
    text: mrkdwn('More'),
    accessory: { type: 'overflow', action_id: 'more', options: [option('Show details', 'details'), option('Forget it', 'forget')] },
  },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        style: 'primary',
        text: plain('Approve'),
        action_id: 'approve',
        value: 'r1',
        confirm: {
          title: plain('Approve this change?'),
          text: plain('localhost:5000/shop/my-app:stable will run.'),
          confirm: plain('Yes, approve'),
          deny: plain('Not now'),
        },
      },
      { type: 'button', style: 'danger', text: plain('Reject'), action_id: 'reject', value: 'r1' },
      {
        type: 'static_select',
        action_id: 'speed',
        placeholder: plain('How fast'),
        options: [option('Slowly', 'slow'), option('Quickly', 'quick')],
      },
    ],
  },
] as const;

const FORM = {
  type: 'modal',
  callback_id: 'form',
  title: plain('Repull'),
  submit: plain('Plan it'),
  close: plain('Cancel'),
  blocks: [
    {
      type: 'input',
      block_id: 'app',
      label: plain('App'),
      element: { type: 'external_select', action_id: 'app', min_query_length: 0, placeholder: plain('Start typing') },
    },
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Reason'),
      hint: plain('Shown on the card.'),
      element: { type: 'plain_text_input', action_id: 'reason' },
    },
    {
      type: 'input',
      block_id: 'flags',
      optional: true,
      label: plain('Flags'),
      element: { type: 'checkboxes', action_id: 'flags', options: [option('Dry run', 'dry-run'), option('Force', 'force')] },
    },
  ],
} as const;

/** A real Bolt app on Socket Mode that answers everything the page can send: the page is tested with it, not with repull. */
export async function startHouseApp(slack: LocalSlack): Promise<HouseApp> {
  const heard: string[] = [];
  const app = new App({
    token: slack.botToken,
    appToken: slack.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  app.command('/repull', async ({ command, ack, client }) => {
    heard.push(`command ${command.user_id} ${command.text}`);
    if (command.text === '') {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: FORM as never });
    } else {
      await ack({ response_type: 'ephemeral', text: `Planning *${command.text}* …` });
    }
  });
  app.action('approve', async ({ ack, body, client }) => {
    await ack();
    heard.push(`approve ${body.user.id}`);
    if (body.type !== 'block_actions' || !body.channel || !body.message) return;
    const { ts } = body.message;
    await client.chat.update({
      channel: body.channel.id,
      ts,
      text: 'Rolling out my-app in prod',
      blocks: [{ type: 'section', text: mrkdwn(`*Rolling out* approved by <@${body.user.id}>`) }],
    });
    await client.chat.postMessage({ channel: body.channel.id, thread_ts: ts, text: 'Started: 4 pods' });
  });
  app.action(/^(reject|more|speed)$/, async ({ ack, action, body }) => {
    await ack();
    const chosen = 'selected_option' in action ? action.selected_option?.value : 'value' in action ? action.value : '';
    heard.push(`${'action_id' in action ? action.action_id : ''} ${chosen} ${body.user.id}`);
  });
  app.options('app', async ({ ack, payload }) => {
    heard.push(`options ${payload.value}`);
    await ack({ options: ['my-app', 'web', 'cache'].filter((name) => name.includes(payload.value)).map((name) => option(name, name)) });
  });
  app.view('form', async ({ ack, view, body }) => {
    const { values } = view.state;
    const reason = values['reason']?.['reason']?.value ?? '';
    if (reason === 'because') return ack({ response_action: 'errors', errors: { reason: 'That is no reason.' } });
    const flags = values['flags']?.['flags']?.selected_options?.map(({ value }) => value).join('+') ?? '';
    heard.push(`form ${body.user.id} ${values['app']?.['app']?.selected_option?.value} ${reason} ${flags}`);
    return ack();
  });
  app.shortcut('repull_from_here', async ({ ack, shortcut }) => {
    await ack();
    heard.push(`shortcut ${shortcut.user.id}`);
  });
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [{ type: 'header', text: plain('Waiting for my approval') }, CARD[3] as never] },
    });
  });
  app.event('app_mention', async ({ event, client }) => {
    await client.chat.postMessage({ channel: event.channel, thread_ts: event.thread_ts ?? event.ts, text: `You said: ${event.text}` });
  });
  await app.start();
  await slack.waitFor(() => slack.connections() > 0, { what: 'the app is connected' });
  return { heard, client: app.client, stop: async () => void (await app.stop()) };
}
