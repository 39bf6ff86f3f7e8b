import { Redis } from 'ioredis';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, SRE, SRE2, SRE_GROUP } from './line.ts';
import { until } from './until.ts';

export interface LoadOptions {
  /** How many apps are asked for in each channel. */
  channels: readonly number[];
  bots: number;
  /** Seconds that the new pod of the nth app must have been ready before its rollout is over. */
  takes: (n: number) => number;
}

/** Many apps, several channels, and Slack with its real limits. */
export interface Load {
  stage: Stage;
  /** `/repull` for every app, `everyMs` apart; `between` is done after each, with how many were asked for. */
  askAll(everyMs: number, between?: (asked: number) => Promise<void>): Promise<void>;
  /** Resolves when each request has ended and Slack has been shown everything. */
  untilShown(seconds: number): Promise<void>;
  /** Requests that are open now. */
  underWay(): Promise<number>;
  outcome(): Promise<Outcome[]>;
  close(): Promise<void>;
}

/** What became of one request, milliseconds. */
export interface Outcome {
  app: string;
  id: string;
  status: string;
  cards: number;
  endedAt: number;
  /** From the recorded end until Slack's card said it; undefined: it never did. */
  finalLag: number | undefined;
  /** From each milestone until its thread entry was there; undefined: it is not there. */
  threadLags: { kind: string; lag: number | undefined; times: number }[];
}

const channelId = (n: number): string => (n === 0 ? DEPLOYS : `C0LOAD${String(n).padStart(4, '0')}`);

export interface Figures {
  n: number;
  p50: number;
  p95: number;
  /** Infinity where something never came. */
  max: number;
}

/** Milliseconds. */
export function lagsOf(values: readonly (number | undefined)[]): Figures {
  const sorted = values.map((each) => each ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

export async function openLoad(options: LoadOptions): Promise<Load> {
  const channels = options.channels.map((_, n) => channelId(n));
  const people = [DEV, DEV2, SRE, SRE2];
  const stage = await openStage({
    bots: options.bots,
    timeScale: 0.2,
    policyOf: (policy) => policy.replace(`channels: [${DEPLOYS}]`, `channels: [${channels.join(', ')}]`),
    slack: {
      rateLimits: 'real',
      workspace: {
        users: people.map((id, n) => ({ id, name: `person-${n}` })),
        channels: channels.map((id, n) => ({ id, name: `deploys-${n}`, members: people })),
        userGroups: [{ id: SRE_GROUP, handle: 'sre', name: 'SRE', members: [SRE, SRE2] }],
      },
    },
  });
  // In turn, as long as a channel has apps left.
  const places = options.channels
    .flatMap((count, n) => Array.from({ length: count }, (_, at) => ({ at, channel: channelId(n) })))
    .toSorted((one, other) => one.at - other.at);
  const apps = places.map((_, n) => `app-${String(n).padStart(3, '0')}`);
  const channelOf = (n: number): string => places[n]?.channel ?? DEPLOYS;
  for (let begin = 0; begin < apps.length; begin += 10) {
    const some = apps.slice(begin, begin + 10).map(async (app, at) => {
      await stage.deploy(app, { replicas: 1, spec: { minReadySeconds: options.takes(begin + at) } });
      await stage.push(app);
    });
    await Promise.all(some);
  }
  const redis = new Redis(stage.line.redis.url);
  const ask = async (user: string, channel: string, app: string): Promise<void> => {
    const { error } = await stage.line.slack.as(user).type(channel, `/repull ${app} staging`);
    if (error !== undefined) throw new Error(`${app} could not be asked for: ${error}`);
  };

  return {
    stage,
    async askAll(everyMs, between) {
      const asked: Promise<unknown>[] = [];
      for (const [n, app] of apps.entries()) {
        asked.push(ask(n % 2 === 0 ? DEV : DEV2, channelOf(n), app));
        await new Promise((resolve) => setTimeout(resolve, everyMs));
        await between?.(n + 1);
      }
      await Promise.all(asked);
    },
    async untilShown(seconds) {
      const ended = async () => (await redis.zcard('{repull}:open')) === 0 && (await redis.zcard('{repull}:by-time')) >= apps.length;
      const shown = async () => (await ended()) && (await redis.zcard('{repull}:dirty')) === 0;
      await until(shown, { what: 'every request has ended, and Slack shows it', withinMs: seconds * 1000, everyMs: 250 }).catch(
        async (error: unknown) => {
          const open = await redis.zrange('{repull}:open', '0', '-1');
          const unshown = await redis.zrange('{repull}:dirty', '0', '-1');
          throw new Error(`open: ${open.join(' ')}; not shown: ${unshown.join(' ')}`, { cause: error });
        },
      );
    },
    underWay: () => redis.zcard('{repull}:open'),
    async outcome() {
      const ids = await redis.zrange('{repull}:by-time', '0', '-1');
      return Promise.all(ids.map((id) => outcomeOf(stage, redis, id)));
    },
    async close() {
      redis.disconnect();
      await stage.close();
    },
  };
}

async function outcomeOf(stage: Stage, redis: Redis, id: string): Promise<Outcome> {
  const [fields, milestones] = await Promise.all([
    redis.hgetall(`{repull}:request:${id}`),
    redis.lrange(`{repull}:milestones:${id}`, 0, -1),
  ]);
  const app = (JSON.parse(fields['ask'] ?? '{}') as { app: string }).app;
  const channel = JSON.parse(fields['channel'] ?? '""') as string;
  const status = (JSON.parse(fields['state'] ?? '{}') as { status: string }).status;
  const endedAt = Number(fields['endedAt']);
  const cards = stage.line.slack
    .view(DEV, channel)
    .messages.filter(
      (message) =>
        !message.ephemeral && message.metadata?.event_payload['request'] === id && message.metadata.event_payload['key'] === 'card',
    );
  const final = stage.line.slack.calls
    .all()
    .find(
      (call) =>
        (call.method === 'chat.update' || call.method === 'chat.postMessage') &&
        call.result === 'ok' &&
        String(call.args['text']).includes(id) &&
        /^\W*(Succeeded|Failed)/.test(String(call.args['text'])),
    );
  const replies = cards.flatMap((card) => card.replies.filter((reply) => reply.isBot));
  return {
    app,
    id,
    status,
    cards: cards.length,
    endedAt,
    finalLag: final === undefined ? undefined : final.at - endedAt,
    threadLags: milestones.map((text) => {
      const { seq, at, kind } = JSON.parse(text) as { seq: number; at: number; kind: string };
      const shown = replies.filter((reply) => String(reply.metadata?.event_payload['key']).split('+').includes(String(seq)));
      return { kind, lag: shown[0] === undefined ? undefined : Number(shown[0].ts) * 1000 - at, times: shown.length };
    }),
  };
}
