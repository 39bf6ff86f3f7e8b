import { deleteObject } from '../api-server/delete.ts';
import { RESOURCES, resourceNamed } from '../api-server/resources.ts';
import { TIMINGS } from '../timings.ts';
import type { KubeObject } from '../types.ts';
import type { ControllerParts } from './parts.ts';
import { WorkQueue, splitKey } from './work-queue.ts';

/** Deletes what belonged to something that is gone, what a foreground deletion waits for, and what is in a namespace that goes. */
export function runGarbageCollector({ store, clock }: ControllerParts): WorkQueue {
  const dependentsOf = (uid: string): [plural: string, object: KubeObject][] =>
    RESOURCES.flatMap(({ plural }) =>
      store
        .list(plural)
        .filter((object) => object.metadata.ownerReferences?.some((reference) => reference.uid === uid))
        .map((object): [string, KubeObject] => [plural, object]),
    );

  const collect = (uid: string) => {
    for (const [plural, object] of dependentsOf(uid)) {
      if (object.metadata.deletionTimestamp) continue;
      const others = (object.metadata.ownerReferences ?? []).filter(
        (reference) => reference.uid !== uid && exists(reference.kind, object, reference.uid),
      );
      if (others.length > 0) continue;
      deleteObject(store, resourceNamed(plural), object.metadata.namespace ?? '', object.metadata.name, {
        propagationPolicy: 'Background',
      });
    }
  };

  const exists = (kind: string, object: KubeObject, uid: string): boolean =>
    RESOURCES.some(
      (one) =>
        one.kind === kind &&
        store.list(one.plural, one.namespaced ? object.metadata.namespace : undefined).some((owner) => owner.metadata.uid === uid),
    );

  /** A foreground deletion is over when nothing depends on the object any more. */
  const finishForeground = (plural: string, object: KubeObject) => {
    const uid = object.metadata.uid ?? '';
    collect(uid);
    const blockers = dependentsOf(uid).filter(([, one]) =>
      one.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
    );
    if (blockers.length > 0) return;
    const rest = (object.metadata.finalizers ?? []).filter((one) => one !== 'foregroundDeletion');
    const { namespace, name } = object.metadata;
    if (rest.length === 0) store.remove(plural, namespace, name);
    else store.update(plural, namespace, name, (before) => ({ ...before, metadata: { ...before.metadata, finalizers: rest } }));
  };

  const finishNamespace = (name: string) => {
    const namespace = store.get('namespaces', undefined, name);
    if (!namespace?.metadata.deletionTimestamp) return;
    let left = 0;
    for (const { plural, namespaced } of RESOURCES) {
      if (!namespaced) continue;
      for (const object of store.list(plural, name)) {
        left += 1;
        if (!object.metadata.deletionTimestamp)
          deleteObject(store, resourceNamed(plural), name, object.metadata.name, { propagationPolicy: 'Background' });
      }
    }
    if (left === 0) store.remove('namespaces', undefined, name);
    else queue.addAfter(`namespace/${name}`, 200);
  };

  const reconcile = (key: string) => {
    const [kind, rest] = splitKey(key);
    if (kind === 'owner') return collect(rest);
    if (kind === 'namespace') return finishNamespace(rest);
    const [namespace, name] = splitKey(rest);
    const object = store.get(kind, namespace || undefined, name);
    if (object?.metadata.finalizers?.includes('foregroundDeletion') && object.metadata.deletionTimestamp) finishForeground(kind, object);
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, type, object, previous }) => {
    if (type === 'DELETED') {
      if (resource !== 'pods' && resource !== 'events') queue.add(`owner/${object.metadata.uid ?? ''}`);
      for (const reference of object.metadata.ownerReferences ?? []) {
        const found = RESOURCES.find((one) => one.kind === reference.kind);
        if (found) queue.add(`${found.plural}/${object.metadata.namespace ?? ''}/${reference.name}`);
      }
      return;
    }
    if (!object.metadata.deletionTimestamp || previous?.metadata.deletionTimestamp) return;
    if (resource === 'namespaces') queue.add(`namespace/${object.metadata.name}`);
    else queue.add(`${resource}/${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  });
  return queue;
}
