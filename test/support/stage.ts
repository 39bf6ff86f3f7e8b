import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { messageText } from '../../src/playground/slack/render-text.ts';
import type { MessageView } from '../../src/playground/slack/types.ts';
import { chartKubeconfig, removeChartRights, run } from './chart-rights.ts';
import { readHistory, type HistoryLine } from './history.ts';
import { DEPLOYS, DEV, SRE, startLine, type Line } from './line.ts';
import { until } from './until.ts';
import { appManifest, createNamespace, podsOf, realWorld, type AppOptions, type Json, type PushedImage, type World } from './world.ts';

/**
 * The whole product on a real cluster, for many apps side by side: bot and worker processes, Redis, Bolt on the local Slack. The worker has exactly
 * the rights of the chart's Roles. Environments: `staging` (no votes), `prod` (one vote of sre). Apps need no entry: they are found by name.
 */
export interface Stage {
  world: World;
  line: Line;
  namespace: string;
  /** `registry/namespace/app:tag`. */
  image(app: string, tag?: string): string;
  push(app: string, options?: { tag?: string; version?: string; crash?: boolean; index?: boolean; size?: number }): Promise<PushedImage>;
  /** Pushes `v1` of the app, creates its workload and waits until all its pods are ready. */
  start(app: string, options?: Omit<AppOptions, 'image'>): Promise<PushedImage>;
  /** Any objects, server-side as administrator; `manager` is the field manager. */
  apply(objects: object | object[], manager?: string): Promise<void>;
  /** kubectl as administrator, in the namespace of the stage. */
  kubectl(...args: string[]): Promise<string>;
  object(kind: string, name: string): Promise<Json>;
  ready(app: string, count: number, seconds?: number): Promise<void>;
  /** Living pods. */
  pods(app: string): ReturnType<typeof podsOf>;
  /** Digests that the living pods show. */
  digests(app: string): Promise<string[]>;
  say(text: string, user?: string): Promise<void>;
  /** The newest card of the app, or the newest answer that only the asker sees. Matches names whole: `a` is not `a-b`. */
  card(app: string): MessageView | undefined;
  answer(app: string): { message: MessageView; text: string } | undefined;
  /** Waits until the newest card or answer of the app says this; the text that a person sees. */
  shows(app: string, pattern: RegExp, seconds?: number): Promise<string>;
  /** Asks and waits for the end, whichever it is: the text of the final card or of the refusal. */
  repull(app: string, more?: string, seconds?: number): Promise<string>;
  /** What `--dry-run` answers: the plan, or the refusal. */
  plan(app: string, more?: string): Promise<string>;
  /** All entries of the thread of the newest card, oldest first. */
  thread(app: string): string[];
  /** Lines of `repull history --json` about this app, newest first. */
  history(app: string): Promise<HistoryLine[]>;
  approve(app: string): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Further YAML of the policy file: apps, for example. */
  policy?: (namespace: string) => string;
  /** Replaces the lines of the environment `staging` behind its namespaces. */
  staging?: string;
  namespaces?: (own: string) => string[];
  env?: Record<string, string>;
  open?: () => Promise<World>;
}

const END = /\b(Succeeded|Failed|Refused|Denied|Expired|Cancelled|Superseded|Rejected)\b/;

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const world = await (options.open ?? realWorld)();
  const namespace = `stage-${randomBytes(3).toString('hex')}`;
  const namespaces = [namespace, ...(options.namespaces?.(namespace) ?? [])];
  for (const each of namespaces) await createNamespace(world, each);
  const kubeconfig = world.kind === 'real' ? await chartKubeconfig(world, namespace, namespaces) : world.kubeconfig;
  const removeWorld = async () => {
    for (const each of namespaces) await world.request('DELETE', `/api/v1/namespaces/${each}`);
    if (world.kind === 'real') await removeChartRights(namespace);
    await world.close();
  };
  const line = await startLine({ policy: policyFor(namespaces, options), kubeconfig, ...(options.env ? { env: options.env } : {}) }).catch(
    async (problem: unknown) => {
      await removeWorld();
      throw problem;
    },
  );
  const kubectl = (...args: string[]) => run('kubectl', ['-n', namespace, ...args]);
  const image = (app: string, tag = 'v1') => `${world.registry}/${namespace}/${app}:${tag}`;
  const pods = async (app: string) => (await podsOf(world, namespace, app)).filter((pod) => !pod.deleting);

  const about = (app: string) => {
    const named = new RegExp(`(?<![\\w-])${app}(?![\\w-])`);
    return line.slack
      .view(DEV, DEPLOYS)
      .messages.filter((message) => message.isBot && message.threadTs === undefined && named.test(messageText(message)));
  };
  const card = (app: string) => about(app).findLast((message) => message.ephemeral !== true);
  const answer = (app: string) => {
    const message = about(app).findLast((each) => each.ephemeral === true);
    return message === undefined ? undefined : { message, text: messageText(message) };
  };
  const newest = (app: string) => {
    const message = about(app).at(-1);
    return message === undefined ? undefined : messageText(message);
  };
  const shows = (app: string, pattern: RegExp, seconds = 90) =>
    line.slack.waitFor(
      () =>
        about(app)
          .map(messageText)
          .findLast((text) => pattern.test(text)),
      {
        seconds,
        what: `${app} shows ${pattern}; it shows: ${newest(app) ?? 'nothing'}`,
      },
    );
  const say = async (text: string, user = DEV) => {
    const outcome = await line.slack.as(user).type(DEPLOYS, text);
    expect(outcome.error, `Slack's answer to ${text}`).toBeUndefined();
  };
  const apply = async (objects: object | object[], manager = 'test') => {
    const items = Array.isArray(objects) ? objects : [objects];
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await run('kubectl', ['-n', namespace, 'apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', '-'], list);
  };
  const ready = async (app: string, count: number, seconds = 120) => {
    await until(
      async () => {
        const living = await pods(app);
        return living.length === count && living.every((pod) => pod.ready);
      },
      { what: `${count} ready pods of ${app}`, withinMs: seconds * 1000, everyMs: 250 },
    );
  };
  const push: Stage['push'] = async (app, { tag = 'v1', ...more } = {}) => world.push(`${namespace}/${app}:${tag}`, more);

  return {
    world,
    line,
    namespace,
    image,
    push,
    async start(app, more = {}) {
      const pushed = await push(app);
      const replicas = more.replicas ?? 2;
      await apply(appManifest(namespace, app, { image: image(app), pullPolicy: 'Always', ...more, replicas }));
      await ready(app, more.kind === 'DaemonSet' ? 2 : replicas);
      return pushed;
    },
    apply,
    kubectl,
    object: async (kind, name) => JSON.parse(await kubectl('get', kind, name, '-o', 'json', '--show-managed-fields')) as Json,
    ready,
    pods,
    digests: async (app) => [...new Set((await pods(app)).map((pod) => pod.digest ?? ''))],
    say,
    card,
    answer,
    shows,
    async repull(app, more = '', seconds = 120) {
      const before = about(app).at(-1)?.ts ?? '';
      await say(`/repull ${app} staging ${more}`.trim());
      return await line.slack.waitFor(
        () =>
          about(app)
            .filter(({ ts }) => ts > before)
            .map(messageText)
            .findLast((text) => END.test(text.split('\n')[0] ?? '')),
        { seconds, what: `the end of /repull ${app} staging ${more}; it shows: ${newest(app) ?? 'nothing'}` },
      );
    },
    async plan(app, more = '') {
      await say(`/repull ${app} staging ${more} --dry-run`);
      return await shows(app, /^\W*(Dry run|Refused)/);
    },
    thread: (app) => (card(app)?.replies ?? []).map(messageText),
    history: async (app) => (await readHistory(line.redis.url)).filter((each) => each.app === app),
    async approve(app) {
      await shows(app, /Waiting for approval/);
      await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card(app)?.ts ?? '' }, 'approve');
    },
    async close() {
      await line.close();
      await removeWorld();
    },
  };
}

const policyFor = (namespaces: string[], { policy, staging }: StageOptions): string => `
environments:
  staging:
    cluster: test
    namespaces: [${namespaces.join(', ')}]
${staging ?? ''}
  prod:
    cluster: test
    namespaces: [${namespaces.join(', ')}]
    approval: { votes: 1, from: [sre], self: false, expires: 30m }
groups:
  sre: { user-groups: [S0SRE00001] }
roles:
  developer: { verbs: [view, request, cancel, rollback], environments: ["*"], apps: ["*"] }
  operator: { verbs: ["*"], environments: ["*"], apps: ["*"] }
bindings:
  - { role: developer, groups: [everyone], channels: [${DEPLOYS}] }
  - { role: operator, groups: [sre], channels: ["*"] }
${policy?.(namespaces[0] ?? '') ?? 'apps: {}'}
`;
