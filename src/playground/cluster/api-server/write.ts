import type { KubeObject } from '../types.ts';
import { bodyObject } from './call.ts';
import type { Call } from './call.ts';
import { withDefaults } from './defaults.ts';
import type { DeleteOptions } from './delete.ts';
import { badRequest, invalid, notFound } from './errors.ts';
import { isRecord } from './json.ts';
import { applyPatch } from './patch.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Store } from './store.ts';
import { validate } from './validate.ts';

export function read(call: Call, found: Resource, store: Store): KubeObject {
  const object = store.get(found.plural, found.namespaced ? call.namespace : undefined, call.name);
  if (!object) throw notFound({ ...found, name: call.name });
  return object;
}

export const isDryRun = (call: Call) => call.query['dryRun'] === 'All';

export function checkKind(found: Resource, body: Record<string, unknown>): void {
  const { kind, apiVersion } = body;
  if (kind !== undefined && kind !== found.kind) {
    throw badRequest(
      `${found.kind} in version "${found.version}" cannot be handled as a ${found.kind}: the object provided is unrecognized (kind ${JSON.stringify(kind)})`,
    );
  }
  if (apiVersion !== undefined && apiVersion !== apiVersionOf(found)) {
    throw badRequest(
      `the API version in the data (${JSON.stringify(apiVersion)}) does not match the expected API version (${apiVersionOf(found)})`,
    );
  }
}

/** PUT and PATCH. `main` never touches the status, `status` touches nothing else. */
export function write(call: Call, found: Resource, store: Store, part: 'main' | 'status'): KubeObject {
  const before = read(call, found, store);
  const isPatch = call.verb === 'patch';
  const change = (current: KubeObject): KubeObject => {
    const proposed = isPatch ? applyPatch(current, call.contentType, call.body) : replacement(found, call);
    if (proposed.metadata.name !== call.name) {
      throw badRequest(`the name of the object (${proposed.metadata.name}) does not match the name on the URL (${call.name})`);
    }
    const { uid } = proposed.metadata;
    if (isPatch && uid !== current.metadata.uid) {
      const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
      throw invalid({ ...found, name: call.name }, [{ field: 'metadata.uid', reason: 'FieldValueInvalid', message }]);
    }
    // A patch that names no version means "whatever is there"; the merged object carries the current one and so passes.
    const metadata = { ...proposed.metadata, finalizers: proposed.metadata.finalizers ?? [] };
    if (metadata.finalizers.length === 0) delete (metadata as { finalizers?: string[] }).finalizers;
    if (part === 'status') return { ...current, metadata: { ...current.metadata, ...versionOf(metadata) }, status: proposed['status'] };
    const status = 'status' in current ? { status: current['status'] } : {};
    const { status: _ignored, ...rest } = proposed;
    const draft = withDefaults({ ...rest, ...status, metadata });
    validate(found, draft, current);
    return draft;
  };
  if (isDryRun(call)) return change(before);
  const namespace = found.namespaced ? call.namespace : undefined;
  const options = { manager: call.manager, ...(part === 'status' ? { subresource: 'status' } : {}) };
  const after = store.update(found.plural, namespace, call.name, change, options);
  // The last finalizer taken away from a deleted object lets it go.
  if (
    after.metadata.deletionTimestamp &&
    !after.metadata.finalizers?.length &&
    found.plural !== 'pods' &&
    before.metadata.finalizers?.length
  ) {
    return store.remove(found.plural, namespace, call.name);
  }
  return after;
}

const versionOf = ({ resourceVersion, uid }: KubeObject['metadata']) => ({
  ...(resourceVersion ? { resourceVersion } : {}),
  ...(uid ? { uid } : {}),
});

function replacement(found: Resource, call: Call): KubeObject {
  const body = bodyObject(call);
  checkKind(found, body);
  if (!isRecord(body['metadata'])) throw badRequest('metadata is missing in request body');
  return body as KubeObject;
}

/** From the body, or from the query where clients put them too. */
export function deleteOptions(call: Call): DeleteOptions {
  const options: DeleteOptions = isRecord(call.body) ? { ...(call.body as DeleteOptions) } : {};
  const { propagationPolicy, gracePeriodSeconds } = call.query;
  if (propagationPolicy === 'Orphan' || propagationPolicy === 'Background' || propagationPolicy === 'Foreground')
    options.propagationPolicy = propagationPolicy;
  if (gracePeriodSeconds !== undefined) options.gracePeriodSeconds = Number(gracePeriodSeconds);
  return options;
}
