import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageText } from '../../src/playground/slack/render-text.ts';
import { startLocalSlack } from '../../src/playground/slack/start.ts';
import type { LocalSlack, LocalSlackOptions, MessageView } from '../../src/playground/slack/types.ts';
import { dumpOf, leaksOf, secretsOf, secretsOfEnv } from './canary.ts';
import { runRepull, type Running } from './process.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** The people and places of the tests. */
export const DEV = 'U0DEV00001';
export const DEV2 = 'U0DEV00002';
export const SRE = 'U0SRE00001';
export const SRE2 = 'U0SRE00002';
export const GUEST = 'U0GUEST001';
export const DEPLOYS = 'C0DEPLOYS1';
export const RANDOM = 'C0RANDOM01';
export const SRE_GROUP = 'S0SRE00001';

export interface LineOptions {
  policy: string;
  /** YAML text. */
  kubeconfig: string;
  cluster?: string;
  bots?: number;
  workers?: number;
  env?: Record<string, string>;
  slack?: Partial<LocalSlackOptions>;
}

/** The whole product as separate processes: real Redis, real Bolt on the local Slack, a worker on the given cluster. */
export interface Line {
  slack: LocalSlack;
  redis: TestRedis;
  bots: Running[];
  workers: Running[];
  env: Record<string, string>;
  dir: string;
  startWorker(env?: Record<string, string>): Promise<Running>;
  startBot(env?: Record<string, string>): Promise<Running>;
  /** Messages of ours in the channel that this user sees and whose whole text matches. */
  seen(user: string, pattern: RegExp, channel?: string): { message: MessageView; text: string } | undefined;
  waitFor(user: string, pattern: RegExp, options?: { seconds?: number; channel?: string }): Promise<{ message: MessageView; text: string }>;
  writePolicy(text: string): void;
  close(): Promise<void>;
}

export const workspace = {
  users: [
    { id: DEV, name: 'dana' },
    { id: DEV2, name: 'dion' },
    { id: SRE, name: 'sam' },
    { id: SRE2, name: 'siri' },
    { id: GUEST, name: 'gus', kind: 'guest' as const },
  ],
  channels: [
    { id: DEPLOYS, name: 'deploys', members: [DEV, DEV2, SRE, SRE2, GUEST] },
    { id: RANDOM, name: 'random', members: [DEV, DEV2, SRE, SRE2, GUEST] },
  ],
  userGroups: [{ id: SRE_GROUP, handle: 'sre', name: 'SRE', members: [SRE, SRE2] }],
};

export async function startLine(options: LineOptions): Promise<Line> {
  const dir = mkdtempSync(join(tmpdir(), 'repull-line-'));
  const redis = await startRedis();
  const slack = await startLocalSlack({ workspace, rateLimits: { scale: 20 }, ...options.slack });
  const policyFile = join(dir, 'policy.yaml');
  const kubeconfigFile = join(dir, 'kubeconfig');
  writeFileSync(policyFile, options.policy);
  writeFileSync(kubeconfigFile, options.kubeconfig, { mode: 0o600 });
  const common = { REDIS_URL: redis.url, REPULL_CONFIG: policyFile, ...options.env };
  const botEnv = { ...common, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken, SLACK_API_URL: slack.apiUrl };
  const workerEnv = { ...common, KUBECONFIG: kubeconfigFile };
  const bots: Running[] = [];
  const workers: Running[] = [];
  /** Also those that a test has stopped or killed since. */
  const started: Running[] = [];
  const startBot = async (env = {}) => {
    const bot = await runRepull(['bot'], { ...botEnv, ...env });
    bots.push(bot);
    started.push(bot);
    return bot;
  };
  const startWorker = async (env = {}) => {
    const worker = await runRepull(['worker', '--cluster', options.cluster ?? 'test'], { ...workerEnv, ...env });
    workers.push(worker);
    started.push(worker);
    return worker;
  };
  for (let n = 0; n < (options.bots ?? 1); n++) await startBot();
  for (let n = 0; n < (options.workers ?? 1); n++) await startWorker();
  await Promise.all([...bots, ...workers].map((each) => each.untilReady()));

  const seen = (user: string, pattern: RegExp, channel = DEPLOYS) => {
    for (const message of slack.view(user, channel).messages.toReversed()) {
      for (const each of [...message.replies.toReversed(), message]) {
        const text = messageText(each);
        if (pattern.test(text)) return { message: each, text };
      }
    }
    return undefined;
  };
  return {
    slack,
    redis,
    bots,
    workers,
    env: common,
    dir,
    startWorker,
    startBot,
    seen,
    waitFor: (user, pattern, { seconds = 30, channel = DEPLOYS } = {}) =>
      slack.waitFor(() => seen(user, pattern, channel), { seconds, what: `${user} sees ${pattern}` }),
    writePolicy: (text) => writeFileSync(policyFile, text),
    async close() {
      const all = [...started];
      const stored = await dumpOf(redis.url);
      // What a test took out of the lists is over, or was paused and forgotten.
      for (const each of all.filter((one) => ![...bots, ...workers].includes(one))) each.kill('SIGKILL');
      await Promise.all(all.map((each) => each.stop()));
      // Where a test failed, the processes' own lines are the first thing to read.
      const logs = process.env['REPULL_TEST_LOGS'];
      const written = all.map((each) => each.log()).join('\n');
      if (logs !== undefined) writeFileSync(logs, written);
      const secrets = { ...secretsOf(slack, options.kubeconfig), ...secretsOfEnv({ ...options.env }) };
      await slack.close();
      await redis.stop();
      rmSync(dir, { recursive: true, force: true });
      const leaks = leaksOf(secrets, { logs: written, redis: stored });
      if (leaks.length > 0) throw new Error(`secrets were written down: ${leaks.join(', ')}`);
    },
  };
}
