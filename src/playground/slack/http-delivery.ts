/** HTTP mode: each payload is a signed POST to the app's request URL. */
import { createHmac } from 'node:crypto';

export type HttpAck = { kind: 'acked'; payload: unknown } | { kind: 'failed'; status?: number };

/** `v0=` HMAC-SHA256 of `v0:{timestamp}:{raw body}`; the timestamp in seconds. */
const signature = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

const FORM = 'application/x-www-form-urlencoded';

/** Commands are form fields, interactions a form with one field `payload`, events JSON: as Slack sends them. */
function httpBody(type: string, payload: Record<string, unknown>): { contentType: string; body: string } {
  if (type === 'events_api') return { contentType: 'application/json', body: JSON.stringify(payload) };
  const fields =
    type === 'slash_commands'
      ? Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]))
      : { payload: JSON.stringify(payload) };
  return { contentType: FORM, body: new URLSearchParams(fields).toString() };
}

/** Posts and reads the answer; any status but 2xx is a failure. Aborts with `signal`. */
export async function postSigned(request: {
  url: string;
  secret: string;
  /** Milliseconds. */
  now: number;
  type: string;
  payload: Record<string, unknown>;
  retry?: { number: number; reason: string };
  signal: AbortSignal;
}): Promise<HttpAck> {
  const { contentType, body } = httpBody(request.type, request.payload);
  const timestamp = Math.floor(request.now / 1000);
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: request.signal,
      headers: {
        'content-type': contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signature(request.secret, timestamp, body),
        ...(request.retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(request.retry.number), 'x-slack-retry-reason': request.retry.reason }),
      },
    });
    const text = await response.text();
    if (!response.ok) return { kind: 'failed', status: response.status };
    return { kind: 'acked', payload: parseAnswer(text) };
  } catch {
    return { kind: 'failed' };
  }
}

/** A body that is not JSON is the text of an ephemeral answer. */
function parseAnswer(text: string): unknown {
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : { text };
  } catch {
    return { text };
  }
}
