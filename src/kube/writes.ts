import type { WriteResult } from '../app/ports.ts';
import type { PatchTemplate, RestartAt } from '../domain/plan.ts';
import { STAMP, workloadKey } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { failureOf, hasStatus, StatusError } from './errors.ts';
import { kindOf } from './kinds/all.ts';
import { historyPathOf, historyQueryOf, type Kind, nest, pathOf, type RawHistory, templateOf } from './kinds/kind.ts';
import { mergePatchOf, needsWholeLists } from './merge-patch.ts';
import type { PlannedTemplates } from './planned.ts';
import type { RawWorkload } from './raw.ts';

const FIELD_MANAGER = 'repull';

/** A busy controller may update the status between our read and our send more than once. */
const SENDS = 3;

/**
 * One patch, at most once. It goes out with the resourceVersion of the plan, so a second send of the same write cannot be applied: it
 * gets 409, and the object then shows whether the first one was (its stamp), whether only the status moved on (send again, preconditioned
 * anew), or whether somebody changed what the plan stood on.
 */
export async function patchTemplate(
  api: KubeApi,
  planned: PlannedTemplates,
  write: PatchTemplate | RestartAt,
  request: string,
): Promise<WriteResult> {
  const subject = workloadKey(write.workload);
  const kind = kindOf(write.workload.kind);
  if (kind === undefined) return { ok: false, failure: { code: 'unsupported-kind', subject } };
  const path = pathOf(kind, write.workload.namespace, write.workload.name);
  const read = async () => (await api.json<RawWorkload>({ method: 'GET', path })).body;
  let { resourceVersion } = write;
  try {
    for (let send = 1; ; send++) {
      let current = needsWholeLists(kind, write) ? await read() : undefined;
      try {
        // Read at another version than planned: as good as a refusal.
        if (current !== undefined && current.metadata.resourceVersion !== resourceVersion) throw outdated(path);
        const isMerge = kind.mergeOnly === true || write.action === 'restart-at';
        const body = isMerge ? mergePatchOf(kind, write, request, resourceVersion, current) : bodyOf(kind, write, request, resourceVersion);
        const contentType = isMerge ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json';
        const sent = await api.json<RawWorkload>({ method: 'PATCH', path, query: { fieldManager: FIELD_MANAGER }, body, contentType });
        return { ok: true, already: false, ...generationOf(sent.body) };
      } catch (error) {
        if (isOther(error)) return recreated(subject);
        if (!hasStatus(error, 409)) throw error;
        current = await read();
        const settled = await settle(api, planned, kind, write, request, current);
        if (settled !== undefined) return settled;
        if (send === SENDS) throw error;
        resourceVersion = current.metadata.resourceVersion;
      }
    }
  } catch (error) {
    return { ok: false, failure: failureOf(error, subject) };
  }
}

/** What a 409 means; undefined: nothing we care for has changed, send again. */
async function settle(
  api: KubeApi,
  planned: PlannedTemplates,
  kind: Kind,
  write: PatchTemplate | RestartAt,
  request: string,
  current: RawWorkload,
): Promise<WriteResult | undefined> {
  const subject = workloadKey(write.workload);
  if (current.metadata.uid !== write.uid) return recreated(subject);
  const stamped = write.action === 'restart-at' ? current.metadata : templateOf(kind, current).metadata;
  const stamp = stamped?.annotations?.[STAMP];
  if (stamp === request) return { ok: true, already: true, ...generationOf(current) };
  if (await wasApplied(api, kind, current, request)) {
    const evidence = 'the change was written and has been replaced since';
    return { ok: false, failure: { code: 'superseded', subject, evidence } };
  }
  if (!planned.unchangedSince(write.resourceVersion, kind, current)) {
    const manager = kind.read(current).templateManagers[0]?.manager;
    const evidence = `the workload was changed after it was planned${manager === undefined ? '' : `; its template was last written by ${manager}`}`;
    return { ok: false, failure: { code: 'conflict', subject, evidence } };
  }
  return undefined;
}

const outdated = (path: string): StatusError =>
  new StatusError(409, 'Conflict', `${path}: the object has been modified since it was read`, [], undefined);

/** With a resourceVersion that fits, a uid that does not is 422: the field is immutable. */
const isOther = (error: unknown): boolean => hasStatus(error, 422) && error.causes.some(({ field }) => field === 'metadata.uid');

const recreated = (subject: string): WriteResult => ({
  ok: false,
  failure: { code: 'workload-gone', subject, evidence: 'it was deleted and created again under the same name' },
});

/** A template of ours in the history: the write was carried out, its answer was lost, and somebody has undone it since. */
async function wasApplied(api: KubeApi, kind: Kind, current: RawWorkload, request: string): Promise<boolean> {
  const path = historyPathOf(kind, current.metadata.namespace ?? '');
  if (path === undefined) return false;
  const { items } = await api.list<RawHistory>(path, historyQueryOf(kind, current));
  return items.some((one) => {
    const ours = one.metadata.ownerReferences?.some(({ uid }) => uid === current.metadata.uid) ?? false;
    return ours && kind.revision(one).stamp === request;
  });
}

const generationOf = ({ metadata }: RawWorkload) => (metadata.generation === undefined ? {} : { generation: metadata.generation });

/** A strategic merge patch of the smallest paths: lists of containers merge by name. */
export function bodyOf(kind: Kind, write: PatchTemplate, request: string, resourceVersion: string): Record<string, unknown> {
  const changes = new Map<string, { init: boolean; fields: Record<string, string> }>();
  const change = ({ container, role }: { container: string; role: string }, fields: Record<string, string>) => {
    const known = changes.get(container)?.fields ?? {};
    changes.set(container, { init: role !== 'container', fields: { ...known, ...fields } });
  };
  for (const one of write.images) change(one, { image: one.image });
  for (const one of write.pullPolicies) change(one, { imagePullPolicy: one.pullPolicy });
  const listed = (init: boolean) => [...changes].filter(([, one]) => one.init === init).map(([name, { fields }]) => ({ name, ...fields }));
  const containers = listed(false);
  const initContainers = listed(true);
  const template = {
    metadata: { annotations: { ...write.annotations, [STAMP]: request } },
    ...(changes.size === 0
      ? {}
      : {
          spec: {
            ...(containers.length === 0 ? {} : { containers }),
            ...(initContainers.length === 0 ? {} : { initContainers }),
          },
        }),
  };
  return { metadata: { uid: write.uid, resourceVersion }, ...nest(kind.templatePath, template) };
}
