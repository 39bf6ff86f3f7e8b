import { observe, type ObserveInput } from '../../../src/domain/observe.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { STAMP } from '../../../src/domain/workload.ts';
import type { Pod, PodContainer, Workload, WorkloadKind, WorkloadView } from '../../../src/domain/workload.ts';
import { aPod, aPodContainer, aRevision, aViewOf, NOW, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anEvidence, aWorkloadPlan } from '../../support/plan-builders.ts';

export const SECOND = 1000;

export const newPod = (name: string, over: Partial<Pod> = {}): Pod =>
  aPod({ name, revision: 'rev2', createdAt: NOW, readySince: NOW, ...over });
export const startingPod = (name: string, container: Partial<PodContainer> = {}, over: Partial<Pod> = {}): Pod =>
  newPod(name, {
    ready: false,
    phase: 'Pending',
    containers: [aPodContainer({ ready: false, state: { is: 'waiting', reason: 'ContainerCreating' }, ...container })],
    ...over,
  });
export const oldPod = (name: string, over: Partial<Pod> = {}): Pod => aPod({ name, revision: 'rev1', ...over });

export interface Scene {
  kind?: WorkloadKind;
  pods?: Pod[];
  status?: Partial<Workload['status']>;
  workload?: Partial<Workload>;
  view?: Partial<WorkloadView>;
  input?: Partial<ObserveInput>;
  now?: number;
}

/** A rollout of two pods by this request: its template is stamped and seen, rev2 is its revision. Everything is done unless said otherwise. */
export function input({
  kind = 'Deployment',
  pods,
  status,
  workload,
  view,
  input: more,
  now = NOW + 10 * SECOND,
}: Scene = {}): ObserveInput {
  const base = aViewOf(kind, {});
  const done = {
    replicas: 2,
    updated: 2,
    ready: 2,
    available: 2,
    conditions: [],
    ...(kind === 'Deployment' ? {} : { updateRevision: 'rev2', currentRevision: 'rev1' }),
  };
  const ref = { kind, namespace: 'shop', name: 'my-app' };
  return {
    view: {
      ...base,
      pods: pods ?? [newPod('new-1', { ordinal: 0 }), newPod('new-2', { ordinal: 1 })],
      revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST, createdAt: NOW }), aRevision()],
      ...view,
      workload: {
        ...base.workload,
        generation: 2,
        observedGeneration: 2,
        templateAnnotations: { [STAMP]: REQUEST },
        templateManagers: [{ manager: 'repull', at: NOW }],
        ...workload,
        status: { ...done, ...status },
      },
    },
    plan: aWorkloadPlan({ workload: ref }),
    containers: [aContainerPlan({ workload: ref })],
    request: REQUEST,
    evidence: [],
    symptoms: {},
    evicted: [],
    nodes: { facts: [], lost: [] },
    now,
    ...more,
  };
}

export const look = (scene: Scene = {}) => observe(input(scene)).progress;

/** The same sight at several moments, each with the memory of the one before. */
export function over(scene: Scene, seconds: readonly number[]) {
  let symptoms: Symptoms = {};
  return seconds.map((second) => {
    const seen = observe({ ...input({ ...scene, now: NOW + second * SECOND }), symptoms });
    symptoms = seen.symptoms;
    return seen.progress.observation;
  });
}
export const codes = (scene: Scene, ...seconds: number[]) =>
  over(scene, seconds).map((observation) => (observation.phase === 'stalled' ? observation.because.code : observation.phase));

export const failing = (container: Partial<PodContainer>, scene: Scene = {}): Scene => ({
  pods: [startingPod('a', container), oldPod('b'), oldPod('c')],
  status: { updated: 1, replicas: 3, ready: 2, available: 2 },
  ...scene,
});
export const waiting = (reason: string, message = ''): Partial<PodContainer> => ({ state: { is: 'waiting', reason, message } });
export const attempts = (count: number, message: string) => ({
  evidence: [anEvidence({ podUid: 'uid-a', pod: 'a', count, what: { is: 'failed', reason: 'ErrImagePull', message }, message })],
});
export const MISSING = 'rpc error: code = NotFound desc = failed to resolve reference "shop/api:v9": shop/api:v9: not found';
export const THROTTLED = 'unexpected status code 429 Too Many Requests';
