import { randomBytes } from 'node:crypto';

/**
 * A response_url is a right to speak in a channel without being in it. So it lives in this process's memory and nowhere else, for as long as
 * Slack honours it; records and queues hold only the random name that `keep` gives back.
 */
export interface Handles {
  /** Undefined where the URL is not one of Slack's. */
  keep(responseUrl: string | undefined, use: HandleUse): string | undefined;
  /** One more use of it, or undefined: not of this process, too old, or used up. */
  take(handle: string): (HandleUse & { url: string }) | undefined;
  /** From now on answers stand beside what was said, and no longer replace it. */
  settle(handle: string): void;
  size(): number;
}

interface HandleUse {
  /** The next answer takes the place of the message that the URL belongs to: a "Planning …", or an ephemeral answer whose button was pressed. */
  replaces: boolean;
}

const LIFE_MS = 29 * 60_000;
const USES = 5;
const MOST = 10_000;
const SLACK_HOSTS = ['slack.com', 'slack-gov.com'];

/** Slack's own hosts over TLS, or exactly the host that SLACK_API_URL names. */
export function isSlackUrl(text: string, apiUrl?: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return false;
  const api = apiUrl !== undefined && URL.canParse(apiUrl) ? new URL(apiUrl) : undefined;
  if (api !== undefined && url.host === api.host && url.protocol === api.protocol) return true;
  return (
    url.protocol === 'https:' && url.port === '' && SLACK_HOSTS.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))
  );
}

export function makeHandles(options: { apiUrl?: string; now?: () => number }): Handles {
  const now = options.now ?? Date.now;
  const kept = new Map<string, HandleUse & { url: string; until: number; uses: number }>();

  const forgetOld = (): void => {
    // In order of age, so the first one that still lives ends the walk.
    for (const [handle, each] of kept) {
      if (each.until > now() && kept.size <= MOST) return;
      kept.delete(handle);
    }
  };

  return {
    keep(responseUrl, use) {
      if (responseUrl === undefined || !isSlackUrl(responseUrl, options.apiUrl)) return undefined;
      forgetOld();
      const handle = randomBytes(12).toString('hex');
      kept.set(handle, { ...use, url: responseUrl, until: now() + LIFE_MS, uses: 0 });
      return handle;
    },
    take(handle) {
      const found = kept.get(handle);
      if (found === undefined) return undefined;
      if (found.until <= now() || found.uses >= USES) {
        kept.delete(handle);
        return undefined;
      }
      found.uses += 1;
      return { url: found.url, replaces: found.replaces };
    },
    settle(handle) {
      const found = kept.get(handle);
      if (found !== undefined) found.replaces = false;
    },
    size: () => kept.size,
  };
}
