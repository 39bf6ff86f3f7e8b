import type { KubeObject } from '../types.ts';
import { withDefaults } from './defaults.ts';
import { ApiError, badRequest, notFound } from './errors.ts';
import { isRecord } from './json.ts';
import { apiVersionOf, resourceNamed } from './resources.ts';
import type { Resource } from './resources.ts';
import { randomSuffix } from './store.ts';
import type { Store, WriteOptions } from './store.ts';
import { validate } from './validate.ts';

/** What create makes of a body: defaults, checks, admission. Controllers create through this too, so quotas hold for them as well. */
export function prepareObject(store: Store, found: Resource, namespace: string, body: Record<string, unknown>): KubeObject {
  const metadata = { ...(isRecord(body['metadata']) ? body['metadata'] : {}) } as unknown as KubeObject['metadata'];
  if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName + randomSuffix();
  if (!metadata.name) {
    throw badRequest('resource name may not be empty');
  }
  if (found.namespaced) {
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    }
    metadata.namespace = namespace;
    admitNamespace(store, found, namespace, metadata.name);
  } else delete metadata.namespace;
  if (found.plural === 'pods') admitPod(store, namespace, metadata.name);
  const { status: _status, ...rest } = body;
  const draft = withDefaults({ ...rest, apiVersion: apiVersionOf(found), kind: found.kind, metadata });
  validate(found, draft);
  return draft;
}

export function createObject(
  store: Store,
  plural: string,
  namespace: string,
  body: Record<string, unknown>,
  options: WriteOptions = {},
): KubeObject {
  const found = resourceNamed(plural);
  return store.create(found, prepareObject(store, found, namespace, body), options);
}

function admitNamespace(store: Store, found: Resource, namespace: string, name: string): void {
  const home = store.get('namespaces', undefined, namespace);
  if (!home) throw notFound({ ...resourceNamed('namespaces'), name: namespace });
  if (home.metadata.deletionTimestamp) {
    const full = found.group ? `${found.plural}.${found.group}` : found.plural;
    const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw new ApiError(403, 'Forbidden', `${full} "${name}" is forbidden: ${message}`, {
      name,
      ...(found.group ? { group: found.group } : {}),
      kind: found.plural,
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
    });
  }
}

interface Quota extends KubeObject {
  spec: { hard: Record<string, string> };
}

/** Pods that count against a quota: all but the finished ones. */
export function countedPods(store: Store, namespace: string): number {
  return store.list('pods', namespace).filter((pod) => {
    const { phase } = pod['status'] as { phase: string };
    return phase !== 'Succeeded' && phase !== 'Failed';
  }).length;
}

function admitPod(store: Store, namespace: string, name: string): void {
  for (const quota of store.list<Quota>('resourcequotas', namespace)) {
    const used = countedPods(store, namespace);
    for (const key of ['pods', 'count/pods']) {
      const limit = quota.spec.hard[key];
      if (limit === undefined || used + 1 <= Number(limit)) continue;
      const message = `pods "${name}" is forbidden: exceeded quota: ${quota.metadata.name}, requested: ${key}=1, used: ${key}=${used}, limited: ${key}=${limit}`;
      throw new ApiError(403, 'Forbidden', message, { name, kind: 'pods' });
    }
  }
}
