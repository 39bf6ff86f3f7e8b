import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeApi } from '../../kube/client.ts';
import { StatusError } from '../../kube/errors.ts';
import { CLUSTER, DEMO_IMAGES, demoApps, demoManifests, demoReady } from '../demo.ts';
import { Problem, wordsOf } from './problem.ts';
import { pushBuild, splitRef } from './push-build.ts';
import { realSource } from './real-source.ts';
import { type ClusterStage, isReady } from './stage-simulated.ts';
import type { PanelTag } from './wire.ts';

const PLACES = { prod: 'repull-demo-prod', staging: 'repull-demo-staging' };
/** Only namespaces with this label are taken as ours, and taken away at the end. */
const OURS = { 'app.kubernetes.io/managed-by': 'repull-playground' };
const READY_WITHIN_MS = 120_000;

export interface RealStageOptions {
  /** Value of KUBECONFIG. */
  kubeconfig: string;
  /** HOST:PORT of a registry that the nodes pull from, and the static binary that its images run. Either missing: read-only. */
  registry: string | undefined;
  binary: string | undefined;
  say: (line: string) => void;
}

/**
 * The cluster of a kubeconfig. With a registry to push to, the demo apps are put into two namespaces of their own, which go away with
 * `close()`; without one nothing is changed and the page only looks on. Rejects with a Problem that says what to do.
 */
export async function stageReal(options: RealStageOptions): Promise<ClusterStage> {
  const api = await connect(options.kubeconfig);
  try {
    return options.registry !== undefined && options.binary !== undefined
      ? await withDemo(api, options, options.registry, options.binary)
      : await readOnly(api, options);
  } catch (error) {
    await api.close();
    throw error;
  }
}

async function connect(kubeconfig: string): Promise<KubeApi> {
  try {
    const api = new KubeApi({ kubeconfigFile: kubeconfig });
    await api.json({ method: 'GET', path: '/version' });
    return api;
  } catch (error) {
    throw new Problem(`KUBECONFIG is set (${kubeconfig}), but that cluster cannot be used: ${wordsOf(error)}
Without KUBECONFIG the playground brings its own, simulated cluster.`);
  }
}

async function readOnly(api: KubeApi, options: RealStageOptions): Promise<ClusterStage> {
  const namespace = namespaceOf(options.kubeconfig);
  const source = await realSource({
    name: CLUSTER,
    server: options.kubeconfig,
    api,
    namespaces: [namespace],
    note: `Read-only: set REPULL_TEST_REGISTRY and REPULL_TEST_APP to have demo apps, and builds to push. repull itself works on namespace ${namespace}.`,
  });
  return {
    source,
    kubeconfig: { path: options.kubeconfig },
    places: { prod: namespace, staging: undefined, apps: false },
    hints: source.panel().workloads.map((workload) => ({ name: workload.name, environments: ['prod'] })),
    words: `the cluster of ${options.kubeconfig}, namespace ${namespace}; nothing was put into it`,
    close: () => source.close(),
  };
}

/** The one that kubectl would take: that of the current context. */
function namespaceOf(kubeconfig: string): string {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig.split(delimiter).find((file) => file !== '') ?? '');
  return config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
}

async function withDemo(api: KubeApi, options: RealStageOptions, registry: string, binary: string): Promise<ClusterStage> {
  const tags: PanelTag[] = [];
  for (const image of DEMO_IMAGES) {
    const ref = `${registry}/${image}`;
    const { digest } = await pushBuild(ref, { binary, version: `build 1 ${Date.now().toString(36)}`, crash: false });
    const { name, tag } = splitRef(ref);
    tags.push({ repository: name, tag, ref, digest, version: 'build 1', pushedAt: Date.now() });
  }
  const close = async (): Promise<void> => {
    for (const namespace of Object.values(PLACES)) await removeNamespace(api, namespace);
    await api.close();
  };
  const manifests = demoManifests(registry, PLACES);
  try {
    for (const namespace of Object.values(PLACES)) await ensureNamespace(api, namespace, options.say);
    for (const manifest of manifests) await apply(api, manifest as Manifest);
    const source = await realSource({
      name: CLUSTER,
      server: options.kubeconfig,
      api,
      namespaces: Object.values(PLACES),
      builds: { binary, tags },
    });
    await untilReady(source, manifests);
    return {
      source,
      kubeconfig: { path: options.kubeconfig },
      places: { ...PLACES, apps: true },
      hints: demoApps(),
      tourRef: `${registry}/${DEMO_IMAGES[0]}`,
      words: `the cluster of ${options.kubeconfig}, namespaces ${Object.values(PLACES).join(' and ')} (removed at the end)`,
      async close() {
        for (const namespace of Object.values(PLACES)) await removeNamespace(api, namespace);
        await source.close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { namespace: string; name: string };
}
const PLURALS: Record<string, string> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  PodDisruptionBudget: 'poddisruptionbudgets',
};

async function apply(api: KubeApi, manifest: Manifest): Promise<void> {
  const { namespace, name } = manifest.metadata;
  await api.json({
    method: 'PATCH',
    path: `/apis/${manifest.apiVersion}/namespaces/${namespace}/${PLURALS[manifest.kind]}/${name}`,
    query: { fieldManager: 'repull-playground', force: 'true' },
    // JSON is YAML; server-side apply takes either.
    contentType: 'application/apply-patch+yaml',
    body: manifest,
  });
}

async function ensureNamespace(api: KubeApi, name: string, say: (line: string) => void): Promise<void> {
  type Namespace = { metadata: { labels?: Record<string, string>; deletionTimestamp?: string } };
  const get = async (): Promise<Namespace | undefined> => {
    try {
      return (await api.json<Namespace>({ method: 'GET', path: `/api/v1/namespaces/${name}` })).body;
    } catch (error) {
      if (error instanceof StatusError && error.status === 404) return undefined;
      throw error;
    }
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  for (let there = await get(); there; there = await get()) {
    const [[label, value]] = Object.entries(OURS) as [[string, string]];
    if (there.metadata.labels?.[label] !== value)
      throw new Problem(`Namespace ${name} exists and is not the playground's. Remove it, or use another cluster.`);
    if (!there.metadata.deletionTimestamp) return;
    if (Date.now() > deadline) throw new Problem(`Namespace ${name} of an earlier playground does not go away.`);
    say(`Waiting for namespace ${name} of an earlier playground to go away …`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  await api.json({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: OURS } },
  });
}

async function removeNamespace(api: KubeApi, name: string): Promise<void> {
  // At the end of everything; an API server that is away now must not keep the playground from ending.
  await api.json({ method: 'DELETE', path: `/api/v1/namespaces/${name}`, timeoutMs: 5000 }).catch(() => undefined);
}

async function untilReady(source: Awaited<ReturnType<typeof realSource>>, manifests: object[]): Promise<void> {
  const keys = demoReady(manifests).map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
  await new Promise<void>((resolve, reject) => {
    const stop = source.onChange(check);
    const timer = setTimeout(() => {
      stop();
      reject(new Problem(`Not ready within ${READY_WITHIN_MS / 1000} s: ${keys.filter((key) => !isReady(source, key)).join(', ')}`));
    }, READY_WITHIN_MS);
    function check(): void {
      if (!keys.every((key) => isReady(source, key))) return;
      clearTimeout(timer);
      stop();
      resolve();
    }
    check();
  });
}
