import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Log } from '../app/worker-deps.ts';
import type { Clients } from './clients.ts';
import { problemOf } from './errors.ts';

/** Who we are in Slack. */
export interface Identity {
  botUserId: string;
  botId: string;
  teamId: string;
  appId: string | undefined;
  scopes: string[];
}

const AuthTest = z.object({
  user_id: z.string(),
  bot_id: z.string(),
  team_id: z.string(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

const LONGEST_PAUSE_MS = 5_000;

/**
 * Asks until Slack answers. A token that Slack refuses is an error at once: no amount of asking makes it valid.
 * The app's id comes from the app token, which carries it (`xapp-1-A…-…`), else from bots.info.
 */
export async function whoAmI(clients: Clients, appToken: string | undefined, log: Log, stopped: () => boolean): Promise<Identity> {
  let pause = 250;
  for (;;) {
    try {
      const answer = AuthTest.parse(await clients.interactive.auth.test());
      const appId = /^xapp-\d+-(A[A-Z0-9]+)-/.exec(appToken ?? '')?.[1] ?? (await appIdOf(clients, answer.bot_id, log));
      return {
        botUserId: answer.user_id,
        botId: answer.bot_id,
        teamId: answer.team_id,
        appId,
        scopes: answer.response_metadata?.scopes ?? [],
      };
    } catch (error) {
      if (error instanceof z.ZodError) throw new Error('SLACK_BOT_TOKEN is not a bot token', { cause: error });
      const problem = problemOf(error);
      if (problem.because === 'channel-gone' || problem.because === 'refused') {
        throw new Error(`Slack refuses SLACK_BOT_TOKEN: ${problem.detail}`, { cause: error });
      }
      if (stopped()) throw error;
      log.warn({ because: problem.because, inMs: pause }, 'Slack cannot be reached yet, trying again');
      await wait(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }
}

async function appIdOf(clients: Clients, botId: string, log: Log): Promise<string | undefined> {
  try {
    return (await clients.interactive.bots.info({ bot: botId })).bot?.app_id;
  } catch (error) {
    log.warn({ because: problemOf(error).because }, 'Slack does not say which app this is; payloads are held to their workspace only');
    return undefined;
  }
}
