import type { KnownBlock } from '@slack/types';
import type { PostResult } from '../app/ports-slack.ts';
import type { Handles } from './handles.ts';

const TIMEOUT_MS = 3_000;

export interface Answering {
  text: string;
  blocks?: KnownBlock[];
}

/**
 * Says it through a kept response_url. `undefined`: this process does not have it (any more), so the caller takes another way.
 * No retry: an answer may be doubled by one, and it can always be given as an ephemeral message instead.
 */
export async function respond(handles: Handles, handle: string, answer: Answering, keepOpen: boolean): Promise<PostResult | undefined> {
  const use = handles.take(handle);
  if (use === undefined) return undefined;
  const body = {
    response_type: 'ephemeral',
    replace_original: use.replaces,
    text: answer.text,
    ...(answer.blocks === undefined ? {} : { blocks: answer.blocks }),
  };
  const result = await send(use.url, body);
  if (result?.ok === true && !keepOpen) handles.settle(handle);
  return result;
}

/** Takes the "Planning …" away, once the card stands in the channel. */
export async function dismiss(handles: Handles, handle: string): Promise<void> {
  const use = handles.take(handle);
  if (use === undefined || !use.replaces) return;
  handles.settle(handle);
  await send(use.url, { delete_original: true });
}

async function send(url: string, body: object): Promise<PostResult | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.status === 429) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return { ok: false, because: 'rate-limited', retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : 10_000 };
    }
    if (response.ok) return { ok: true, ts: '' };
    // Expired, used up, or refused: an ephemeral message may still get through.
    return response.status >= 500 ? { ok: false, because: 'unknown', detail: `HTTP ${response.status}` } : undefined;
  } catch {
    return { ok: false, because: 'unknown', detail: 'response_url did not answer' };
  }
}
