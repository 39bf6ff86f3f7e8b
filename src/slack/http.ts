import type { Server } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import { NotFromNow } from './gate.ts';

export interface Http {
  receiver: HTTPReceiver;
  start(): Promise<void>;
  ready(): boolean;
  /** Of the listening server, for tests and logs. */
  port(): number;
  close(): Promise<void>;
}

/** HTTP mode: one path for commands, interactions and events. */
export function makeHttp(options: { signingSecret: string; port: number; logger: Logger }): Http {
  const receiver = new HTTPReceiver({
    signingSecret: options.signingSecret,
    endpoints: ['/slack/events'],
    port: options.port,
    logger: options.logger,
    // Slack's payloads are far smaller; nobody else has business here.
    bodyLimit: 1024 * 1024,
    // Read here and judged in the gate: an exception here would be an unhandled rejection.
    customPropertiesExtractor: (request) => ({ slackTimestamp: Number(request.headers['x-slack-request-timestamp']) }),
    processEventErrorHandler: async ({ error, response }) => {
      if (response.headersSent) return false;
      // 503: Slack brings events again. Never 500 with words: they would be shown to nobody.
      response.writeHead(error instanceof NotFromNow ? 401 : 503);
      response.end();
      return false;
    },
  });
  let server: Server | undefined;
  return {
    receiver,
    async start() {
      server = (await receiver.start(options.port)) as Server;
    },
    ready: () => server?.listening === true,
    port() {
      const address = server?.address();
      return typeof address === 'object' && address !== null ? address.port : 0;
    },
    async close() {
      if (server === undefined) return;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server?.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(late);
      server = undefined;
    },
  };
}
