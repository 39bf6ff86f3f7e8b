import type { KubeApi } from '../../kube/client.ts';
import { isNodeReady, type KubeLike, type KubeLists, panelEvents, panelPods, panelWorkload } from './cluster-panel.ts';
import type { ClusterSource } from './cluster-source.ts';
import { wordsOf } from './problem.ts';
import { pushBuild, splitRef } from './push-build.ts';
import type { ClusterPanel, PanelTag } from './wire.ts';

/** Milliseconds between two looks, while somebody has the page open. */
const LOOK_EVERY_MS = 1200;

export interface RealSourceOptions {
  name: string;
  /** Shown only. */
  server: string;
  api: KubeApi;
  namespaces: string[];
  /** Left out: nothing can be pushed, and the page is read-only. */
  builds?: { binary: string; tags: PanelTag[] };
  note?: string;
}

const KINDS = { deployments: 'Deployment', statefulsets: 'StatefulSet', daemonsets: 'DaemonSet' } as const;

async function look(api: KubeApi, namespaces: string[]): Promise<KubeLists> {
  const items = async (path: string): Promise<KubeLike[]> => (await api.list<KubeLike>(path)).items;
  const inEach = async (path: (namespace: string) => string): Promise<KubeLike[]> =>
    (await Promise.all(namespaces.map((namespace) => items(path(namespace))))).flat();
  // Nodes are cluster-wide: whoever may not list them still sees everything else.
  const nodes = await items('/api/v1/nodes').catch(() => []);
  const workloads = await Promise.all(
    Object.entries(KINDS).map(async ([plural, kind]) =>
      // A list leaves the kind of its items out.
      (await inEach((namespace) => `/apis/apps/v1/namespaces/${namespace}/${plural}`)).map((workload) => ({ ...workload, kind })),
    ),
  );
  return {
    nodes,
    workloads: workloads.flat(),
    replicaSets: await inEach((namespace) => `/apis/apps/v1/namespaces/${namespace}/replicasets`),
    pods: await inEach((namespace) => `/api/v1/namespaces/${namespace}/pods`),
    events: await inEach((namespace) => `/api/v1/namespaces/${namespace}/events`),
  };
}

/** A real cluster, looked at every second or so. Rejects when the first look fails. */
export async function realSource(options: RealSourceOptions): Promise<ClusterSource> {
  const listeners = new Set<() => void>();
  const tags = new Map((options.builds?.tags ?? []).map((tag) => [tag.ref, tag]));
  let lists = await look(options.api, options.namespaces);
  let away: string | undefined;
  let builds = 1;
  let isClosed = false;

  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const loop = async (): Promise<void> => {
    while (!isClosed) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
      if (isClosed || listeners.size === 0) continue;
      try {
        lists = await look(options.api, options.namespaces);
        away = undefined;
      } catch (error) {
        away = `The cluster does not answer (${wordsOf(error)}); this is what was seen last.`;
      }
      tell();
    }
  };
  void loop();

  const panel = (): ClusterPanel => {
    const events = panelEvents(lists.events);
    const note = away ?? options.note;
    return {
      name: options.name,
      simulated: false,
      server: options.server,
      nodes: lists.nodes.map((node) => ({
        name: node.metadata?.name ?? '',
        ready: isNodeReady(node),
        images: imagesOf(node, options.namespaces, lists),
      })),
      workloads: lists.workloads.map(panelWorkload),
      pods: panelPods(lists, events),
      tags: [...tags.values()],
      events: events.slice(0, 80),
      canPush: options.builds !== undefined,
      ...(note === undefined ? {} : { note }),
    };
  };
  const { builds: pushable } = options;
  return {
    panel,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...(pushable === undefined
      ? {}
      : {
          async push(ref: string, { crash }: { crash: boolean }) {
            builds += 1;
            const version = `build ${builds} ${Date.now().toString(36)}`;
            const pushed = await pushBuild(ref, { binary: pushable.binary, version, crash });
            const { name, tag } = splitRef(ref);
            tags.set(ref, { repository: name, tag, ref, digest: pushed.digest, version: `build ${builds}`, pushedAt: Date.now() });
            tell();
            return pushed;
          },
        }),
    async close() {
      isClosed = true;
      await options.api.close();
    },
  };
}

/** Of all that a node holds only what the workloads shown here use: a real node has dozens. */
function imagesOf(node: KubeLike, namespaces: string[], lists: KubeLists): { name: string; digest: string }[] {
  const used = new Set(
    lists.workloads
      .filter((workload) => namespaces.includes(workload.metadata?.namespace ?? ''))
      .flatMap((workload) => panelWorkload(workload).containers.map((container) => container.image.replace(/[:@][^/]*$/, ''))),
  );
  const { images = [] } = (node['status'] ?? {}) as { images?: { names?: string[] }[] };
  return images.flatMap(({ names = [] }) => {
    const name = names.find((one) => !one.includes('@')) ?? names[0] ?? '';
    if (!used.has(name.replace(/[:@][^/]*$/, ''))) return [];
    return [{ name, digest: /sha256:[0-9a-f]+$/.exec(names.find((one) => one.includes('@')) ?? '')?.[0] ?? '' }];
  });
}
