import type { Seen } from '../app/ports.ts';
import { type Snapshot, type WorkloadRef, type WorkloadView, workloadKey } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { failureOf, hasStatus, StatusError } from './errors.ts';
import { kindOf } from './kinds/all.ts';
import { deployment } from './kinds/deployment.ts';
import { historyPathOf, historyQueryOf, type Kind, pathOf, type RawHistory } from './kinds/kind.ts';
import type { NodeReader } from './nodes.ts';
import type { RawAutoscaler, RawBudget, RawEvent, RawPod, RawWorkload } from './raw.ts';
import { withReferencedTemplate } from './referenced-template.ts';
import { viewOf } from './snapshot.ts';

/** What is listed once per namespace, however many workloads lie in it. */
interface Surroundings {
  budgets: RawBudget[];
  autoscalers: RawAutoscaler[];
  events: RawEvent[];
}

export interface SnapshotReader {
  cluster: string;
  api: KubeApi;
  nodes: NodeReader;
  /** Told about every workload as it was read, so that a write can be compared with what was planned on. */
  remember(kind: Kind, raw: RawWorkload): void;
}

/**
 * Reads the workloads and everything around them. The workload is read before its pods: counters that are older than the pods make a
 * rollout look less complete than it is, never more.
 */
export async function readSnapshot(reader: SnapshotReader, refs: WorkloadRef[]): Promise<Seen<Snapshot>> {
  let subject = refs.map(workloadKey).join(', ');
  try {
    const around = new Map<string, Promise<Surroundings>>();
    const looks = refs.map(async (ref) => {
      const kind = kindOf(ref.kind);
      if (kind === undefined) return undefined;
      const workload = await reader.api
        .json<RawWorkload>({ method: 'GET', path: pathOf(kind, ref.namespace, ref.name) })
        .catch((error: unknown) => {
          subject = workloadKey(ref);
          throw error;
        });
      const { raw, from, problem } = await withReferencedTemplate(reader.api, kind, workload.body, (about) => {
        subject = about;
      });
      if (problem !== undefined) return problem;
      reader.remember(kind, raw);
      if (from !== undefined) reader.remember(deployment, from);
      const known = around.get(ref.namespace) ?? surroundings(reader.api, ref.namespace);
      around.set(ref.namespace, known);
      return { view: await readView(reader.api, kind, { body: raw, at: workload.at }, known), at: workload.at };
    });
    const seen = await Promise.all(looks);
    const unsupported = refs[seen.indexOf(undefined)];
    if (unsupported !== undefined) return { ok: false, failure: { code: 'unsupported-kind', subject: workloadKey(unsupported) } };
    const failure = seen.find((look) => look !== undefined && 'code' in look);
    if (failure !== undefined && 'code' in failure) return { ok: false, failure };
    const looked = seen.filter((look) => look !== undefined && 'view' in look);
    const views = looked.map(({ view }) => view);
    const names = new Set(views.flatMap(({ pods }) => pods.flatMap(({ node }) => node ?? [])));
    // The oldest answer's clock: nothing in the snapshot is older than that.
    const at = Math.min(...looked.map(({ at: each }) => each));
    return { ok: true, value: { cluster: reader.cluster, at, workloads: views, ...(await reader.nodes.read([...names])) } };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { ok: false, failure: failureOf(error, subject) };
  }
}

async function readView(
  api: KubeApi,
  kind: Kind,
  { body: workload, at }: { body: RawWorkload; at: number },
  around: Promise<Surroundings>,
): Promise<WorkloadView> {
  const root = `/namespaces/${encodeURIComponent(workload.metadata.namespace ?? '')}`;
  const query = { labelSelector: kind.selector(workload) };
  const history = historyPathOf(kind, workload.metadata.namespace ?? '');
  const [pods, revisions, { budgets, autoscalers, events }] = await Promise.all([
    api.list<RawPod>(`/api/v1${root}/pods`, query),
    history === undefined ? { items: [] } : api.list<RawHistory>(history, historyQueryOf(kind, workload)),
    around,
  ]);
  return viewOf(kind, { workload, at, pods: pods.items, revisions: revisions.items, budgets, autoscalers, events });
}

async function surroundings(api: KubeApi, namespace: string): Promise<Surroundings> {
  const root = `namespaces/${encodeURIComponent(namespace)}`;
  // 404: this server does not serve that API version, so there are no such objects in it.
  const itemsOf = async <T>(path: string): Promise<T[]> =>
    await api.list<T>(path).then(
      ({ items }) => items,
      (error: unknown) => {
        if (hasStatus(error, 404)) return [];
        throw error;
      },
    );
  const [budgets, autoscalers, events] = await Promise.all([
    itemsOf<RawBudget>(`/apis/policy/v1/${root}/poddisruptionbudgets`),
    itemsOf<RawAutoscaler>(`/apis/autoscaling/v2/${root}/horizontalpodautoscalers`),
    itemsOf<RawEvent>(`/api/v1/${root}/events`),
  ]);
  return { budgets, autoscalers, events };
}
