import { observe, type ObserveInput } from '../../../src/domain/observe.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { STAMP } from '../../../src/domain/workload.ts';
import type { NodeFacts, Pod, Workload, WorkloadKind, WorkloadView } from '../../../src/domain/workload.ts';
import { aPod, aPodContainer, aRevision, aViewOf, NOW, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anEvictPlan, aWorkloadPlan } from '../../support/plan-builders.ts';

export const SECOND = 1000;
export const fresh = (name: string, over: Partial<Pod> = {}): Pod =>
  aPod({ name, revision: 'rev2', createdAt: NOW, readySince: NOW, ...over });
export const starting = (name: string, over: Partial<Pod> = {}): Pod =>
  fresh(name, { ready: false, phase: 'Pending', containers: [aPodContainer({ ready: false, state: { is: 'waiting' } })], ...over });
export const going = (name: string, over: Partial<Pod> = {}): Pod =>
  aPod({ name, revision: 'rev1', deleting: true, dueAt: NOW + SECOND, ...over });

export interface Scene {
  kind?: WorkloadKind;
  pods: Pod[];
  nodes?: NodeFacts[];
  lost?: string[];
  status?: Partial<Workload['status']>;
  workload?: Partial<Workload>;
  events?: WorkloadView['events'];
  evicts?: boolean;
}

export function input(
  { kind = 'Deployment', pods, nodes = [], lost = [], status, workload, events = [], evicts }: Scene,
  second: number,
): ObserveInput {
  const base = aViewOf(kind, {});
  const done = { replicas: 2, updated: 2, ready: 2, available: 2, conditions: [] };
  const ref = { kind, namespace: 'shop', name: 'my-app' };
  return {
    view: {
      ...base,
      pods,
      events,
      revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST, createdAt: NOW }), aRevision()],
      workload: {
        ...base.workload,
        generation: 2,
        observedGeneration: 2,
        templateAnnotations: { [STAMP]: REQUEST },
        templateManagers: [{ manager: 'repull', at: NOW }],
        ...workload,
        status: { ...done, ...(kind === 'Deployment' ? {} : { updateRevision: 'rev2', currentRevision: 'rev1' }), ...status },
      },
    },
    plan: evicts === true ? anEvictPlan({ workload: ref }) : aWorkloadPlan({ workload: ref }),
    containers: [aContainerPlan({ workload: ref })],
    request: REQUEST,
    evidence: [],
    symptoms: {},
    evicted: [],
    nodes: { facts: nodes, lost },
    now: NOW + second * SECOND,
  };
}

/** The same sight at several moments, each with the memory of the one before. */
export function over(scene: Scene, ...seconds: number[]) {
  let symptoms: Symptoms = {};
  return seconds.map((second) => {
    const seen = observe({ ...input(scene, second), symptoms });
    symptoms = seen.symptoms;
    return seen.progress;
  });
}
export const codes = (scene: Scene, ...seconds: number[]) =>
  over(scene, ...seconds).map(({ observation }) => (observation.phase === 'stalled' ? observation.because.code : observation.phase));
export const notes = (scene: Scene, ...seconds: number[]) =>
  over(scene, ...seconds).map((progress) => progress.notes?.map(({ text }) => text) ?? []);
