import type { KubeObject } from '../types.ts';
import { bodyObject } from './call.ts';
import type { Call } from './call.ts';
import { ApiError, badRequest } from './errors.ts';
import { evict, evictionReply } from './eviction.ts';
import type { Eviction } from './eviction.ts';
import { mergePatch } from './patch.ts';
import type { Resource } from './resources.ts';
import type { Reply, Services } from './services.ts';
import type { Store } from './store.ts';
import { deleteOptions, read, write } from './write.ts';

export function answerSubresource(call: Call, found: Resource, services: Services): Reply {
  const { store } = services;
  if (!found.subresources.includes(call.subresource)) {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  switch (call.subresource) {
    case 'status':
      return { status: 200, json: call.verb === 'get' ? read(call, found, store) : write(call, found, store, 'status') };
    case 'log':
      read(call, found, store);
      return { status: 200, text: services.readLog(call.namespace, call.name, call.query) };
    case 'eviction': {
      const eviction = bodyObject(call) as unknown as Eviction;
      if (eviction.metadata?.name && eviction.metadata.name !== call.name) {
        throw badRequest('name in URL does not match name in Eviction object');
      }
      if (call.query['dryRun'] !== 'All')
        evict(store, call.namespace, call.name, eviction.deleteOptions ?? deleteOptions({ ...call, body: undefined }));
      return { status: 201, json: evictionReply() };
    }
    case 'scale':
      return scale(call, found, store);
    default:
      return token(call, services);
  }
}

interface Scaled extends KubeObject {
  spec: { replicas: number; selector: { matchLabels?: Record<string, string> } };
  status: { replicas?: number };
}

function scale(call: Call, found: Resource, store: Store): Reply {
  const current = read(call, found, store) as Scaled;
  if (call.verb === 'get') return { status: 200, json: scaleOf(current) };
  const wanted = call.verb === 'patch' ? mergePatch(scaleOf(current), call.body) : call.body;
  const { spec, metadata } = wanted as { spec?: { replicas?: number }; metadata?: { resourceVersion?: string } };
  const after = store.update(
    found.plural,
    call.namespace,
    call.name,
    (object) => ({
      ...object,
      metadata: { ...object.metadata, ...(metadata?.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}) },
      spec: { ...(object as Scaled).spec, replicas: spec?.replicas ?? 0 },
    }),
    { manager: call.manager, subresource: 'scale' },
  );
  return { status: 200, json: scaleOf(after as Scaled) };
}

function scaleOf(object: Scaled): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = Object.entries(object.spec.selector.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: object.spec.replicas },
    status: { replicas: object.status.replicas ?? 0, selector },
  };
}

function token(call: Call, services: Services): Reply {
  read(call, { ...call.found } as Resource, services.store);
  const expirationTimestamp = new Date(Date.now() + 3_600_000).toISOString();
  const text = services.rights.tokenOf(call.namespace, call.name);
  const body = bodyObject(call);
  return {
    status: 201,
    json: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name: call.name, namespace: call.namespace },
      spec: body['spec'],
      status: { token: text, expirationTimestamp },
    },
  };
}
