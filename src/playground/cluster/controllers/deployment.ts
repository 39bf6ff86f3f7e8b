import { createObject } from '../api-server/create.ts';
import { sameJson } from '../api-server/json.ts';
import { EventRecorder } from '../event-recorder.ts';
import { controllerOf } from '../objects.ts';
import type { Condition, Deployment, Pod, ReplicaSet } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import { DESIRED, MAXIMUM, REVISION, limits, newSetReplicas, oldSetSizes, proportionalSizes, revisionOf } from './deployment-scaling.ts';
import { availability, countReplicas, hasProgressed, isComplete, withCondition } from './deployment-status.ts';
import { bareTemplate, newReplicaSet } from './new-replica-set.ts';
import type { ControllerParts } from './parts.ts';
import { isFinished, ownedBy } from './pods.ts';
import { WorkQueue, keyOf, splitKey } from './work-queue.ts';

const MANAGER = { manager: 'kube-controller-manager' };
const STATUS = { ...MANAGER, subresource: 'status' };

/** Moves a Deployment from one ReplicaSet to the next (pkg/controller/deployment). */
export function runDeployments({ store, clock }: ControllerParts): WorkQueue {
  const recorder = new EventRecorder(store, clock, { component: 'deployment-controller' });
  /** When each deployment last moved, to the millisecond. */
  const movedAt = new Map<string, number>();

  const reconcile = (key: string) => {
    const [namespace, name] = splitKey(key);
    const deployment = store.get<Deployment>('deployments', namespace, name);
    if (!deployment) return;
    const sets = ownedBy<ReplicaSet>(store, 'replicasets', deployment);
    const newest = sets.find((set) => sameJson(bareTemplate(set.spec.template), deployment.spec.template));
    if (deployment.metadata.deletionTimestamp) return report(key, newest);
    notePause(deployment);
    const resized = sets.some((set) => set.spec.replicas > 0 && set.metadata.annotations?.[DESIRED] !== String(deployment.spec.replicas));
    if (deployment.spec.paused || resized) rescale(deployment, sets, newest);
    else if (deployment.spec.strategy.type === 'Recreate') recreate(deployment, sets, newest);
    else roll(deployment, sets, newest);
    report(key);
  };

  const scale = (deployment: Deployment, set: ReplicaSet, size: number): boolean => {
    const annotations = {
      [DESIRED]: String(deployment.spec.replicas),
      [MAXIMUM]: String(deployment.spec.replicas + limits(deployment).surge),
    };
    const from = set.spec.replicas;
    store.update(
      'replicasets',
      set.metadata.namespace,
      set.metadata.name,
      (before) => ({
        ...before,
        metadata: { ...before.metadata, annotations: { ...before.metadata.annotations, ...annotations } },
        spec: { ...(before as ReplicaSet).spec, replicas: size },
      }),
      MANAGER,
    );
    if (from === size) return false;
    const message = `Scaled ${size > from ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${size}`;
    recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
    return true;
  };

  const rescale = (deployment: Deployment, sets: ReplicaSet[], newest: ReplicaSet | undefined) => {
    const active = sets.filter((set) => set.spec.replicas > 0);
    const only = active.length <= 1 ? (active[0] ?? newest) : undefined;
    if (only) return void scale(deployment, only, deployment.spec.replicas);
    for (const [set, size] of proportionalSizes(deployment, active)) scale(deployment, set, size);
  };

  const roll = (deployment: Deployment, sets: ReplicaSet[], found: ReplicaSet | undefined) => {
    const newest = adopt(deployment, sets, found) ?? createSet(deployment, sets);
    if (!found) return;
    const old = sets.filter((set) => set !== found);
    const wanted =
      newest.spec.replicas > deployment.spec.replicas ? deployment.spec.replicas : newSetReplicas(deployment, sets, newest.spec.replicas);
    if (scale(deployment, newest, wanted)) return;
    for (const [set, size] of oldSetSizes(
      deployment,
      newest,
      old.filter((set) => set.spec.replicas > 0),
    ))
      scale(deployment, set, size);
    cleanUp(deployment, old);
  };

  const recreate = (deployment: Deployment, sets: ReplicaSet[], found: ReplicaSet | undefined) => {
    const old = sets.filter((set) => set !== found);
    for (const set of old) if (set.spec.replicas > 0) scale(deployment, set, 0);
    const isOldRunning = old.some((set) => ownedBy<Pod>(store, 'pods', set).some((pod) => !isFinished(pod)));
    if (isOldRunning) return;
    const newest = adopt(deployment, sets, found);
    if (newest) scale(deployment, newest, deployment.spec.replicas);
    else createSet(deployment, sets);
    cleanUp(deployment, old);
  };

  /** An earlier ReplicaSet with this template becomes the newest again: that is what an undo is. */
  const adopt = (deployment: Deployment, sets: ReplicaSet[], found: ReplicaSet | undefined): ReplicaSet | undefined => {
    if (!found) return undefined;
    const highest = Math.max(0, ...sets.filter((set) => set !== found).map(revisionOf));
    const revision = Math.max(revisionOf(found), highest + 1);
    const isNews = revisionOf(found) < revision;
    if (isNews) setRevision('replicasets', found, revision);
    const reason = 'FoundNewReplicaSet';
    const message = `Found new replica set "${found.metadata.name}"`;
    if (revisionOf(deployment) !== revision) setRevision('deployments', deployment, revision, isNews ? { reason, message } : undefined);
    return store.get<ReplicaSet>('replicasets', found.metadata.namespace, found.metadata.name);
  };

  const createSet = (deployment: Deployment, sets: ReplicaSet[]): ReplicaSet => {
    const replicas = newSetReplicas(deployment, sets, 0);
    const revision = Math.max(0, ...sets.map(revisionOf)) + 1;
    const body = newReplicaSet(deployment, revision, replicas);
    const created = createObject(store, 'replicasets', deployment.metadata.namespace ?? '', body, MANAGER) as ReplicaSet;
    movedAt.set(deployment.metadata.uid ?? '', Date.now());
    setRevision('deployments', deployment, revision, {
      reason: 'NewReplicaSetCreated',
      message: `Created new replica set "${created.metadata.name}"`,
    });
    if (replicas > 0) {
      const message = `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`;
      recorder.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
    }
    return created;
  };

  const setRevision = (
    plural: string,
    object: Deployment | ReplicaSet,
    revision: number,
    progress?: { reason: string; message: string },
  ) => {
    store.update(
      plural,
      object.metadata.namespace,
      object.metadata.name,
      (before) => {
        const metadata = { ...before.metadata, annotations: { ...before.metadata.annotations, [REVISION]: String(revision) } };
        if (!progress) return { ...before, metadata };
        const { status } = before as Deployment;
        const conditions = withCondition(status.conditions ?? [], { type: 'Progressing', status: 'True', ...progress }, clock.timestamp());
        return { ...before, metadata, status: { ...status, conditions } };
      },
      STATUS,
    );
  };

  const notePause = (deployment: Deployment) => {
    const condition = deployment.status.conditions?.find((one) => one.type === 'Progressing');
    const isNoted = condition?.reason === 'DeploymentPaused';
    if (condition?.reason === 'ProgressDeadlineExceeded' || isNoted === Boolean(deployment.spec.paused)) return;
    const next = deployment.spec.paused
      ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
      : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
    movedAt.set(deployment.metadata.uid ?? '', Date.now());
    store.update(
      'deployments',
      deployment.metadata.namespace,
      deployment.metadata.name,
      (before) => {
        const { status } = before as Deployment;
        return {
          ...before,
          status: {
            ...status,
            conditions: withCondition(status.conditions ?? [], { type: 'Progressing', status: 'Unknown', ...next }, clock.timestamp()),
          },
        };
      },
      STATUS,
    );
  };

  const cleanUp = (deployment: Deployment, old: ReplicaSet[]) => {
    if (!isComplete(deployment, deployment.status)) return;
    const idle = old.filter((set) => set.spec.replicas === 0 && set.status.replicas === 0).sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const set of idle.slice(0, Math.max(0, idle.length - deployment.spec.revisionHistoryLimit))) {
      store.remove('replicasets', set.metadata.namespace, set.metadata.name);
    }
  };

  const report = (key: string, given?: ReplicaSet) => {
    const [namespace, name] = splitKey(key);
    const deployment = store.get<Deployment>('deployments', namespace, name);
    if (!deployment) return;
    const sets = ownedBy<ReplicaSet>(store, 'replicasets', deployment);
    const newest = given ?? sets.find((set) => sameJson(bareTemplate(set.spec.template), deployment.spec.template));
    const status = countReplicas(deployment, sets, newest);
    const at = clock.timestamp();
    let conditions = withCondition(status.conditions ?? [], availability(deployment, status), at);
    if (!deployment.spec.paused) conditions = progress(deployment, status, conditions, newest, at);
    const failure = sets.flatMap((set) => set.status.conditions ?? []).find((one) => one.type === 'ReplicaFailure');
    conditions = failure
      ? withCondition(
          conditions,
          { type: 'ReplicaFailure', status: 'True', reason: failure.reason ?? '', message: failure.message ?? '' },
          at,
        )
      : conditions.filter((one) => one.type !== 'ReplicaFailure');
    store.update('deployments', namespace, name, (before) => ({ ...before, status: { ...status, conditions } }), STATUS);
  };

  const progress = (
    deployment: Deployment,
    status: Deployment['status'],
    conditions: Condition[],
    newest: ReplicaSet | undefined,
    at: string,
  ): Condition[] => {
    const current = conditions.find((one) => one.type === 'Progressing');
    const uid = deployment.metadata.uid ?? '';
    const isDone = current?.reason === 'NewReplicaSetAvailable' && (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
    if (isDone || !newest) return conditions;
    const say = (reason: string, message: string, ok: 'True' | 'False' = 'True') => ({
      type: 'Progressing',
      status: ok,
      reason,
      message: `ReplicaSet "${newest.metadata.name}" ${message}`,
    });
    if (isComplete(deployment, status)) return withCondition(conditions, say('NewReplicaSetAvailable', 'has successfully progressed.'), at);
    if (hasProgressed(deployment.status, status)) {
      movedAt.set(uid, Date.now());
      return withCondition(conditions, say('ReplicaSetUpdated', 'is progressing.'), at, true);
    }
    if (current?.reason === 'NewReplicaSetAvailable') return conditions;
    const left = deployment.spec.progressDeadlineSeconds * 1000 - clock.since(movedAt.get(uid) ?? Date.now());
    if (left <= 0) return withCondition(conditions, say('ProgressDeadlineExceeded', 'has timed out progressing.', 'False'), at);
    queue.addAfter(keyOf(deployment), left + 5);
    return conditions;
  };

  const queue = new WorkQueue(clock, TIMINGS.controller, reconcile);
  store.onChange(({ resource, object, previous }) => {
    if (resource === 'deployments') {
      if (previous?.metadata.generation !== object.metadata.generation) queue.add(keyOf(object));
      return;
    }
    const owner = controllerOf(object);
    const namespace = object.metadata.namespace ?? '';
    if (resource === 'replicasets' && owner?.kind === 'Deployment') queue.add(`${namespace}/${owner.name}`);
    if (resource === 'pods' && owner?.kind === 'ReplicaSet') {
      const set = store.get('replicasets', namespace, owner.name);
      const grandparent = set && controllerOf(set);
      if (grandparent?.kind === 'Deployment') queue.add(`${namespace}/${grandparent.name}`);
    }
  });
  return queue;
}
