import { createHmac } from 'node:crypto';
import type { Stage } from '../faults/stage.ts';

/** Payloads as somebody would send them who is not a Slack client: signed as Slack signs, and saying whatever they like. */
export function wire(stage: Stage, url: string) {
  const { slack } = stage.line;
  let count = 0;
  const post = async (body: string, type: string): Promise<{ status: number; text: string }> => {
    const at = Math.floor(Date.now() / 1000);
    const signature = `v0=${createHmac('sha256', slack.signingSecret).update(`v0:${at}:${body}`).digest('hex')}`;
    const headers = { 'content-type': type, 'x-slack-request-timestamp': String(at), 'x-slack-signature': signature };
    const response = await fetch(url, { method: 'POST', body, headers });
    return { status: response.status, text: await response.text() };
  };
  const form = (fields: Record<string, string>) => post(new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  const interaction = (payload: object) => form({ payload: JSON.stringify(payload) });
  const base = (user: object) => ({
    user,
    api_app_id: slack.appId,
    team: { id: slack.teamId, domain: 'local-slack' },
    enterprise: null,
    is_enterprise_install: false,
  });

  return {
    interaction,
    base,
    click: (given: { user: object; value: string; channel: string; message: string; action?: string; more?: object }) =>
      interaction({
        type: 'block_actions',
        ...base(given.user),
        container: { type: 'message', message_ts: given.message, channel_id: given.channel, is_ephemeral: false },
        channel: { id: given.channel, name: 'whatever' },
        message: { ts: given.message },
        actions: [
          {
            type: 'button',
            block_id: 'b',
            action_id: given.action ?? 'approve',
            value: given.value,
            action_ts: `${Date.now() / 1000}.${String(++count)}`,
          },
        ],
        ...given.more,
      }),
    command: (fields: Record<string, string>) =>
      form({ command: '/repull', team_id: slack.teamId, api_app_id: slack.appId, trigger_id: `1.${++count}.${Date.now()}`, ...fields }),
    event: (event: object, more: object = {}) =>
      post(
        JSON.stringify({
          type: 'event_callback',
          event_id: `Ev${Date.now()}${++count}`,
          team_id: slack.teamId,
          api_app_id: slack.appId,
          event,
          ...more,
        }),
        'application/json',
      ),
  };
}
