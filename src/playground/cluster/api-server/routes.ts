import { bodyObject, resourceOf } from './call.ts';
import type { Call } from './call.ts';
import { prepareObject } from './create.ts';
import { deleteObject } from './delete.ts';
import { discover } from './discovery.ts';
import { ApiError } from './errors.ts';
import { selectorOf } from './list.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Reply, Services } from './services.ts';
import type { Store } from './store.ts';
import { answerSubresource } from './subresources.ts';
import { asTable, wantsTable } from './table.ts';
import { checkKind, deleteOptions, isDryRun, read, write } from './write.ts';

/** Decides about one request. Watches are only let through here; whoever holds the connection streams them. */
export function answer(call: Call, services: Services): Reply {
  const { found } = call;
  const { rights } = services;
  if (!found) return discover(call, services);
  rights.demand(call.user, {
    verb: call.verb,
    group: found.group,
    resource: resourceOf(call),
    namespace: found.namespaced ? call.namespace : '',
    name: call.name,
  });
  if (call.subresource) return answerSubresource(call, found, services);
  switch (call.verb) {
    case 'watch':
      return { watch: true };
    case 'list':
      return ok(call, services.lists.read(found, call.namespace, call.query));
    case 'get':
      return ok(call, read(call, found, services.store));
    case 'create':
      return create(call, found, services.store);
    case 'update':
    case 'patch':
      return ok(call, write(call, found, services.store, 'main'));
    case 'delete':
      return remove(call, found, services.store);
    default:
      return removeMany(call, found, services.store);
  }
}

const ok = (call: Call, json: Record<string, unknown>): Reply => ({ status: 200, json: wantsTable(call) ? asTable(call, json) : json });

function create(call: Call, found: Resource, store: Store): Reply {
  if (call.name) throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  const body = bodyObject(call);
  checkKind(found, body);
  const draft = prepareObject(store, found, call.namespace, body);
  const object = isDryRun(call) ? draft : store.create(found, draft, { manager: call.manager });
  return { status: 201, json: object };
}

function remove(call: Call, found: Resource, store: Store): Reply {
  const options = deleteOptions(call);
  const namespace = found.namespaced ? call.namespace : '';
  if (isDryRun(call) || options.dryRun?.includes('All')) return { status: 200, json: read(call, found, store) };
  const { object, gone } = deleteObject(store, found, namespace, call.name, options);
  // Pods and namespaces come back as they are; everything else, once gone, as a Status.
  if (found.plural === 'pods' || !gone) return { status: 200, json: object };
  const details = { name: call.name, ...(found.group ? { group: found.group } : {}), kind: found.plural, uid: object.metadata.uid };
  return { status: 200, json: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

function removeMany(call: Call, found: Resource, store: Store): Reply {
  const select = selectorOf(found, call.namespace, call.query);
  const chosen = store.list(found.plural).filter(select);
  for (const object of chosen) {
    deleteObject(store, found, object.metadata.namespace ?? '', object.metadata.name, deleteOptions(call));
  }
  return {
    status: 200,
    json: {
      kind: `${found.kind}List`,
      apiVersion: apiVersionOf(found),
      metadata: { resourceVersion: String(store.currentVersion) },
      items: chosen,
    },
  };
}
