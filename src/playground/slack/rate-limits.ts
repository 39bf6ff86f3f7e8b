/** Slack's tiers, per method and workspace, in calls per minute. Advice of the docs: design for one call per second and method. */
import type { Clock } from './types.ts';

/**
 * `post`: one per second and channel with short bursts, and "several hundred a minute" per workspace. `connect` is tier 1, of which Slack
 * tolerates a small burst: as many as there may be connections, twice.
 */
export type Tier = 'connect' | 'tier2' | 'tier3' | 'tier4' | 'post' | 'special';

const PER_MINUTE: Record<Exclude<Tier, 'post' | 'connect'>, number> = { tier2: 20, tier3: 50, tier4: 100, special: 600 };
const POST = { burst: 4, perSecond: 1, perMinute: 300 };
const CONNECT = { burst: 20, perSecond: 1 / 60 };

export interface RateLimits {
  /** Takes one call out of the budget; answers the seconds to wait where there is none left. */
  take(method: string, tier: Tier, channel?: string): number | undefined;
}

export function makeRateLimits(clock: Clock, mode: 'real' | 'off' | { scale: number }): RateLimits {
  const scale = typeof mode === 'object' ? mode.scale : 1;
  const windows = new Map<string, number[]>();
  const buckets = new Map<string, { tokens: number; at: number }>();

  /** At most `max` calls in any 60 s; a call that does not fit is not counted. */
  const inWindow = (key: string, max: number): number | undefined => {
    const now = clock.now();
    const recent = (windows.get(key) ?? []).filter((at) => at > now - 60_000);
    windows.set(key, recent);
    const oldest = recent[recent.length - Math.max(1, Math.floor(max))];
    if (oldest !== undefined) return Math.max(1, Math.ceil((oldest + 60_000 - now) / 1000));
    recent.push(now);
    return undefined;
  };
  const inBucket = (key: string, burst: number, perSecond: number): number | undefined => {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return undefined;
  };

  return {
    take(method, tier, channel) {
      if (mode === 'off') return undefined;
      if (tier === 'connect') return inBucket(method, CONNECT.burst * Math.max(1, scale), CONNECT.perSecond * scale);
      if (tier !== 'post') return inWindow(method, PER_MINUTE[tier] * scale);
      const perChannel = inBucket(`${method} ${channel ?? ''}`, POST.burst * Math.max(1, scale), POST.perSecond * scale);
      return perChannel ?? inWindow(method, POST.perMinute * scale);
    },
  };
}
