/** What repull makes of a cluster: answers of registries, evidence, plans. Every function takes what differs. */
import type { ContainerPlan, Plan, WorkloadPlan } from '../../src/domain/plan.ts';
import type { Identity, RegistryAnswer } from '../../src/domain/registry-answer.ts';
import type { PullEvidence } from '../../src/domain/verdict.ts';
import { RESTARTED_AT, STAMP } from '../../src/domain/workload.ts';
import type { ClusterEvent } from '../../src/domain/workload.ts';
import { NOW, REQUEST, IMAGE, OLD, NEW } from './builders.ts';

/** A single manifest, unless identities say otherwise. */
export const anAnswer = (
  over: { digest?: string; reference?: string; identities?: Identity[]; platforms?: string[] } = {},
): RegistryAnswer => ({
  known: true,
  reference: over.reference ?? IMAGE,
  digest: over.digest ?? NEW,
  identities: over.identities ?? [{ digest: over.digest ?? NEW, of: 'manifest' }],
  platforms: over.platforms ?? [],
  at: NOW,
});

type Unknown = Extract<RegistryAnswer, { known: false }>['because'];
export const noAnswer = (because: Unknown = 'timeout', detail = 'no answer within 5 s'): RegistryAnswer => ({
  known: false,
  reference: IMAGE,
  because,
  detail,
  at: NOW,
});

let eventNumber = 0;
export const anEvent = (over: Partial<ClusterEvent> = {}): ClusterEvent => {
  eventNumber += 1;
  return {
    uid: `event-${eventNumber}`,
    count: 1,
    objectKind: 'Pod',
    objectUid: 'uid-my-app-1',
    objectName: 'my-app-1',
    container: 'app',
    type: 'Normal',
    reason: 'Pulling',
    message: `Pulling image "${IMAGE}"`,
    at: NOW,
    source: 'kubelet',
    ...over,
  };
};

export const anEvidence = (over: Partial<PullEvidence> = {}): PullEvidence => {
  eventNumber += 1;
  return {
    eventUid: `event-${eventNumber}`,
    count: 1,
    podUid: 'uid-my-app-1',
    pod: 'my-app-1',
    container: 'app',
    at: NOW,
    image: IMAGE,
    what: { is: 'pulled', tookMs: 2100, waitedMs: 0, bytes: 64_000_000 },
    message: `Successfully pulled image "${IMAGE}" in 2.1s (2.1s including waiting). Image size: 64000000 bytes.`,
    ...over,
  };
};

export const aContainerPlan = (over: Partial<ContainerPlan> = {}): ContainerPlan => ({
  workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
  container: 'app',
  role: 'container',
  image: IMAGE,
  imageAfter: IMAGE,
  pullPolicy: 'Always',
  pullPolicyAfter: 'Always',
  running: [OLD],
  registry: anAnswer(),
  concerned: true,
  ...over,
});

export const aWorkloadPlan = (over: Partial<WorkloadPlan> = {}): WorkloadPlan => ({
  workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
  uid: 'uid-my-app',
  method: 'restart',
  why: 'the pull policy is Always, so every new pod fetches its image',
  write: {
    action: 'patch-template',
    workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
    uid: 'uid-my-app',
    resourceVersion: '100',
    annotations: { [STAMP]: REQUEST, [RESTARTED_AT]: '2026-12-01T21:00:00Z' },
    images: [],
    pullPolicies: [],
  },
  replicas: 2,
  pods: [
    { name: 'my-app-1', uid: 'uid-my-app-1', node: 'node-1', ready: true },
    { name: 'my-app-2', uid: 'uid-my-app-2', node: 'node-2', ready: true },
  ],
  budgets: [],
  downtime: 'none',
  owners: [],
  strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' },
  ...over,
});

/** The same, removing its pods one at a time. */
export function anEvictPlan(over: Partial<WorkloadPlan> = {}): WorkloadPlan {
  const plan = aWorkloadPlan({ method: 'evict', ...over });
  return {
    ...plan,
    write: {
      action: 'evict',
      workload: plan.workload,
      uid: plan.uid,
      pods: plan.pods.map(({ name, uid, node }) => ({ name, uid, ...(node === undefined ? {} : { node }) })),
      forceDelete: false,
    },
    ...over,
  };
}

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  hash: '0123456789abcdef',
  cluster: 'prod-eu',
  at: NOW,
  workloads: [aWorkloadPlan()],
  containers: [aContainerPlan()],
  warnings: [],
  ...over,
});
