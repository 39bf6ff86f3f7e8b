/** The local Slack, and the real Bolt and WebClient talking to it. Everything is closed when the test that asked for it ends. */
import { App, type AppOptions, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import type { LocalSlack, LocalSlackOptions, MessageView } from '../../../src/playground/slack/types.ts';

/** Of the example workspace in seed.ts. */
export const DEV = 'U0DEV00001';
export const SRE = 'U0SRE00001';
export const GUEST = 'U0GUEST001';
export const EXTERNAL = 'U0EXTERN01';
export const DEPLOYS = 'C0DEPLOYS1';
export const WITHOUT_BOT = 'C0GENERAL1';
export const SRE_GROUP = 'S0SRE00001';

const silent = (): void => undefined;
const logger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  getLevel: () => LogLevel.ERROR,
  setName: silent,
};

/** On the real clock an app has half a minute to acknowledge, so that a busy machine fails no test; on a manual one the three seconds. */
export async function aSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const slack = await startLocalSlack({ ...(options.clock === undefined ? { ackMs: 30_000 } : {}), ...options });
  onTestFinished(() => slack.close());
  return slack;
}

/** A client that neither retries nor waits, unless told otherwise. */
export const aClient = (slack: LocalSlack, options: WebClientOptions = {}, token = slack.botToken): WebClient =>
  new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger, ...options });

const clientOptions = (slack: LocalSlack): WebClientOptions => ({ slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });

/** Bolt without its transport. */
export const anApp = (slack: LocalSlack, options: AppOptions): App =>
  new App({ token: slack.botToken, clientOptions: clientOptions(slack), logger, deferInitialization: true, ...options });

/**
 * Bolt over Socket Mode, connected. `reconnectMs` is how long it waits before it connects again, and for a pong. `reconnected` waits for
 * the next time that Bolt itself says so: stopping it in between is an unhandled rejection in the SDK.
 */
export async function connected(
  slack: LocalSlack,
  listen: (app: App) => void = silent,
  reconnectMs = 5_000,
): Promise<{ reconnected: () => Promise<void> }> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger,
    clientPingTimeout: reconnectMs,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 1_000, factor: 1, minTimeout: 100 } } },
  });
  const app = anApp(slack, { receiver });
  listen(app);
  await app.init();
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  return { reconnected: () => new Promise((resolve) => receiver.client.once('connected', resolve)) };
}

/** The newest message of the channel that this person sees. */
export const newest = (slack: LocalSlack, user: string, channel = DEPLOYS): MessageView | undefined =>
  slack.view(user, channel).messages.at(-1);

/** What a Slack error came with. */
export const refusal = (call: Promise<unknown>): Promise<{ error: string; messages: string[]; needed?: string; provided?: string }> =>
  call.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: { data?: { error?: string; needed?: string; provided?: string; response_metadata?: { messages?: string[] } } }) => {
      if (error.data?.error === undefined) throw error;
      return { ...error.data, error: error.data.error, messages: error.data.response_metadata?.messages ?? [] };
    },
  );

export const button = (actionId: string, text: string, rest: Record<string, unknown> = {}) => ({
  type: 'button' as const,
  action_id: actionId,
  text: { type: 'plain_text' as const, text },
  ...rest,
});

export const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
export const actions = (...elements: ReturnType<typeof button>[]) => ({ type: 'actions' as const, elements });
export const plain = (text: string) => ({ type: 'plain_text' as const, text });
