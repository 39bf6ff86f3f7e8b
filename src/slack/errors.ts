import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { PostResult } from '../app/ports-slack.ts';

/** Everything that can come of a call but success. */
export type SlackProblem = Exclude<PostResult, { ok: true }>;

/** Without a Retry-After Slack's own advice is to slow down; half a minute is the usual figure. */
const RATE_LIMITED_MS = 30_000;
const UNREACHED_MS = 2_000;

/** Nothing of ours can be shown in that channel any more. */
const CHANNEL_GONE = new Set([
  'channel_not_found',
  'is_archived',
  'not_in_channel',
  'is_inactive',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
  'messages_tab_disabled',
]);
/** Nothing can be shown anywhere with that token. */
const TOKEN_GONE = new Set(['account_inactive', 'token_revoked', 'token_expired', 'invalid_auth', 'not_authed', 'team_access_not_granted']);
/** It is there, or not, but it cannot be edited by us again: the way on is a new message in both cases. */
const MESSAGE_GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']);
/** "Some aspect of the operation may have succeeded." */
const MAYBE_DONE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org']);
/** The connection was never made, so nothing was done: unlike a reset, this needs no looking up. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Every error of a Web API call as a value. Exception text never reaches a person; `detail` is for logs and for `dead`. */
export function problemOf(error: unknown): SlackProblem {
  if (error instanceof WebAPIRateLimitedError) return { ok: false, because: 'rate-limited', retryAfterMs: error.retryAfter * 1000 };
  if (error instanceof WebAPIPlatformError) return fromPlatform(error);
  if (error instanceof WebAPIHTTPError) return fromStatus(error.statusCode);
  if (error instanceof WebAPIRequestError) return fromRequest(error);
  // web-api throws a plain Error for a 429 whose Retry-After it cannot read.
  if (error instanceof Error && /retry header/i.test(error.message)) {
    return { ok: false, because: 'rate-limited', retryAfterMs: RATE_LIMITED_MS };
  }
  return { ok: false, because: 'unknown', detail: error instanceof Error ? error.name : 'unknown error' };
}

/** Slack itself said 429, and says so to every other bot too: unlike a Slack that this process alone cannot reach. */
export function isLimited(error: unknown): boolean {
  return problemOf(error).because === 'rate-limited' && !(error instanceof WebAPIRequestError);
}

function fromPlatform(error: WebAPIPlatformError): SlackProblem {
  const code = error.data.error;
  if (code === 'ratelimited' || code === 'rate_limited') {
    const seconds = error.data.response_metadata?.retryAfter;
    return { ok: false, because: 'rate-limited', retryAfterMs: seconds === undefined ? RATE_LIMITED_MS : seconds * 1000 };
  }
  if (MESSAGE_GONE.has(code)) return { ok: false, because: 'message-gone' };
  if (CHANNEL_GONE.has(code)) return { ok: false, because: 'channel-gone', detail: code };
  if (TOKEN_GONE.has(code)) return { ok: false, because: 'channel-gone', detail: code, everywhere: true };
  if (MAYBE_DONE.has(code)) return { ok: false, because: 'unknown', detail: code };
  const messages = error.data.response_metadata?.messages ?? [];
  return { ok: false, because: 'refused', detail: [code, ...messages].join('; ').slice(0, 500) };
}

function fromStatus(status: number): SlackProblem {
  if (status === 429) return { ok: false, because: 'rate-limited', retryAfterMs: RATE_LIMITED_MS };
  if (status >= 500 || status === 408) return { ok: false, because: 'unknown', detail: `HTTP ${status}` };
  return { ok: false, because: 'refused', detail: `HTTP ${status}` };
}

function fromRequest(error: WebAPIRequestError): SlackProblem {
  const code = codeOf(error.original);
  if (code !== undefined && NEVER_SENT.has(code)) return { ok: false, because: 'rate-limited', retryAfterMs: UNREACHED_MS };
  return { ok: false, because: 'unknown', detail: code ?? error.original.name };
}

/** fetch hides the network's word two causes deep. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > 4) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : codeOf(error.cause, depth + 1);
}
