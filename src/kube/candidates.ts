import type { WorkloadKind, WorkloadRef } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { hasStatus } from './errors.ts';
import { KINDS } from './kinds/all.ts';
import { pathOf } from './kinds/kind.ts';
import type { RawMeta } from './raw.ts';

/** Something that may be meant by a name: its labels, and whose it is. */
export interface Candidate extends WorkloadRef {
  labels: Record<string, string>;
  owner?: { kind: string; name: string };
}

export interface Candidates {
  found: Candidate[];
  /** Resources that this worker may not list, such as `cronjobs`. */
  unseen: string[];
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

interface Collection {
  kind: WorkloadKind;
  resource: string;
  path: (namespace: string) => string;
  optional: boolean;
}

const collection = (kind: (typeof KINDS)[number]): Collection => ({
  kind: kind.kind,
  resource: kind.api.plural,
  path: (namespace) => pathOf(kind, namespace),
  optional: kind.optional ?? false,
});

/** What an app's name usually means. */
export const FIRST: readonly Collection[] = KINDS.filter(({ last }) => last !== true).map(collection);

/** What it may mean besides: asked for only where nothing of the first has the name, because these usually belong to one of them. */
export const LAST: readonly Collection[] = [
  ...KINDS.filter(({ last }) => last === true).map(collection),
  { kind: 'Job', resource: 'jobs', path: (namespace) => `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`, optional: true },
  { kind: 'Pod', resource: 'pods', path: (namespace) => `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, optional: false },
];

/** Every object of these collections in the namespaces. Throws StatusError where one that repull cannot do without may not be read. */
export async function listCandidates(api: KubeApi, collections: readonly Collection[], namespaces: readonly string[]): Promise<Candidates> {
  const unseen = new Set<string>();
  const lists = namespaces.flatMap((namespace) =>
    collections.map(async ({ kind, resource, path, optional }) => {
      try {
        const { items } = await api.list<{ metadata: RawMeta }>(path(namespace), {}, METADATA_ONLY);
        return items.map(({ metadata }): Candidate => {
          const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
          return {
            kind,
            namespace,
            name: metadata.name,
            labels: metadata.labels ?? {},
            ...(owner === undefined ? {} : { owner: { kind: owner.kind, name: owner.name } }),
          };
        });
      } catch (error) {
        // 404: this cluster serves no such kind, so there is none of it.
        if (!optional || !hasStatus(error, 403, 404)) throw error;
        if (error.status === 403) unseen.add(resource);
        return [];
      }
    }),
  );
  return { found: (await Promise.all(lists)).flat(), unseen: [...unseen] };
}
