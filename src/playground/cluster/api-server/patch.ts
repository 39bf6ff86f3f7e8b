import type { KubeObject } from '../types.ts';
import { ApiError, badRequest } from './errors.ts';
import { isRecord, sameJson } from './json.ts';
import { strategicMerge } from './strategic-merge.ts';

/** Applies a PATCH body by its content type. The result may carry a resourceVersion: the store then checks it. */
export function applyPatch(object: KubeObject, contentType: string, body: unknown): KubeObject {
  const type = contentType.split(';')[0]?.trim() ?? '';
  const draft = structuredClone(object);
  if (type === 'application/json-patch+json') return asObject(jsonPatch(draft, body));
  if (!isRecord(body)) throw badRequest('json: cannot unmarshal array into Go value of type map[string]interface {}');
  if (type === 'application/merge-patch+json') return asObject(mergePatch(draft, body));
  if (type === 'application/strategic-merge-patch+json') return asObject(strategicMerge(draft, body));
  throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

function asObject(value: unknown): KubeObject {
  if (!isRecord(value) || !isRecord(value['metadata'])) throw badRequest('the patch leaves no object behind');
  return value as KubeObject;
}

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** RFC 6902. Anything that does not fit is refused as a whole, like a failing `test`. */
function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  let document = target;
  for (const operation of operations as Operation[]) document = applyOperation(document, operation);
  return document;
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const { op, path, from = '', value } = operation;
  if (op === 'test') {
    if (!sameJson(read(document, path), value)) throw rejected();
    return document;
  }
  if (op === 'add') return write(document, path, structuredClone(value), 'add');
  if (op === 'replace') return write(document, path, structuredClone(value), 'replace');
  if (op === 'remove') return write(document, path, undefined, 'remove');
  if (op === 'copy') return write(document, path, structuredClone(read(document, from)), 'add');
  if (op === 'move') {
    const moved = read(document, from);
    return write(write(document, from, undefined, 'remove'), path, moved, 'add');
  }
  throw badRequest(`Unexpected kind: ${op}`);
}

const rejected = () => new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
const steps = (path: string) =>
  path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

function read(document: unknown, path: string): unknown {
  let value = document;
  for (const step of steps(path)) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isRecord(value)) value = value[step];
    else throw rejected();
  }
  return value;
}

function write(document: unknown, path: string, value: unknown, how: 'add' | 'replace' | 'remove'): unknown {
  const parts = steps(path);
  const last = parts.pop();
  if (last === undefined) return value;
  const parent = read(document, parts.length > 0 ? `/${parts.map(escape).join('/')}` : '');
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!(index >= 0) || index > parent.length || (how !== 'add' && index >= parent.length)) throw rejected();
    if (how === 'add') parent.splice(index, 0, value);
    else if (how === 'replace') parent[index] = value;
    else parent.splice(index, 1);
    return document;
  }
  if (!isRecord(parent) || (how !== 'add' && !(last in parent))) throw rejected();
  if (how === 'remove') delete parent[last];
  else parent[last] = value;
  return document;
}

const escape = (step: string) => step.replaceAll('~', '~0').replaceAll('/', '~1');
