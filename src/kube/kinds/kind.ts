import type { Revision, Workload, WorkloadKind } from '../../domain/workload.ts';
import { selectorText } from '../selector.ts';
import type { RawControllerRevision, RawJob, RawReplicaSet, RawTemplate, RawWorkload } from '../raw.ts';

export type RawHistory = RawReplicaSet | RawControllerRevision | RawJob;

/** Everything repull needs to know about one kind of workload. Adding a kind is one file with these, and a line in `all.ts`. */
export interface Kind {
  kind: WorkloadKind;
  /** Where the API serves it. */
  api: { group: string; version: string; plural: string };
  /** Where the pod template lies in the object. */
  templatePath: readonly string[];
  /** Which objects stand between it and its pods or keep its former templates, as `group/version plural`; undefined: none do. */
  history: 'apps/v1 replicasets' | 'apps/v1 controllerrevisions' | 'batch/v1 jobs' | undefined;
  /** Not every worker may see it, and not every cluster serves it: then there is none. */
  optional?: true;
  /** A custom resource: its API takes no strategic merge patch. */
  mergeOnly?: true;
  /** Searched only where nothing else has the name: such objects usually belong to others. */
  last?: true;
  /** Label selector of its pods, for a query. */
  selector(raw: RawWorkload): string;
  /** Raw object → our words; `at` is the API server's clock (milliseconds) when it was read. `owners` are added by the snapshot, which sees autoscalers and pods, too. */
  read(raw: RawWorkload, at?: number): Workload;
  /** One object of its history → a revision. */
  revision(raw: RawHistory): Revision;
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

/** Where the objects of a kind's history are listed; undefined: it has none. */
export function historyPathOf({ history }: Kind, namespace: string): string | undefined {
  if (history === undefined) return undefined;
  const [api, plural] = history.split(' ');
  return `/apis/${api}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** The query of that list. A Job carries the labels of its pods in its own template only, so those of a CronJob are told by their owner. */
export const historyQueryOf = (kind: Kind, raw: RawWorkload): Record<string, string> =>
  kind.history === 'batch/v1 jobs' ? {} : { labelSelector: kind.selector(raw) };

export const selectorOf = (raw: RawWorkload): string => selectorText(raw.spec?.selector);
