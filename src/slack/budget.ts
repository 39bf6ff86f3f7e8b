import { RANKS, type Budget, type Rank, type Turn } from '../app/ports-budget.ts';

/**
 * The budget of one process alone: below what Slack gives (chat.update 50+ a minute for the workspace, posts 1 a second and channel with short
 * bursts). All bots together have the one in shared-budget.ts; this one stands in while Redis is away.
 */
export interface BudgetOptions {
  /** chat.update in any 60 s. */
  updatesPerMinute?: number;
  /** Of these, what progress may use: the rest is kept for states. */
  progressPerMinute?: number;
  /** Between two progress updates of one card, ms. */
  progressEveryMs?: number;
  /** Between two posts in one channel, after a short burst, ms. */
  postEveryMs?: number;
  /** How long a caller is let wait here before it is told to come back, ms. */
  patienceMs?: number;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const MINUTE = 60_000;
const POST_BURST = 3;

export function makeBudget(options: BudgetOptions = {}): Budget {
  const { updatesPerMinute = 40, progressPerMinute = 28, progressEveryMs = 3_000 } = options;
  const { postEveryMs = 1_000, patienceMs = 2_500 } = options;
  const now = options.now ?? Date.now;
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref()));
  const sent: { at: number; progress: boolean }[] = [];
  const lastProgress = new Map<string, number>();
  const channels = new Map<string, { tokens: number; at: number; until: number }>();
  const waiting: Record<Rank, number> = { terminal: 0, state: 0, progress: 0 };
  let pausedUntil = 0;

  const windowWait = (limit: number, of: readonly { at: number }[]): number => {
    const oldest = of[of.length - limit];
    return oldest === undefined ? 0 : oldest.at + MINUTE - now();
  };
  const updateWait = (rank: Rank, card: string): number => {
    while (sent[0] !== undefined && sent[0].at <= now() - MINUTE) sent.shift();
    const wait = Math.max(pausedUntil - now(), windowWait(updatesPerMinute, sent));
    if (rank !== 'progress') return wait;
    const own = (lastProgress.get(card) ?? -Infinity) + progressEveryMs - now();
    return Math.max(
      wait,
      own,
      windowWait(
        progressPerMinute,
        sent.filter((each) => each.progress),
      ),
    );
  };
  const postWait = (channel: string): number => {
    const bucket = channels.get(channel) ?? { tokens: POST_BURST, at: now(), until: 0 };
    bucket.tokens = Math.min(POST_BURST, bucket.tokens + (now() - bucket.at) / postEveryMs);
    bucket.at = now();
    channels.set(channel, bucket);
    return Math.max(bucket.until - now(), bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) * postEveryMs);
  };

  /** Waits while it pays to, and lets a higher rank go first. */
  const queue = async (rank: Rank, waitOf: () => number, take: () => void): Promise<Turn> => {
    const deadline = now() + patienceMs;
    waiting[rank] += 1;
    try {
      for (;;) {
        const behind = RANKS.slice(0, RANKS.indexOf(rank)).some((higher) => waiting[higher] > 0);
        const wait = Math.ceil(Math.max(waitOf(), behind ? 50 : 0));
        if (wait <= 0) {
          take();
          return { go: true };
        }
        if (rank === 'progress' || now() + wait > deadline) return { go: false, retryAfterMs: Math.max(wait, 250) };
        await sleep(wait);
      }
    } finally {
      waiting[rank] -= 1;
    }
  };

  return {
    update: ({ rank, of }) =>
      queue(
        rank,
        () => updateWait(rank, of),
        () => {
          sent.push({ at: now(), progress: rank === 'progress' });
          if (rank === 'progress') lastProgress.set(of, now());
          else lastProgress.delete(of);
          if (lastProgress.size > 1000) lastProgress.clear();
        },
      ),
    post: (channel, { rank }) =>
      queue(
        rank === 'progress' ? 'state' : rank,
        () => postWait(channel),
        () => {
          const bucket = channels.get(channel);
          if (bucket !== undefined) bucket.tokens -= 1;
          if (channels.size > 1000) for (const [id, each] of channels) if (each.tokens >= POST_BURST - 1) channels.delete(id);
        },
      ),
    async pause(what, ms) {
      if (what === 'update') pausedUntil = Math.max(pausedUntil, now() + ms);
      else {
        postWait(what.channel);
        const bucket = channels.get(what.channel);
        if (bucket !== undefined) bucket.until = Math.max(bucket.until, now() + ms);
      }
    },
  };
}
