import { createObject } from '../api-server/create.ts';
import { sameJson } from '../api-server/json.ts';
import type { Store } from '../api-server/store.ts';
import { controllerReference } from '../objects.ts';
import type { ControllerRevision, DaemonSet, StatefulSet } from '../objects.ts';
import { ownedBy, templateHash } from './pods.ts';

export const REVISION_HASH = 'controller-revision-hash';
const MANAGER = { manager: 'kube-controller-manager' };

/** All revisions of a set, oldest first. */
export function revisionsOf(store: Store, owner: StatefulSet | DaemonSet): ControllerRevision[] {
  return ownedBy<ControllerRevision>(store, 'controllerrevisions', owner).sort((a, b) => a.revision - b.revision);
}

/** The revision of the template as it is now: a new one, or an earlier one that becomes the latest again. */
export function updateRevision(store: Store, owner: StatefulSet | DaemonSet): ControllerRevision {
  const known = revisionsOf(store, owner);
  const latest = known.at(-1)?.revision ?? 0;
  const data = { spec: { template: { ...owner.spec.template, $patch: 'replace' as const } } };
  const equal = known.find((one) => sameJson(one.data, data));
  if (equal && equal.revision === latest) return equal;
  if (equal) {
    return store.update(
      'controllerrevisions',
      owner.metadata.namespace,
      equal.metadata.name,
      (before) => ({ ...before, revision: latest + 1 }),
      MANAGER,
    ) as ControllerRevision;
  }
  const hash = templateHash(owner.spec.template);
  const body = {
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      labels: { ...owner.spec.template.metadata?.labels, [REVISION_HASH]: hash },
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: latest + 1,
  };
  return createObject(store, 'controllerrevisions', owner.metadata.namespace ?? '', body, MANAGER) as ControllerRevision;
}

/** Forgets the oldest revisions that no pod runs, beyond the limit. */
export function pruneRevisions(store: Store, owner: StatefulSet | DaemonSet, used: Set<string>): void {
  const idle = revisionsOf(store, owner).filter((one) => !used.has(one.metadata.name));
  for (const one of idle.slice(0, Math.max(0, idle.length - owner.spec.revisionHistoryLimit))) {
    store.remove('controllerrevisions', one.metadata.namespace, one.metadata.name);
  }
}
