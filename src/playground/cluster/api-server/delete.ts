import { toTimestamp } from '../clock.ts';
import type { Pod } from '../objects.ts';
import type { KubeObject } from '../types.ts';
import { ApiError, notFound } from './errors.ts';
import type { Resource } from './resources.ts';
import { RESOURCES } from './resources.ts';
import type { Store } from './store.ts';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: string[];
}

/**
 * Deletes, or begins to: a running pod only gets its deletion mark (the kubelet finishes), an object with finalizers waits for them,
 * `Foreground` waits for the dependents. Returns the object as it is (or last was).
 */
export function deleteObject(
  store: Store,
  found: Resource,
  namespace: string,
  name: string,
  options: DeleteOptions,
): { object: KubeObject; gone: boolean } {
  const before = store.get(found.plural, namespace, name);
  if (!before) throw notFound({ ...found, name });
  checkPreconditions(found, before, options.preconditions);
  if (found.plural === 'pods') return deletePod(store, before as Pod, options);
  if (found.plural === 'namespaces') return { object: endNamespace(store, name), gone: false };
  const policy = options.propagationPolicy ?? (options.orphanDependents ? 'Orphan' : 'Background');
  if (policy === 'Orphan') orphanDependents(store, before);
  const finalizers = [...(before.metadata.finalizers ?? [])];
  if (policy === 'Foreground' && !finalizers.includes('foregroundDeletion')) finalizers.push('foregroundDeletion');
  if (finalizers.length > 0) {
    const marked = store.update(found.plural, namespace, name, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        finalizers,
        deletionTimestamp: object.metadata.deletionTimestamp ?? toTimestamp(Date.now()),
        deletionGracePeriodSeconds: 0,
      },
    }));
    return { object: marked, gone: false };
  }
  return { object: store.remove(found.plural, namespace, name), gone: true };
}

/** A namespace stays until it is empty; the garbage collector sees to that. */
function endNamespace(store: Store, name: string): KubeObject {
  return store.update('namespaces', undefined, name, (before) => ({
    ...before,
    metadata: { ...before.metadata, deletionTimestamp: before.metadata.deletionTimestamp ?? toTimestamp(Date.now()) },
    status: { phase: 'Terminating' },
  }));
}

function checkPreconditions(found: Resource, object: KubeObject, wanted: DeleteOptions['preconditions']): void {
  const { uid = '', resourceVersion = '', name } = object.metadata;
  const refuse = (why: string) =>
    new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${found.kind} "${name}": ${why}`, { name, kind: found.kind });
  if (wanted?.uid && wanted.uid !== uid) {
    throw refuse(
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (wanted?.resourceVersion && wanted.resourceVersion !== resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function deletePod(store: Store, pod: Pod, options: DeleteOptions): { object: KubeObject; gone: boolean } {
  const { namespace, name, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  // Nothing runs where no node was assigned, so nothing has to be waited for.
  const grace = !pod.spec.nodeName || isOver ? 0 : asked;
  if (grace === 0 && !pod.metadata.finalizers?.length) return { object: store.remove('pods', namespace, name), gone: true };
  if (deletionTimestamp && grace >= (deletionGracePeriodSeconds ?? 0)) return { object: pod, gone: false };
  const marked = store.update('pods', namespace, name, (object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: toTimestamp(Date.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
    },
  }));
  return { object: marked, gone: false };
}

function orphanDependents(store: Store, owner: KubeObject): void {
  for (const { plural } of RESOURCES) {
    for (const object of store.list(plural, owner.metadata.namespace)) {
      if (!object.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid)) continue;
      store.update(plural, object.metadata.namespace, object.metadata.name, (before) => ({
        ...before,
        metadata: {
          ...before.metadata,
          ownerReferences: (before.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner.metadata.uid),
        },
      }));
    }
  }
}
