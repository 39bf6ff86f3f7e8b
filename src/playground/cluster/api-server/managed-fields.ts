import { toTimestamp } from '../clock.ts';
import type { KubeObject, ManagedFieldsEntry } from '../types.ts';
import { isRecord, sameJson } from './json.ts';

/** Lists whose items have an identity of their own, with the fields that make it; all other lists are one value. */
const LIST_KEYS: Record<string, string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
};

/** Nobody owns these: the server writes them. */
const SERVER_FIELDS = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
  'name',
  'namespace',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

type Leaves = Map<string, unknown>;

/** Writes down who set what: the manager owns every field that differs from before, and others lose those fields. */
export function recordManager(
  before: KubeObject | undefined,
  after: KubeObject,
  apiVersion: string,
  options: { manager?: string; subresource?: string },
): KubeObject {
  if (!options.manager) return after;
  const old = before ? leavesOf(before) : new Map<string, unknown>();
  const now = leavesOf(after);
  const changed = [...now].filter(([path, value]) => !old.has(path) || !sameJson(old.get(path), value)).map(([path]) => path);
  const gone = new Set([...old.keys()].filter((path) => !now.has(path)));
  if (changed.length === 0 && gone.size === 0) return after;
  const isMine = (entry: ManagedFieldsEntry) =>
    entry.manager === options.manager && entry.operation === 'Update' && entry.subresource === options.subresource;
  const taken = new Set(changed);
  const entries: ManagedFieldsEntry[] = [];
  let mine = new Set<string>();
  for (const entry of after.metadata.managedFields ?? []) {
    const owned = pathsOf(entry.fieldsV1).filter((path) => !gone.has(path));
    if (isMine(entry)) {
      mine = new Set(owned);
      continue;
    }
    const kept = owned.filter((path) => !taken.has(path));
    if (kept.length > 0) entries.push(kept.length === owned.length ? entry : { ...entry, fieldsV1: treeOf(kept) });
  }
  for (const path of changed) mine.add(path);
  if (mine.size > 0) {
    entries.push({
      manager: options.manager,
      operation: 'Update',
      apiVersion,
      time: toTimestamp(Date.now()),
      fieldsType: 'FieldsV1',
      fieldsV1: treeOf([...mine]),
      ...(options.subresource ? { subresource: options.subresource } : {}),
    });
  }
  return { ...after, metadata: { ...after.metadata, managedFields: entries } };
}

const SEPARATOR = '\u0000';
const SELF = '.';

/** Every owned field as one path of FieldsV1 steps (`f:spec`, `k:{"name":"app"}`), with its value. */
function leavesOf(object: KubeObject): Leaves {
  const leaves: Leaves = new Map();
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  walk(leaves, '', rest);
  const own = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_FIELDS.has(key)));
  walk(leaves, 'f:metadata', own);
  return leaves;
}

function walk(leaves: Leaves, path: string, value: unknown, field = ''): void {
  const below = (step: string) => (path ? path + SEPARATOR + step : step);
  if (isRecord(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0 && path) leaves.set(path, value);
    if (field === 'annotations' || field === 'labels') leaves.set(below(SELF), true);
    for (const [key, item] of entries) walk(leaves, below(`f:${key}`), item, key);
    return;
  }
  const keys = LIST_KEYS[field];
  if (Array.isArray(value) && keys && value.every(isRecord)) {
    for (const item of value) {
      const identity = Object.fromEntries(keys.map((key) => [key, item[key] ?? (key === 'protocol' ? 'TCP' : '')]));
      const path = below(`k:${JSON.stringify(identity)}`);
      // The item itself, which whoever put it there owns.
      leaves.set(path + SEPARATOR + SELF, true);
      walk(leaves, path, item);
    }
    return;
  }
  if (path) leaves.set(path, value);
}

function treeOf(paths: string[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    let node = root;
    for (const step of path.split(SEPARATOR)) {
      const next = isRecord(node[step]) ? node[step] : {};
      node[step] = next;
      node = next;
    }
  }
  return root;
}

function pathsOf(tree: Record<string, unknown>, path = ''): string[] {
  const paths: string[] = [];
  for (const [step, below] of Object.entries(tree)) {
    const full = path ? path + SEPARATOR + step : step;
    const children = isRecord(below) ? pathsOf(below, full) : [];
    if (children.length > 0) paths.push(...children);
    else paths.push(full);
  }
  return paths;
}
