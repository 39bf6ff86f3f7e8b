import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { MessageView } from '../../src/playground/slack/types.ts';
import { readHistory, type HistoryLine } from '../support/history.ts';
import { DEPLOYS, DEV, SRE, startLine, type Line, type LineOptions } from '../support/line.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import {
  appManifest,
  create,
  createNamespace,
  pathOf,
  podsOf,
  simulatedWorld,
  type AppOptions,
  type Json,
  type World,
} from '../support/world.ts';

/** An entry of the audit stream. */
export interface Audited {
  id: string;
  from: string;
  to: string;
  actor: string;
  version: number;
}

export interface StageOptions extends Partial<LineOptions> {
  timeScale?: number;
  /** Changes the policy that every other test has. */
  policyOf?: (policy: string) => string;
}

/** The product on a simulated cluster, and the two places where the outcome is judged: what Slack shows and what the cluster holds. */
export interface Stage {
  world: World;
  line: Line;
  namespace: string;
  /** Runs an app of its own; resolves when its pods are ready. */
  deploy(app: string, options?: Omit<AppOptions, 'image'>): Promise<{ digest: string; ref: string }>;
  /** A new build under the same tag. */
  push(app: string): Promise<{ digest: string; ref: string }>;
  say(user: string, text: string): Promise<void>;
  /** Cards of this app (not ephemeral, not in a thread), oldest first. */
  cards(app: string): MessageView[];
  untilCard(app: string, pattern: RegExp, seconds?: number): Promise<MessageView>;
  generation(app: string): Promise<number>;
  /** The request id that the template carries. */
  stamp(app: string): Promise<string | undefined>;
  pods(app: string): ReturnType<typeof podsOf>;
  history(app: string): Promise<HistoryLine[]>;
  audit(id: string): Promise<Audited[]>;
  /** approve as somebody of sre. */
  approve(app: string, user?: string): Promise<MessageView>;
  close(): Promise<void>;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { timeScale = 0.1, policyOf = (policy) => policy, ...lineOptions } = options;
  const namespace = `faults-${randomBytes(3).toString('hex')}`;
  const world = await simulatedWorld(timeScale);
  await createNamespace(world, namespace);
  const line = await startLine({ policy: policyOf(policyFor(namespace)), kubeconfig: world.kubeconfig, ...lineOptions });
  const object = async (app: string): Promise<Json> => (await world.request('GET', pathOf('Deployment', namespace, app))).body;
  const cards = (app: string): MessageView[] => {
    const named = new RegExp(`(?<![\\w-])${app}(?![\\w-])`);
    return line.slack
      .view(DEV, DEPLOYS)
      .messages.filter((message) => message.isBot && !message.ephemeral && message.threadTs === undefined && named.test(message.text));
  };
  const untilCard = (app: string, pattern: RegExp, seconds = 60) =>
    line.slack.waitFor(() => cards(app).find((card) => pattern.test(card.text)), {
      seconds,
      what: `a card of ${app} that says ${pattern}`,
    });

  return {
    world,
    line,
    namespace,
    async deploy(app, more = {}) {
      const pushed = await world.push(`${namespace}/${app}:v1`);
      const replicas = more.replicas ?? 2;
      await create(world, appManifest(namespace, app, { image: pushed.ref, pullPolicy: 'Always', ...more, replicas }));
      await until(async () => (await podsOf(world, namespace, app)).filter((pod) => pod.ready).length === replicas, {
        what: `${app} runs`,
        withinMs: 30_000,
        everyMs: 50,
      });
      return pushed;
    },
    push: (app) => world.push(`${namespace}/${app}:v1`),
    async say(user, text) {
      const outcome = await line.slack.as(user).type(DEPLOYS, text);
      expect(outcome.error, `Slack's answer to ${text}`).toBeUndefined();
    },
    cards,
    untilCard,
    generation: async (app) => (await object(app)).metadata.generation as number,
    stamp: async (app) => {
      const annotations = (await object(app)).spec.template.metadata.annotations as Record<string, string> | undefined;
      return Object.entries(annotations ?? {}).find(([key]) => key.startsWith('repull'))?.[1];
    },
    pods: (app) => podsOf(world, namespace, app),
    history: async (app) => (await readHistory(line.redis.url)).filter((each) => each.app === app),
    audit: (id) => readAudit(line.redis.url, id),
    async approve(app, user = SRE) {
      const card = await untilCard(app, /Waiting for approval/);
      await line.slack.as(user).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
      return card;
    },
    async close() {
      await line.close();
      await world.close();
    },
  };
}

async function readAudit(url: string, id: string): Promise<Audited[]> {
  const redis = new Redis(url);
  try {
    const entries = await redis.xrange('{repull}:audit', '-', '+');
    return entries
      .map(([, flat]) => Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []))))
      .filter((entry) => entry['id'] === id)
      .map((entry) => ({
        id,
        from: entry['from'] ?? '',
        to: entry['to'] ?? '',
        actor: entry['actor'] ?? '',
        version: Number(entry['version']),
      }));
  } finally {
    redis.disconnect();
  }
}

const TERMINAL = ['refused', 'denied', 'rejected', 'expired', 'cancelled', 'succeeded', 'failed', 'superseded'];

/**
 * Promises 1, 2 and 4 of product.md §9 for one request that should have succeeded: one terminal state, one final card, each thread entry once,
 * the workload changed exactly once and by this request, every pod on the new digest, an audit that tells the whole way.
 */
export async function judgeSuccess(
  stage: Stage,
  app: string,
  expected: { generation: number; digest: string; cardsAtMost?: number },
): Promise<MessageView> {
  const final = await stage.untilCard(app, /Succeeded/);
  const settled = async () => {
    const pods = (await stage.pods(app)).filter((pod) => !pod.deleting);
    return pods.length > 0 && pods.every((pod) => pod.ready && pod.digest === expected.digest);
  };
  await until(settled, { what: `every pod of ${app} runs the new digest`, withinMs: 20_000, everyMs: 50 });
  expect(await stage.generation(app), 'generation: changed exactly once').toBe(expected.generation);
  const requests = await stage.history(app);
  expect(
    requests.map((each) => each.state),
    'one request, one end',
  ).toEqual(['succeeded']);
  const id = requests[0]?.id ?? '';
  expect(await stage.stamp(app)).toBe(id);
  judgeAudit(await stage.audit(id));
  // Everything that was to be said has been said: only then can something be there twice.
  await until(() => shown(stage.line.redis.url, id), { what: `Slack shows all of ${id}`, withinMs: 40_000, everyMs: 200 });
  const cards = stage.cards(app);
  expect(cards.length, `cards: ${cards.map((card) => card.text.split('\n')[0]).join(' | ')}`).toBeLessThanOrEqual(
    expected.cardsAtMost ?? 1,
  );
  const last = cards.find((card) => card.ts === final.ts) ?? final;
  expect(last.text).toMatch(/Succeeded/);
  if (expected.cardsAtMost === undefined) judgeThread(last);
  return last;
}

async function shown(url: string, id: string): Promise<boolean> {
  const redis = new Redis(url);
  try {
    return (await redis.zscore('{repull}:dirty', id)) === null;
  } finally {
    redis.disconnect();
  }
}

/** Every move begins where the one before it ended, and exactly one enters a terminal state. */
export function judgeAudit(entries: Audited[]): void {
  let at = '';
  for (const entry of entries) {
    expect(entry.from, 'the audit has no gap').toBe(at);
    at = entry.to;
  }
  const ends = entries.filter((entry) => TERMINAL.includes(entry.to) && entry.from !== entry.to);
  expect(ends.map((entry) => entry.to)).toHaveLength(1);
}

/** Each thread entry is a post with a key of its own; none may be there twice. */
export function judgeThread(card: MessageView): void {
  const keys = card.replies.filter((reply) => reply.isBot).map((reply) => String(reply.metadata?.event_payload['key']));
  expect(keys, 'no thread entry twice').toEqual([...new Set(keys)]);
  const texts = card.replies.map((reply) => reply.text);
  expect(texts, 'nothing is said twice').toEqual([...new Set(texts)]);
}
