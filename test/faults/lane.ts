import { DEPLOYS, SRE, workspace } from '../support/line.ts';
import { faultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import type { Running } from '../support/process.ts';
import { openStage, type Stage } from './stage.ts';

export type Role = 'bot' | 'worker';

/** A stage with one bot and one worker, each with a way of its own to Redis on which it can be struck at a command of our choice. */
export interface Lane {
  stage: Stage;
  ways: Record<Role, FaultProxy>;
  /** SIGKILL, at once; a process of the same role is started again by `again`. */
  kill(role: Role): void;
  again(role: Role): Promise<void>;
  close(): Promise<void>;
}

const SCOPES = ['commands', 'chat:write', 'app_mentions:read', 'usergroups:read', 'users:read', 'channels:read', 'groups:read'];

/** With history scopes, so that "exactly one card" may be asked for whatever is lost. */
export async function openLane(): Promise<Lane> {
  const seed = { ...workspace, app: { scopes: [...SCOPES, 'channels:history', 'groups:history'] } };
  const stage = await openStage({ bots: 0, workers: 0, slack: { workspace: seed, rateLimits: { scale: 100 } } });
  const ways = { bot: await faultProxy(stage.line.redis.port), worker: await faultProxy(stage.line.redis.port) };
  const living: Record<Role, Running | undefined> = { bot: undefined, worker: undefined };
  const start = async (role: Role): Promise<void> => {
    const env = { REDIS_URL: `redis://127.0.0.1:${ways[role].port}` };
    const each = await (role === 'bot' ? stage.line.startBot(env) : stage.line.startWorker(env));
    living[role] = each;
    await each.untilReady(60);
  };
  await Promise.all([start('bot'), start('worker')]);
  return {
    stage,
    ways,
    kill: (role) => living[role]?.kill('SIGKILL'),
    async again(role) {
      await living[role]?.exited;
      await start(role);
    },
    async close() {
      await stage.close();
      await Promise.all([ways.bot.close(), ways.worker.close()]);
    },
  };
}

/** Approves as a person would who gets no answer: looks, clicks, and clicks again some seconds later where the card still waits. */
export async function approveInTheEnd(stage: Stage, app: string): Promise<void> {
  for (;;) {
    const waiting = await stage.line.slack.waitFor(() => stage.cards(app).find((card) => /^\W*[A-Z]/.test(card.text)), {
      what: `a card of ${app}`,
      seconds: 60,
    });
    if (!/Waiting for approval|Planning/.test(waiting.text.split('\n')[0] ?? '')) return;
    await stage.line.slack
      .as(SRE)
      .click({ channelId: DEPLOYS, ts: waiting.ts }, 'approve')
      .catch(() => undefined);
    const moved = () => stage.cards(app).some((card) => !/Waiting for approval/.test(card.text.split('\n')[0] ?? ''));
    if (
      await stage.line.slack.waitFor(moved, { what: 'the click to do something', seconds: 6 }).then(
        () => true,
        () => false,
      )
    )
      return;
  }
}
