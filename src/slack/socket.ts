import { setTimeout as wait } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import type { Log } from '../app/worker-deps.ts';
import { clientOptions } from './clients.ts';
import { problemOf } from './errors.ts';

/**
 * Half-open connections are found within about this long; it is not the gap between two connections, because we reconnect ourselves. Shorter, and a
 * machine that stalls gives up good connections, of which Slack grants few a minute.
 */
const PING_MS = 3_000;
const HELLO_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Not connected for longer than this: not ready. A refresh by Slack takes a fraction of it. */
const GRACE_MS = 5_000;

export interface Socket {
  receiver: SocketModeReceiver;
  /** Resolves at the first `hello`; rejects where the token can never work. Reconnects for ever after that, until `close`. */
  start(): Promise<void>;
  ready(): boolean;
  close(): Promise<void>;
}

/** Slack says these for a token or app that will not work by trying again. */
const HOPELESS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'not_allowed_token_type',
  'org_login_required',
];

/**
 * Socket Mode with the reconnecting done here. The SDK's own waits a whole ping timeout before it reconnects, and a network error while it
 * does is an unhandled rejection, which ends the process; so it is switched off, and `start` is called again from here.
 */
export function makeSocket(options: {
  appToken: string;
  apiUrl?: string;
  logger: Logger;
  log: Log;
  /** True: nobody waits for the first connection any more. */
  stopped: () => boolean;
}): Socket {
  const receiver = new SocketModeReceiver({
    appToken: options.appToken,
    logger: options.logger,
    clientPingTimeout: PING_MS,
    autoReconnectEnabled: false,
    // Its own: a hand-built receiver does not take the App's, and writes its retries into what it is given.
    installerOptions: { clientOptions: clientOptions(options, 5_000) },
  });
  const { client } = receiver;
  let connected = false;
  let lostAt = 0;
  let closing = false;
  const over = new AbortController();
  let lost: (() => void) | undefined;

  client.on('connected', () => {
    connected = true;
  });
  client.on('disconnected', () => {
    if (connected) lostAt = Date.now();
    connected = false;
    lost?.();
  });

  const connect = async (): Promise<void> => {
    const abort = new AbortController();
    const hello = client.start();
    // Settled after the race too, when a late answer comes.
    hello.catch(() => undefined);
    try {
      const late = wait(HELLO_MS, undefined, { signal: abort.signal, ref: false }).then(() => {
        throw new Error('no hello from Slack');
      });
      late.catch(() => undefined);
      await Promise.race([hello, late]);
    } catch (error) {
      await quit(client);
      throw error;
    } finally {
      abort.abort();
    }
  };

  const stayConnected = async (): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    while (!closing) {
      if (connected) {
        pause = FIRST_PAUSE_MS;
        await new Promise<void>((resolve) => {
          lost = resolve;
          if (!connected || closing) resolve();
        });
        continue;
      }
      try {
        await connect();
      } catch (error) {
        const inMs = pauseAfter(error, pause);
        options.log.warn({ inMs, error: nameOf(error) }, 'Slack: the connection could not be made, trying again');
        await wait(inMs, undefined, { signal: over.signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
  };

  return {
    receiver,
    async start() {
      let pause = FIRST_PAUSE_MS;
      while (!connected) {
        try {
          await connect();
        } catch (error) {
          if (options.stopped() || HOPELESS.some((code) => String(error).includes(code))) throw error;
          const inMs = pauseAfter(error, pause);
          options.log.warn({ inMs, error: nameOf(error) }, 'Slack cannot be reached yet, trying again');
          await wait(inMs, undefined, { signal: over.signal });
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        }
      }
      void stayConnected();
    },
    ready: () => connected || (lostAt > 0 && Date.now() - lostAt < GRACE_MS && !closing),
    async close() {
      closing = true;
      over.abort();
      lost?.();
      await quit(client);
    },
  };
}

/** The SDK's `disconnect` settles only once the socket is gone, which a dead peer may never grant. */
async function quit(client: SocketModeReceiver['client']): Promise<void> {
  await Promise.race([client.disconnect().catch(() => undefined), wait(2_000, undefined, { ref: false })]);
}

/** Slack grants few connections a minute, and says when the next one is to be had. */
function pauseAfter(error: unknown, otherwise: number): number {
  const problem = problemOf(error);
  return problem.because === 'rate-limited' ? Math.max(otherwise, problem.retryAfterMs) : otherwise;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.message.slice(0, 200) : 'unknown');
