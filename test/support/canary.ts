import { Redis } from 'ioredis';
import type { LocalSlack } from '../../src/playground/slack/types.ts';

/** What whoever reads it could speak or write as us with, by kind. Every suite runs at debug level with such values, and looks for them at its end. */
export type Secrets = Record<string, readonly string[]>;

/** Shorter ones would be found by chance. */
const SHORTEST = 8;

export const SECRET_ENV = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'REPULL_JOB_KEY'] as const;

export const secretsOfEnv = (env: Readonly<Record<string, string>>): Secrets =>
  Object.fromEntries(SECRET_ENV.flatMap((name) => (env[name] === undefined ? [] : [[name, [env[name] ?? '']]])));

/** Everything secret that Slack handed out or gave us, and what the cluster let us in with. */
export function secretsOf(slack: LocalSlack, kubeconfig: string): Secrets {
  const payloads = slack.deliveries.all().map((each) => each.payload);
  const handed = (field: string) => payloads.flatMap((payload) => (typeof payload[field] === 'string' ? [payload[field]] : []));
  const opened = slack.calls.of('apps.connections.open').map(({ response }) => JSON.stringify(response) ?? '');
  return {
    botToken: [slack.botToken],
    appToken: [slack.appToken],
    signingSecret: [slack.signingSecret],
    tickets: opened.flatMap((answer) => /ticket=(\w+)/.exec(answer)?.[1] ?? []),
    triggers: handed('trigger_id'),
    // The last part alone is what counts; the host is no secret.
    responseUrls: handed('response_url').map((url) => new URL(url).pathname),
    verification: [...new Set(handed('token'))],
    cluster: [/token: (\S+)/.exec(kubeconfig)?.[1], /client-key-data: (\S+)/.exec(kubeconfig)?.[1]].filter((each) => each !== undefined),
  };
}

/** `kind in sink` for each that was found, never the secret itself. */
export function leaksOf(secrets: Secrets, sinks: Readonly<Record<string, string>>): string[] {
  const found = Object.entries(sinks).flatMap(([sink, text]) =>
    Object.entries(secrets).flatMap(([kind, values]) =>
      values.some((value) => value.length >= SHORTEST && text.includes(value)) ? [`${kind} in ${sink}`] : [],
    ),
  );
  return [...new Set(found)];
}

/** Everything that lies in Redis, as it is stored; nothing where a test has taken it away. */
export async function dumpOf(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, commandTimeout: 10_000, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    // Else a long text would be looked for in its compressed form.
    await redis.config('SET', 'rdbcompression', 'no');
    const keys = await redis.keys('*');
    const parts: string[] = [];
    for (let from = 0; from < keys.length; from += 500) {
      const page = await Promise.all(keys.slice(from, from + 500).map(async (key) => (await redis.dumpBuffer(key)) as Buffer | null));
      parts.push(...page.map((value) => value?.toString('latin1') ?? ''));
    }
    return [...keys, ...parts].join('\n');
  } catch {
    return '';
  } finally {
    redis.disconnect();
  }
}
