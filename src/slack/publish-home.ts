import type { WebClient } from '@slack/web-api';
import { WebAPIPlatformError } from '@slack/web-api';
import type { HomeContent, PostResult } from '../app/ports-slack.ts';
import { problemOf } from './errors.ts';
import { renderHome } from './render/home.ts';

/** With the hash of what it replaces, so that a slow drawing never covers a later one. */
export async function publishHome(
  client: WebClient,
  user: string,
  content: HomeContent,
  hash: string | undefined,
): Promise<PostResult | { ok: false; because: 'stale' }> {
  try {
    await client.views.publish({ user_id: user, view: renderHome(content), ...(hash === undefined || hash === '' ? {} : { hash }) });
    return { ok: true, ts: '' };
  } catch (error) {
    if (error instanceof WebAPIPlatformError && error.data.error === 'hash_conflict') return { ok: false, because: 'stale' };
    return problemOf(error);
  }
}
