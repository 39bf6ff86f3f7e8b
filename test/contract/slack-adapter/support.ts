/** Our adapter, with the real Bolt and the real WebClient, on the local Slack. */
import { onTestFinished } from 'vitest';
import type { Intake } from '../../../src/app/ports.ts';
import type { Log } from '../../../src/app/worker-deps.ts';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import type { LocalSlack, LocalSlackOptions, MessageView } from '../../../src/playground/slack/types.ts';
import { type Slack, type SlackOptions, startSlack } from '../../../src/slack/bolt.ts';

/** Of the example workspace in seed.ts. */
export const DEV = 'U0DEV00001';
export const SRE = 'U0SRE00001';
export const GUEST = 'U0GUEST001';
export const EXTERNAL = 'U0EXTERN01';
export const DEPLOYS = 'C0DEPLOYS1';
export const WITHOUT_BOT = 'C0GENERAL1';
export const SRE_GROUP = 'S0SRE00001';

/** The port in memory: the same key twice is one job. `fail` and `hang` are a Redis that is away. */
export interface FakeQueues {
  intake: (intake: Intake, key: string) => Promise<void>;
  jobs: { key: string; intake: Intake }[];
  /** How often something was offered, duplicates counted. */
  offered: number;
  mood: 'fine' | 'fails' | 'hangs';
}

export function fakeQueues(): FakeQueues {
  const queues: FakeQueues = {
    jobs: [],
    offered: 0,
    mood: 'fine',
    async intake(intake, key) {
      queues.offered += 1;
      if (queues.mood === 'fails') throw new Error('Connection is closed.');
      if (queues.mood === 'hangs') return new Promise<void>(() => undefined);
      if (!queues.jobs.some((job) => job.key === key)) queues.jobs.push({ key, intake });
    },
  };
  return queues;
}

export interface LogLine {
  level: string;
  text: string;
}

/** Everything that would be written, at debug level. */
export function memoryLog(): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, text: `${message} ${JSON.stringify(fields)}` });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface Bench {
  local: LocalSlack;
  slack: Slack;
  queues: FakeQueues;
  log: ReturnType<typeof memoryLog>;
}

/** Connected over Socket Mode, or over HTTP with `http: true`. Closed when the test ends. */
export async function aBench(options: { local?: LocalSlackOptions; http?: boolean } & Partial<SlackOptions> = {}): Promise<Bench> {
  const { local: localOptions, http, ...rest } = options;
  // A busy machine must not look like a late acknowledgement; where 3 s is the point, a test measures it.
  const local = await startLocalSlack({ rateLimits: 'off', ackMs: 15_000, ...localOptions });
  onTestFinished(() => local.close());
  const queues = fakeQueues();
  const log = memoryLog();
  const slack = await startSlack({
    botToken: local.botToken,
    apiUrl: local.apiUrl,
    queues,
    log,
    ...(http === true ? { signingSecret: local.signingSecret, port: 0 } : { appToken: local.appToken }),
    ...rest,
  });
  onTestFinished(() => slack.close());
  if (http === true) local.useHttp(`http://127.0.0.1:${slack.port}/slack/events`);
  return { local, slack, queues, log };
}

export const newest = (local: LocalSlack, user: string, channel = DEPLOYS): MessageView | undefined =>
  local.view(user, channel).messages.at(-1);

/** The whole text that this person sees in the channel. */
export const seen = (local: LocalSlack, user: string, channel = DEPLOYS): string =>
  local
    .view(user, channel)
    .messages.flatMap((message) => [message, ...message.replies])
    .map((message) => message.text)
    .join('\n');
