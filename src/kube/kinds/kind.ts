import type { Revision, Workload, WorkloadKind } from '../../domain/workload.ts';
import type { RawControllerRevision, RawReplicaSet, RawTemplate, RawWorkload } from '../raw.ts';

/** Everything repull needs to know about one kind of workload. Adding a kind is one file with these, and a line in `all.ts`. */
export interface Kind {
  kind: WorkloadKind;
  /** Where the API serves it. */
  api: { group: string; version: string; plural: string };
  /** Where the pod template lies in the object. */
  templatePath: readonly string[];
  /** Which objects keep its former templates; none: the kind has no history. */
  history: 'replicasets' | 'controllerrevisions' | undefined;
  /** Raw object → our words. `owners` are added by the snapshot, which sees autoscalers and pods, too. */
  read(raw: RawWorkload): Workload;
  /** One object of its history → a revision. */
  revision(raw: RawReplicaSet | RawControllerRevision): Revision;
  /** True where its pods belong to the revision objects (ReplicaSets) and not to the workload itself. */
  podsBelongToRevisions: boolean;
  /** Everything a plan stands on but the counters: a change of it between plan and write is a conflict. */
  planned(raw: RawWorkload): unknown;
}

export const pathOf = (kind: Kind, namespace: string, name?: string): string => {
  const { group, version, plural } = kind.api;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
};

export const templateOf = (kind: Kind, raw: RawWorkload): RawTemplate =>
  (kind.templatePath.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], raw) ?? {}) as RawTemplate;

/** `{a: {b: value}}` for the path `[a, b]`. */
export const nest = (path: readonly string[], value: unknown): Record<string, unknown> =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
