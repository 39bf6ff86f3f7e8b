import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { Logger } from '@slack/bolt';

export interface Clients {
  /** Modals, ephemeral answers, who-is-who: a person waits, so it gives up early and never stands behind progress. */
  interactive: WebClient;
  /** Cards and threads. */
  progress: WebClient;
}

const INTERACTIVE_MS = 2_000;
const PROGRESS_MS = 5_000;

/**
 * Two clients, because one 429 pauses a client's whole queue, and modals must be opened within 3 s. No retries: after a lost reply a
 * blind repeat would post twice. A fresh options object each: Bolt and the client write into it, `headers` above all.
 */
export function makeClients(options: { botToken: string; apiUrl?: string; logger: Logger }): Clients {
  return {
    interactive: new WebClient(options.botToken, clientOptions(options, INTERACTIVE_MS)),
    progress: new WebClient(options.botToken, clientOptions(options, PROGRESS_MS)),
  };
}

export const clientOptions = (options: { apiUrl?: string; logger: Logger }, timeout: number): WebClientOptions => ({
  logger: options.logger,
  timeout,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
});
