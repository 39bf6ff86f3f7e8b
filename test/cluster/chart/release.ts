import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startLocalSlack } from '../../../src/playground/slack/start.ts';
import type { LocalSlack } from '../../../src/playground/slack/types.ts';
import { workspace } from '../../support/line.ts';
import { until } from '../../support/until.ts';
import { create, createNamespace, pathOf, type Json, type World } from '../../support/world.ts';
import { baseImages, buildImage, run } from './image.ts';
import { openRoad, porter } from './road.ts';

/** The chart installed with Helm: Redis, two bots and two workers as pods. The local Slack runs in this process. */
export interface Release {
  namespace: string;
  /** Where the worker may work. */
  apps: string;
  slack: LocalSlack;
  kubectl(...args: string[]): Promise<string>;
  pods(component: 'bot' | 'worker'): Promise<Json[]>;
  /** Runs JavaScript in a container and answers what it wrote. */
  evaluate(pod: string, container: string, code: string): Promise<string>;
  upgrade(policy: string): Promise<void>;
  uninstall(): Promise<void>;
  close(): Promise<void>;
}

const HELM = 'test/cluster/helm';
const NAME = 'repull';
/** All on one node: pods on different nodes do not reach each other here. */
const NODE = { 'repull.test/node': '1' };

export async function install(world: World, policyFor: (apps: string) => string): Promise<Release> {
  const namespace = `chart-${randomBytes(3).toString('hex')}`;
  const apps = `${namespace}-apps`;
  const undo: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of undo.toReversed()) await step();
  };
  const kubectl = (...args: string[]) => run('kubectl', ['-n', namespace, ...args]);
  try {
    const image = await buildImage(world.registry, namespace);
    undo.push(image.remove);
    await baseImages(world.registry);
    for (const name of [namespace, apps]) {
      await createNamespace(world, name);
      undo.push(() => world.request('DELETE', `/api/v1/namespaces/${name}`));
    }
    const redis = await startRedisPod(world, namespace);
    const gateway = redis.replace(/\d+$/, '1');
    const slack = await startLocalSlack({ workspace, rateLimits: { scale: 20 } });
    undo.push(() => slack.close());
    const ways = async (...ports: number[]) => {
      const opened = new Map(await Promise.all(ports.map(async (port) => [port, await openRoad(gateway, port)] as const)));
      for (const road of opened.values()) undo.push(() => road.close());
      return opened;
    };
    await kubectl(
      'create',
      'secret',
      'generic',
      'slack',
      `--from-literal=SLACK_BOT_TOKEN=${slack.botToken}`,
      `--from-literal=SLACK_APP_TOKEN=${slack.appToken}`,
    );

    const api = portOf((parse(world.kubeconfig) as { clusters: { cluster: { server: string } }[] }).clusters[0]?.cluster.server ?? '');
    const ref = `${image.repository}:${image.tag}`;
    const values = {
      image: { repository: image.repository, tag: image.tag },
      redis: { url: `redis://${redis}:6379` },
      policy: policyFor(apps),
      nodeSelector: NODE,
      bot: { slackSecret: 'slack', slackApiUrl: slack.apiUrl, extraContainers: [porter(ref, gateway, await ways(portOf(slack.apiUrl)))] },
      worker: {
        cluster: 'test',
        namespaces: [apps],
        extraEnv: [
          { name: 'KUBERNETES_SERVICE_HOST', value: '127.0.0.1' },
          { name: 'KUBERNETES_SERVICE_PORT', value: String(api) },
        ],
        extraContainers: [porter(ref, gateway, await ways(api, portOf(`http://${world.registry}`)))],
      },
    };
    const dir = mkdtempSync(join(tmpdir(), 'repull-chart-'));
    undo.push(async () => rmSync(dir, { recursive: true, force: true }));
    const helm = async (verb: string, policy: string) => {
      const file = join(dir, 'values.yaml');
      writeFileSync(file, JSON.stringify({ ...values, policy }));
      await run(HELM, [verb, NAME, 'helm/repull', '-n', namespace, '-f', file, '--wait', '--timeout', '150s']).catch(
        async (error: unknown) => {
          throw new Error(`${String(error)}\n${await troubles(kubectl)}`, { cause: error });
        },
      );
    };
    const uninstall = async () => void (await run(HELM, ['uninstall', NAME, '-n', namespace, '--wait', '--ignore-not-found']));
    undo.push(uninstall);
    await helm('install', values.policy);
    return {
      namespace,
      apps,
      slack,
      kubectl,
      async pods(component) {
        const { body } = await world.request(
          'GET',
          `${pathOf('Pod', namespace)}?labelSelector=app.kubernetes.io%2Fcomponent%3D${component}`,
        );
        return body.items as Json[];
      },
      evaluate: async (pod, container, code) => (await kubectl('exec', pod, '-c', container, '--', 'node', '-e', code)).trim(),
      upgrade: (policy) => helm('upgrade', policy),
      uninstall,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const portOf = (url: string): number => Number(new URL(url).port);

/** As docs/install.md asks for it. @returns its address */
async function startRedisPod(world: World, namespace: string): Promise<string> {
  const command = ['redis-server', '--dir', '/data', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--protected-mode', 'no'];
  const container = { name: 'redis', image: `${world.registry}/redis:7`, command };
  const spec = {
    nodeSelector: NODE,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [container],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'redis', namespace }, spec };
  // A namespace has its default service account a moment after it is there.
  await until(async () => (await world.request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status === 200, {
    what: 'the default service account',
    withinMs: 30_000,
    everyMs: 100,
  });
  await create(world, pod);
  const running = await until(
    async () => {
      const { body } = await world.request('GET', pathOf('Pod', namespace, 'redis'));
      return (body.status?.containerStatuses?.[0]?.ready as boolean | undefined) === true ? (body.status.podIP as string) : undefined;
    },
    { what: 'the Redis pod runs', withinMs: 60_000, everyMs: 200 },
  );
  return running;
}

/** What somebody would look at who finds the installation hanging. */
async function troubles(kubectl: (...args: string[]) => Promise<string>): Promise<string> {
  const looks = [
    ['get', 'pods', '-o', 'wide'],
    ['get', 'events', '--sort-by=.lastTimestamp', '-o', 'custom-columns=R:.reason,O:.involvedObject.name,M:.message'],
    ['logs', '-l', 'app.kubernetes.io/component=bot', '-c', 'bot', '--tail=15'],
    ['logs', '-l', 'app.kubernetes.io/component=worker', '-c', 'worker', '--tail=15'],
  ];
  return (await Promise.all(looks.map((look) => kubectl(...look).catch(String)))).join('\n');
}
