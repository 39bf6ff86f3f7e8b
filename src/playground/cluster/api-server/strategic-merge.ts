import { isRecord, sameJson } from './json.ts';

/** The merge keys of Kubernetes' own types, by field name (k8s.io/api `patchMergeKey`). Lists not named here are replaced. */
const MERGE_KEYS: Record<string, string> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  ports: 'containerPort',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  imagePullSecrets: 'name',
  secrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  resourceClaims: 'name',
  conditions: 'type',
  ownerReferences: 'uid',
};

/** Lists of plain values that are merged, not replaced. */
const MERGED_VALUES = new Set(['finalizers']);

/** Strategic merge patch, with `$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…` and `$retainKeys`. */
export function strategicMerge(target: unknown, patch: Record<string, unknown>): unknown {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return undefined;
  let result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) result = Object.fromEntries(Object.entries(result).filter(([key]) => retained.includes(key)));
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const merged = mergeField(key, result[key], value);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  for (const [key, value] of Object.entries(patch)) {
    const [directive, field = ''] = key.split('/', 2);
    if (!Array.isArray(value) || !field) continue;
    const list = result[field];
    if (!Array.isArray(list)) continue;
    if (directive === '$deleteFromPrimitiveList') result[field] = list.filter((item) => !value.includes(item));
    if (directive === '$setElementOrder') result[field] = arrange(list, value, listOf(target, field), MERGE_KEYS[field]);
  }
  return result;
}

function mergeField(key: string, before: unknown, value: unknown): unknown {
  if (value === null) return undefined;
  if (isRecord(value)) return strategicMerge(before, value);
  if (!Array.isArray(value)) return value;
  if (MERGED_VALUES.has(key) && Array.isArray(before)) return [...before, ...value.filter((item) => !before.includes(item))];
  const mergeKey = MERGE_KEYS[key];
  if (!mergeKey || !value.every(isRecord)) return value;
  return mergeList(Array.isArray(before) ? before : [], value, mergeKey);
}

function mergeList(before: unknown[], patches: Record<string, unknown>[], mergeKey: string): unknown[] {
  if (patches.some((item) => item['$patch'] === 'replace' && !(mergeKey in item))) {
    return patches.filter((item) => !('$patch' in item)).map(withoutDirectives);
  }
  let list = [...before];
  for (const patch of patches) {
    const index = list.findIndex((item) => isRecord(item) && sameJson(item[mergeKey], patch[mergeKey]));
    if (patch['$patch'] === 'delete') list = list.filter((_item, at) => at !== index);
    else if (index < 0) list.push(withoutDirectives(patch));
    else list[index] = strategicMerge(list[index], patch);
  }
  return arrange(list, patches, before, mergeKey);
}

const listOf = (value: unknown, field: string): unknown[] => {
  const list = isRecord(value) ? value[field] : undefined;
  return Array.isArray(list) ? list : [];
};

/**
 * Kubernetes' own order (strategicpatch.normalizeElementOrder): what the patch names stands in the patch's order, and each other item goes in
 * before the first of those that it stood before so far. A new item therefore comes first.
 */
function arrange(list: unknown[], order: unknown[], before: unknown[], mergeKey: string | undefined): unknown[] {
  const identity = (item: unknown) => JSON.stringify(mergeKey && isRecord(item) ? item[mergeKey] : item);
  const place = (items: unknown[]) => new Map(items.map((item, index) => [identity(item), index]));
  const wanted = place(order);
  const earlier = place(before);
  const positionIn = (places: Map<string, number>, item: unknown) => places.get(identity(item)) ?? -1;
  const named = list.filter((item) => wanted.has(identity(item))).sort((a, b) => positionIn(wanted, a) - positionIn(wanted, b));
  const others = list.filter((item) => !wanted.has(identity(item)));
  const result: unknown[] = [];
  while (named.length > 0 || others.length > 0) {
    const [left] = others;
    const [right] = named;
    const [from, to] = [positionIn(earlier, left), positionIn(earlier, right)];
    const isBefore = named.length === 0 || (others.length > 0 && from >= 0 && to >= 0 && from < to);
    result.push(isBefore ? others.shift() : named.shift());
  }
  return result;
}

function withoutDirectives(value: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(value).filter(([key, item]) => !key.startsWith('$') && item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, isRecord(item) ? withoutDirectives(item) : item]));
}
