import { tellAnnouncement } from '../app/announce.ts';
import { answerInquiry } from '../app/answer-inquiry.ts';
import { askChoices } from '../app/ask-choices.ts';
import { askDetails, askHome, askVisible } from '../app/ask-home.ts';
import type { BotDeps } from '../app/bot-deps.ts';
import { expire, release } from '../app/clock.ts';
import { handleIntake } from '../app/intake.ts';
import { newId } from '../app/new-id.ts';
import { BackendAway, type Queues } from '../app/ports.ts';
import { reconcile, showNewPolicy, type Backlog } from '../app/reconcile.ts';
import { syncThread } from '../app/sync-thread.ts';
import type { Log } from '../app/worker-deps.ts';
import type { BotEnv } from '../config/env.ts';
import { zonedClock } from '../config/zoned-clock.ts';
import type { Metrics } from '../ops/metrics.ts';
import { BullQueues } from '../queue/producer.ts';
import { startClockWorker, startIntakeWorker, startSlackWorker } from '../queue/workers.ts';
import type { RunningWorker } from '../queue/run-worker.ts';
import { startSlack, type Slack } from '../slack/bolt.ts';
import { failAfterBug, tellOfBug, tellUnsigned } from './after-bug.ts';
import { openBackbone } from './backbone.ts';
import { queueHooks } from './hooks.ts';
import type { LivePolicy } from './live-policy.ts';
import { atMost, START_ENDS_WITHIN, untilItWorks, type Lacking, type Part } from './part.ts';
import { createSigner } from './signer.ts';

/** The Slack side: holds Slack's tokens and Redis, never cluster credentials. */
export function startBot(env: BotEnv, policy: LivePolicy, log: Log, metrics: Metrics): Part {
  const ended = new AbortController();
  const backbone = openBackbone(env, 'repull-bot', log);
  const onError = (error: Error) => log.warn({ problem: error.message }, 'queue');
  // A person waits for the intake, so it fails within 1.5 s; everything inside a job waits for Redis instead.
  const signer = env.jobKey === undefined ? undefined : createSigner(env.jobKey);
  const doorstep = new BullQueues(backbone.quick, { onError, ...(signer === undefined ? {} : { signIntake: signer.signIntake }) });
  const queues = new BullQueues(backbone.patient, { onError });
  const lacking: Lacking = new Map();
  let isTrusted = false;
  /** Slack is answered from the first moment; what cannot be entrusted to Redis is not accepted, and the person hears it within 3 s. */
  const door: Pick<Queues, 'intake'> = {
    async intake(intake, key) {
      if (!isTrusted) throw new BackendAway('redis', 'Redis has not answered since the start, or is not one that keeps what it is given');
      await doorstep.intake(intake, key);
    },
  };
  let slack: Slack | undefined;
  let workers: RunningWorker[] = [];

  let deps: BotDeps | undefined;
  const dependencies = ({ channel, directory, botUserId }: Slack): BotDeps => ({
    ...backbone.stores,
    deliveries: backbone.deliveries,
    queues,
    channel,
    directory,
    policy: policy.current,
    policyTrouble: policy.trouble,
    zoned: zonedClock,
    ...(signer === undefined ? {} : { signer }),
    newId: (now) => newId(now, Math.random),
    log,
    me: botUserId,
  });

  const consume = (deps: BotDeps): RunningWorker[] => {
    const hooks = {
      ...queueHooks(log, metrics),
      gaveUp: async (trouble: Parameters<typeof failAfterBug>[1]) => {
        await failAfterBug(deps, trouble);
        await tellOfBug(deps, trouble);
      },
    };
    return [
      startIntakeWorker(
        backbone.blocking,
        {
          intake: async (intake, key, { signature }) =>
            signer?.isIntakeSigned(intake, key, signature) === false ? tellUnsigned(deps, intake) : handleIntake(deps, intake, key),
        },
        hooks,
      ),
      startSlackWorker(
        backbone.blocking,
        {
          sync: (id, signal) => syncThread({ ...deps, signal }, id),
          answer: (id) => answerInquiry(deps, id),
          announce: (id, signal) => tellAnnouncement({ ...deps, signal }, id),
        },
        hooks,
      ),
      startClockWorker(
        backbone.blocking,
        { expire: (id) => expire(deps, id), release: (id) => release(deps, id), reconcile: async () => show(await reconcile(deps)) },
        hooks,
      ),
    ];
  };

  const show = (backlog: Backlog): void => {
    metrics.dirtyAge.set(backlog.unshownMs / 1000);
    metrics.openRequests.reset();
    for (const status of backlog.open) metrics.openRequests.inc({ status });
  };

  const connectRedis = async (): Promise<void> => {
    await untilItWorks('Redis', log, ended.signal, lacking, backbone.check);
    isTrusted = !ended.signal.aborted;
  };
  const connectSlack = async (): Promise<void> => {
    slack = await untilItWorks('Slack', log, ended.signal, lacking, () =>
      startSlack(
        { ...slackOptions(env), ...questions(() => deps), queues: door, log, shared: backbone.slackBudget },
        () => ended.signal.aborted,
      ),
    );
    if (slack === undefined) return;
    if (ended.signal.aborted) {
      await slack.close();
      return;
    }
    const exactlyOnce = slack.scopes.includes('channels:history') && slack.scopes.includes('groups:history');
    metrics.exactlyOnce.set(exactlyOnce ? 1 : 0);
    log.info(
      { exactlyOnce, scopes: slack.scopes },
      exactlyOnce ? 'Slack is connected' : 'Slack is connected; without history scopes a lost reply can lead to a second card',
    );
  };
  const begun = (async () => {
    await Promise.all([connectRedis(), connectSlack()]);
    if (slack === undefined || !isTrusted || ended.signal.aborted) return;
    deps = dependencies(slack);
    workers = consume(deps);
    const here = deps;
    // What is missed here, the reconcile finds.
    policy.onChange(
      () => void showNewPolicy(here).catch((problem: unknown) => log.warn({ problem: String(problem) }, 'waiting cards not shown anew')),
    );
  })();

  return {
    async unready() {
      const problems = await backbone.unready(lacking);
      const why = lacking.get('Slack');
      if (slack === undefined || !slack.ready()) problems.push(`Slack is not connected${why === undefined ? '' : `: ${why}`}`);
      if (workers.length === 0) problems.push('not consuming yet');
      return problems;
    },
    async close() {
      ended.abort();
      await atMost(START_ENDS_WITHIN, begun);
      // First the door, then what is in hand, then the connections.
      await slack?.close();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([doorstep.close(), queues.close()]);
      backbone.close();
    },
  };
}

/** What a listener must know within Slack's 3 s. Until everything stands, nothing is offered and nothing is shown. */
const questions = (deps: () => BotDeps | undefined) => ({
  details: async (id: string, user: string, team: string, place: { channel: string; message: string }) =>
    answered(deps(), (it) => askDetails(it, id, user, team, place)),
  visible: async (user: string, team: string, channel: string) => answered(deps(), (it) => askVisible(it, user, team, channel)),
  choices: async (who: { user: string; team: string; channel: string }, chosen: { app?: string; environment?: string }) =>
    answered(deps(), (it) => askChoices(it, who, chosen)),
  home: async (user: string, team: string) => answered(deps(), (it) => askHome(it, user, team)),
});

async function answered<T>(deps: BotDeps | undefined, ask: (deps: BotDeps) => Promise<T>): Promise<T> {
  if (deps === undefined) throw new BackendAway('slack', 'still starting');
  return ask(deps);
}

const slackOptions = (env: BotEnv) => ({
  botToken: env.slackBotToken,
  ...(env.slackAppToken === undefined ? {} : { appToken: env.slackAppToken }),
  ...(env.slackSigningSecret === undefined ? {} : { signingSecret: env.slackSigningSecret }),
  ...(env.slackApiUrl === undefined ? {} : { apiUrl: env.slackApiUrl }),
  port: env.port,
});
