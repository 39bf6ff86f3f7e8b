import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEV } from '../support/line.ts';
import { approveInTheEnd, openLane, type Lane, type Role } from './lane.ts';
import { judgeSuccess } from './stage.ts';

/**
 * The process is killed at a step of a request, before the step reached Redis, Slack or the cluster, or after it was carried out and before the
 * process learned of it; or it lives, and only the answer is lost. Whatever the step: one generation, one decision, one card that ends well, no thread entry twice, an audit without a gap.
 */
const LANES = 3;
const SEED = Number(process.env['REPULL_SEED'] ?? Date.now() % 100_000);
vi.setConfig({ maxConcurrency: LANES, testTimeout: 120_000, hookTimeout: 180_000 });

interface Point {
  at: string;
  role: Role;
  /** `lost`: carried out, and the process lives on without knowing. */
  when: 'before' | 'after' | 'lost';
  /** Arms it; resolves when it has struck. */
  arm: (lane: Lane, app: string) => Promise<void>;
}

const onRedis = (role: Role, at: string, match: (request: Buffer) => boolean): Point[] =>
  (['before', 'after', 'lost'] as const).map((when) => ({
    at,
    role,
    when,
    arm: (lane) => lane.ways[role].strikeAt(match, when === 'before' ? 'before' : 'after', () => when !== 'lost' && lane.kill(role)),
  }));
const holds =
  (...words: string[]) =>
  (request: Buffer): boolean =>
    words.every((word) => request.includes(word));
const matches =
  (pattern: RegExp) =>
  (request: Buffer): boolean =>
    pattern.test(request.toString('latin1'));

const onSlack = (at: string, method: string, isIt: (args: Record<string, unknown>) => boolean): Point[] =>
  (['before', 'after'] as const).map((when) => ({
    at,
    role: 'bot' as const,
    when,
    arm: (lane) =>
      new Promise<void>((resolve) => {
        const remove = lane.stage.line.slack.faults.add({
          method,
          when: ({ args }) => {
            if (!isIt(args)) return false;
            lane.kill('bot');
            // Not from within the list that is being walked.
            queueMicrotask(() => {
              remove();
              resolve();
            });
            return true;
          },
          do: { kind: when === 'before' ? 'reset' : 'commit-then-reset' },
        });
      }),
  }));

const onCluster: Point = {
  at: 'the patch of the template',
  role: 'worker',
  when: 'after',
  arm: (lane, app) =>
    new Promise((resolve) => {
      const stop = lane.stage.world.simulated?.cluster.onChange(({ resource, object }) => {
        if (resource !== 'deployments' || object.metadata.name !== app || (object.metadata.generation ?? 0) < 2) return;
        lane.kill('worker');
        stop?.();
        resolve();
      });
    }),
};

const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};
const chance = random(SEED);
const anywhere = (role: Role): Point => {
  const nth = 5 + Math.floor(chance() * 60);
  let seen = 0;
  // BullMQ's waiting reads and the probes of readiness come whether or not anything happens.
  const isWork = (request: Buffer) => !/bzpopmin|ping/i.test(request.toString('latin1')) && ++seen === nth;
  return {
    at: `command ${nth} to Redis`,
    role,
    when: 'after',
    arm: (lane) => lane.ways[role].strikeAt(isWork, 'after', () => lane.kill(role)),
  };
};

const POINTS: Point[] = [
  ...onRedis('bot', 'the command in the intake queue', holds('intake-command-')).filter((point) => point.when !== 'before'),
  ...onRedis('bot', 'the creation of the record', holds('"op":"create"')),
  ...onRedis('bot', 'the queue entry for planning', matches(/plan-[0-9A-Z]{6}-[0-9A-Z]{4}-1/)),
  ...onRedis('bot', 'the intent to post the card', holds('intent:card')),
  ...onSlack('the posting of the card', 'chat.postMessage', (args) => args['thread_ts'] === undefined),
  ...onRedis('bot', 'the note that the card is posted', holds('cardHash', '"ts"')),
  ...onRedis('bot', 'the note that Slack shows it all', holds('{repull}:dirty', '{repull}:delivery:')),
  ...onRedis('bot', 'the vote', holds('"actionId":"click-')),
  ...onRedis('bot', 'the queue entry for the rollout', matches(/roll-out-[0-9A-Z]{6}-[0-9A-Z]{4}/)),
  ...onSlack('an update of the card', 'chat.update', () => true),
  ...onSlack('the posting of a thread entry', 'chat.postMessage', (args) => args['thread_ts'] !== undefined),
  ...onRedis('worker', 'the plan', holds('"actionId":"plan-')),
  ...onRedis('worker', 'the start', holds('"actionId":"start-')),
  onCluster,
  ...onRedis('worker', "the worker's memory", holds('{repull}:memory:', '"told"')),
  ...onRedis('worker', 'the evidence', holds('{repull}:evidence:', '"podUid"')),
  ...onRedis('worker', 'what a look saw', holds('"actionId":"look-')),
  ...onRedis('worker', 'the end', holds('"actionId":"end-succeeded"')),
  ...onRedis('worker', 'the grace watch', matches(/grace-[0-9A-Z]{6}-[0-9A-Z]{4}/)),
  anywhere('bot'),
  anywhere('bot'),
  anywhere('worker'),
  anywhere('worker'),
];

describe(`killed at every step (REPULL_SEED=${SEED})`, () => {
  const free: Lane[] = [];
  let count = 0;
  beforeAll(async () => {
    free.push(...(await Promise.all(Array.from({ length: LANES }, openLane))));
  });
  afterAll(async () => {
    await Promise.all(free.map((lane) => lane.close()));
  });

  it.concurrent.each(POINTS)('$role, $when: $at', async ({ role, when, arm }) => {
    const lane = free.pop();
    if (lane === undefined) throw new Error('no lane is free');
    const { stage } = lane;
    const app = `struck-${++count}`;
    try {
      await stage.deploy(app);
      const fresh = await stage.push(app);
      const struck = arm(lane, app).then(() => (when === 'lost' ? undefined : lane.again(role)));
      await stage.line.slack.as(DEV).type('C0DEPLOYS1', `/repull ${app} prod`);
      await approveInTheEnd(stage, app);
      const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
      expect(card.text).toMatch(/pulled new/);
      const [request] = await stage.history(app);
      expect(request?.decisions.filter((decision) => decision.verdict === 'approve')).toHaveLength(1);
      await struck;
    } finally {
      free.push(lane);
    }
  });
});
