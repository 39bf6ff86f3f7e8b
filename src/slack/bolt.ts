import { App, type Receiver } from '@slack/bolt';
import type { Queues } from '../app/ports.ts';
import type { SharedBudget } from '../app/ports-budget.ts';
import type { Channel, Directory } from '../app/ports-slack.ts';
import type { Log } from '../app/worker-deps.ts';
import { type BudgetOptions, makeBudget } from './budget.ts';
import { clientOptions, makeClients } from './clients.ts';
import { makeDirectory } from './directory.ts';
import { makeGate } from './gate.ts';
import { makeHandles } from './handles.ts';
import { makeHttp } from './http.ts';
import { whoAmI } from './identity.ts';
import type { Callbacks, ListenerDeps } from './listeners/deps.ts';
import { makeEvents } from './listeners/events.ts';
import { register } from './listeners/register.ts';
import { makeMessenger } from './messenger.ts';
import { sdkLogger } from './redact.ts';
import { makeSharedBudget } from './shared-budget.ts';
import { makeSocket } from './socket.ts';

export interface SlackOptions extends Callbacks {
  botToken: string;
  /** Socket Mode; without it HTTP mode, which needs `signingSecret`. */
  appToken?: string;
  signingSecret?: string;
  /** `SLACK_API_URL`; left out: Slack's own. */
  apiUrl?: string;
  /** HTTP mode; default 3000. */
  port?: number;
  queues: Pick<Queues, 'intake'>;
  log: Log;
  /** What all bots together may ask of Slack; without it this process thinks itself alone, and `budget` is its own. */
  shared?: SharedBudget;
  budget?: BudgetOptions;
  /** Of the user groups, ms; default one minute. */
  groupsTtlMs?: number;
}

export interface Slack {
  ready(): boolean;
  /** Lets go of nothing that was begun: waits for it (at most 2.5 s), then hangs up. */
  close(): Promise<void>;
  channel: Channel;
  directory: Directory;
  botUserId: string;
  teamId: string;
  appId: string | undefined;
  scopes: string[];
  /** HTTP mode: the port it listens on. */
  port: number | undefined;
}

/** Leaves time for what is under way; the queue's own answer is awaited at most 2 s. */
const DRAIN_MS = 2_500;

/**
 * Connects to Slack and starts taking what it delivers. Slack out of reach: waits for it, so call it beside the rest of the start-up.
 * Rejects where the tokens can never work, or the port is taken. `closing` ends the waiting.
 */
export async function startSlack(options: SlackOptions, closing: () => boolean = () => false): Promise<Slack> {
  const { apiUrl, botToken, log } = options;
  const api = apiUrl === undefined ? {} : { apiUrl };
  const logger = sdkLogger(log);
  const clients = makeClients({ botToken, logger, ...api });
  const me = await whoAmI(clients, options.appToken, log, closing);
  const handles = makeHandles(api);
  const directory = makeDirectory({
    client: clients.interactive,
    teamId: me.teamId,
    log,
    ...(options.groupsTtlMs === undefined ? {} : { groupsTtlMs: options.groupsTtlMs }),
  });
  const deps: ListenerDeps = {
    queues: options.queues,
    clients,
    handles,
    directory,
    callbacks: options,
    botUserId: me.botUserId,
    teamId: me.teamId,
    log,
  };
  const transport = transportOf(options, logger, closing);
  const gate = makeGate({ receiver: transport.receiver, teamId: me.teamId, appId: me.appId, onEvent: makeEvents(deps), log });
  const budget = options.shared === undefined ? makeBudget(options.budget) : makeSharedBudget(options.shared, log);
  const app = await makeApp(gate.receiver, options, me, logger);
  register(app, deps);
  await transport.start();
  return {
    ready: transport.ready,
    async close() {
      await gate.idle(DRAIN_MS);
      await transport.close();
    },
    channel: makeMessenger({ clients, handles, budget, scopes: me.scopes, botUserId: me.botUserId, log }),
    directory,
    botUserId: me.botUserId,
    teamId: me.teamId,
    appId: me.appId,
    scopes: me.scopes,
    port: 'port' in transport ? transport.port() : undefined,
  };
}

function transportOf(options: SlackOptions, logger: ReturnType<typeof sdkLogger>, stopped: () => boolean) {
  if (options.appToken !== undefined) {
    const api = options.apiUrl === undefined ? {} : { apiUrl: options.apiUrl };
    return makeSocket({ appToken: options.appToken, logger, log: options.log, stopped, ...api });
  }
  if (options.signingSecret === undefined || options.signingSecret === '') throw new Error('HTTP mode needs SLACK_SIGNING_SECRET');
  return makeHttp({ signingSecret: options.signingSecret, port: options.port ?? 3000, logger });
}

/** `authorize` answers from what is known, so no event ever waits for auth.test; deferred, because a failing constructor would end the process. */
async function makeApp(
  receiver: Receiver,
  options: SlackOptions,
  me: { botId: string; botUserId: string; teamId: string },
  logger: ReturnType<typeof sdkLogger>,
): Promise<App> {
  const app = new App({
    receiver,
    logger,
    convoStore: false,
    deferInitialization: true,
    clientOptions: clientOptions({ logger, ...(options.apiUrl === undefined ? {} : { apiUrl: options.apiUrl }) }, 2_000),
    authorize: async () => ({ botToken: options.botToken, botId: me.botId, botUserId: me.botUserId, teamId: me.teamId }),
  });
  app.error(async (error) => {
    options.log.error({ error: error.name, code: error.code }, 'a listener failed');
  });
  await app.init();
  return app;
}
