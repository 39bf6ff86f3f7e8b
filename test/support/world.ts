import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';
import { startSimulatedCluster, startSimulatedRegistry } from '../../src/playground/cluster/start.ts';
import type { SimulatedCluster, SimulatedRegistry } from '../../src/playground/cluster/types.ts';

/** What an API server answers, read field by field in tests; a wrong guess is `undefined`, and the assertion fails. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface PushedImage {
  ref: string;
  digest: string;
}

/** A cluster and its registry as a test holds them in hand: the simulated one, or the real one. Objects are plain JSON. */
export interface World {
  readonly kind: 'simulated' | 'real';
  readonly kubeconfig: string;
  readonly registry: string;
  push(repoTag: string, options?: { version?: string; crash?: boolean; index?: boolean; size?: number }): Promise<PushedImage>;
  request(method: string, path: string, body?: unknown, type?: string): Promise<{ status: number; body: Json }>;
  /** Lines of a watch, until `stop` is called. */
  watch(path: string, onEvent: (event: Json) => void): { stop(): Promise<void> };
  readonly simulated?: { cluster: SimulatedCluster; registry: SimulatedRegistry };
  close(): Promise<void>;
}

interface KubeConfigFile {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

const plain = (data: string | undefined): string | undefined => (data === undefined ? undefined : Buffer.from(data, 'base64').toString());

function requester(kubeconfig: string) {
  const file = parse(kubeconfig) as KubeConfigFile;
  const cluster = file.clusters[0]?.cluster;
  const user = file.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error('kubeconfig names no cluster or no user');
  const cert = plain(user['client-certificate-data']);
  const key = plain(user['client-key-data']);
  const ca = plain(cluster['certificate-authority-data']);
  const agent = new Agent({
    connect: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
  });
  const request: World['request'] = async (method, path, body, type = 'application/json') => {
    const response = await fetch(`${cluster.server}${path}`, {
      method,
      dispatcher: agent,
      headers: { 'content-type': type, ...(user.token === undefined ? {} : { authorization: `Bearer ${user.token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const watch: World['watch'] = (path, onEvent) => {
    const ending = new AbortController();
    const headers = user.token === undefined ? {} : { authorization: `Bearer ${user.token}` };
    const read = async () => {
      const response = await fetch(`${cluster.server}${path}`, { dispatcher: agent, headers, signal: ending.signal });
      let rest = '';
      for await (const chunk of response.body ?? []) {
        const lines = (rest + Buffer.from(chunk).toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onEvent(JSON.parse(line));
      }
    };
    const done = read().catch((problem: unknown) => {
      if (!ending.signal.aborted) throw problem;
    });
    return {
      async stop() {
        ending.abort();
        await done;
      },
    };
  };
  return { request, watch, close: () => agent.destroy() };
}

export async function simulatedWorld(timeScale = 0.2): Promise<World> {
  const registry = await startSimulatedRegistry();
  const cluster = await startSimulatedCluster({ registry, timeScale });
  const kubeconfig = cluster.kubeconfig();
  const api = requester(kubeconfig);
  return {
    kind: 'simulated',
    kubeconfig,
    registry: registry.host,
    push: async (repoTag, options = {}) => registry.push(`${registry.host}/${repoTag}`, options),
    request: api.request,
    watch: api.watch,
    simulated: { cluster, registry },
    async close() {
      await api.close();
      await cluster.close();
      await registry.close();
    },
  };
}

/** Needs what `test/cluster/up` prints: KUBECONFIG, REPULL_TEST_REGISTRY, REPULL_TEST_APP. */
export async function realWorld(): Promise<World> {
  const file = process.env['KUBECONFIG'];
  const registry = process.env['REPULL_TEST_REGISTRY'];
  if (file === undefined || registry === undefined) throw new Error('no real cluster: run "npm run test:cluster", which brings one up');
  const kubeconfig = readFileSync(file, 'utf8');
  const api = requester(kubeconfig);
  return {
    kind: 'real',
    kubeconfig,
    registry,
    async push(repoTag, options = {}) {
      const args = [`${registry}/${repoTag}`];
      if (options.version !== undefined) args.push('--version', options.version);
      if (options.crash === true) args.push('--crash');
      if (options.index === true) args.push('--index');
      if (options.size !== undefined) args.push('--size', String(options.size));
      const { stdout } = await promisify(execFile)(process.execPath, ['test/cluster/push.mjs', ...args]);
      return JSON.parse(stdout) as PushedImage;
    },
    request: api.request,
    watch: api.watch,
    close: async () => {
      await api.close();
    },
  };
}

export interface AppOptions {
  kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet';
  image: string;
  pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  replicas?: number;
  env?: Record<string, string>;
  spec?: Record<string, unknown>;
  /** Further fields of the pod's spec, and of its container. */
  pod?: Record<string, unknown>;
  container?: Record<string, unknown>;
}

/** A workload of the test image that starts and ends fast. */
export function appManifest(namespace: string, name: string, options: AppOptions) {
  const kind = options.kind ?? 'Deployment';
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: options.replicas ?? 2 }),
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          ...options.pod,
          containers: [
            {
              name: 'app',
              image: options.image,
              ...(options.pullPolicy === undefined ? {} : { imagePullPolicy: options.pullPolicy }),
              env: Object.entries(options.env ?? {}).map(([key, value]) => ({ name: key, value })),
              // Of startup, not of readiness: an exec every second for each pod, for ever, keeps a small machine busy with nothing else.
              startupProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1, failureThreshold: 120 },
              ...options.container,
            },
          ],
        },
      },
      ...options.spec,
    },
  };
}

const PLURAL: Record<string, string> = {
  Deployment: 'apis/apps/v1/namespaces/NS/deployments',
  ReplicaSet: 'apis/apps/v1/namespaces/NS/replicasets',
  StatefulSet: 'apis/apps/v1/namespaces/NS/statefulsets',
  DaemonSet: 'apis/apps/v1/namespaces/NS/daemonsets',
  PodDisruptionBudget: 'apis/policy/v1/namespaces/NS/poddisruptionbudgets',
  Pod: 'api/v1/namespaces/NS/pods',
  Secret: 'api/v1/namespaces/NS/secrets',
};

export const pathOf = (kind: string, namespace: string, name?: string): string =>
  `/${(PLURAL[kind] ?? '').replace('NS', namespace)}${name === undefined ? '' : `/${name}`}`;

export async function createNamespace(world: World, name: string): Promise<void> {
  await world.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export async function create(world: World, manifest: { kind: string; metadata: { namespace: string } }): Promise<void> {
  const { status, body } = await world.request('POST', pathOf(manifest.kind, manifest.metadata.namespace), manifest);
  if (status >= 300) throw new Error(`could not create ${manifest.kind}: ${status} ${JSON.stringify(body)}`);
}

export interface PodSeen {
  name: string;
  uid: string;
  ready: boolean;
  deleting: boolean;
  digest: string | undefined;
}

/** Follows an app's pods by a watch; `least` is the smallest number that was ready at once since it began. */
export async function followReady(world: World, namespace: string, app: string): Promise<{ least(): number; stop(): Promise<void> }> {
  const path = `${pathOf('Pod', namespace)}?labelSelector=app%3D${app}`;
  const { body } = await world.request('GET', path);
  const ready = new Map<string, boolean>();
  const isReady = (pod: Json): boolean =>
    pod.metadata.deletionTimestamp === undefined &&
    (pod.status.conditions ?? []).some((one: Json) => one.type === 'Ready' && one.status === 'True');
  for (const pod of body.items as Json[]) ready.set(pod.metadata.uid, isReady(pod));
  const count = () => [...ready.values()].filter(Boolean).length;
  let least = count();
  const watch = world.watch(`${path}&watch=true&resourceVersion=${body.metadata.resourceVersion}`, (event) => {
    if (event.type === 'BOOKMARK') return;
    ready.set(event.object.metadata.uid, event.type !== 'DELETED' && isReady(event.object));
    least = Math.min(least, count());
  });
  return { least: () => least, stop: () => watch.stop() };
}

/** Living pods of an app, by name. */
export async function podsOf(world: World, namespace: string, app: string): Promise<PodSeen[]> {
  const { body } = await world.request('GET', `${pathOf('Pod', namespace)}?labelSelector=app%3D${app}`);
  return (body.items as Json[])
    .map((pod) => ({
      name: pod.metadata.name as string,
      uid: pod.metadata.uid as string,
      deleting: pod.metadata.deletionTimestamp !== undefined,
      ready: (pod.status.conditions ?? []).some((one: Json) => one.type === 'Ready' && one.status === 'True') as boolean,
      digest: (pod.status.containerStatuses?.[0]?.imageID as string | undefined)?.split('@').at(-1),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
