/** Values of the domain with everything a test does not care about filled in. Every function takes what differs. */
import type { ContainerPlan, Plan, WorkloadPlan } from '../../src/domain/plan.ts';
import type { Identity, RegistryAnswer } from '../../src/domain/registry-answer.ts';
import type { Ask } from '../../src/domain/request.ts';
import type { PullEvidence } from '../../src/domain/verdict.ts';
import { RESTARTED_AT, STAMP } from '../../src/domain/workload.ts';
import type {
  Budget,
  ClusterEvent,
  ContainerSpec,
  NodeFacts,
  Pod,
  PodContainer,
  PullPolicy,
  Revision,
  Snapshot,
  Workload,
  WorkloadKind,
  WorkloadView,
} from '../../src/domain/workload.ts';

/** 2026-12-01T21:00:00Z. */
export const NOW = 1_796_158_800_000;
export const REQUEST = 'r-7k2m';
export const IMAGE = 'registry.example/shop/api:v1';
export const REPOSITORY = 'registry.example/shop/api';

/** A digest that reads as its name: `digest('old')`. The same name gives the same digest. */
export function digest(name: string): string {
  const hex = Array.from(name, (letter) => (letter.codePointAt(0) ?? 0).toString(16)).join('');
  return `sha256:${hex.padEnd(64, '0').slice(0, 64)}`;
}
export const OLD = digest('old');
export const NEW = digest('new');

export const imageId = (of: string, repository = REPOSITORY): string => `${repository}@${of}`;

export const anAsk = (over: Partial<Ask> = {}): Ask => ({
  kind: 'repull',
  app: 'my-app',
  environment: 'prod',
  cluster: 'prod-eu',
  namespaces: ['shop'],
  workloads: [],
  via: 'auto',
  force: false,
  forceDelete: false,
  dryRun: false,
  ...over,
});

export const aNode = (over: Partial<NodeFacts> = {}): NodeFacts => ({
  name: 'node-1',
  os: 'linux',
  architecture: 'amd64',
  ready: true,
  unschedulable: false,
  ...over,
});

export const aContainer = (over: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name: 'app',
  role: 'container',
  image: IMAGE,
  pullPolicy: 'Always',
  ...over,
});

export const aWorkload = (over: Partial<Workload> = {}): Workload => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'my-app',
  uid: 'uid-my-app',
  resourceVersion: '100',
  generation: 1,
  observedGeneration: 1,
  paused: false,
  deleting: false,
  replicas: 2,
  strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' },
  minReadySeconds: 0,
  progressDeadlineSeconds: 600,
  templateAnnotations: {},
  containers: [aContainer()],
  imageVolumes: [],
  pullSecrets: [],
  serviceAccount: 'default',
  status: { replicas: 2, updated: 2, ready: 2, available: 2, conditions: [] },
  owners: [],
  templateManagers: [],
  ...over,
});

export const aPodContainer = (over: Partial<PodContainer> = {}): PodContainer => ({
  name: 'app',
  role: 'container',
  image: IMAGE,
  pullPolicy: 'Always',
  imageId: imageId(OLD),
  containerId: 'containerd://c1',
  ready: true,
  restartCount: 0,
  state: { is: 'running', startedAt: NOW - 3_600_000 },
  ...over,
});

export const aPod = (over: Partial<Pod> = {}): Pod => ({
  namespace: 'shop',
  name: 'my-app-1',
  uid: `uid-${over.name ?? 'my-app-1'}`,
  node: 'node-1',
  createdAt: NOW - 3_600_000,
  deleting: false,
  mirror: false,
  phase: 'Running',
  ready: true,
  readySince: NOW - 3_600_000,
  revision: 'rev1',
  conditions: [],
  containers: [aPodContainer()],
  ...over,
});

export const aRevision = (over: Partial<Revision> = {}): Revision => ({
  name: `my-app-${over.hash ?? 'rev1'}`,
  uid: `uid-${over.hash ?? 'rev1'}`,
  hash: 'rev1',
  number: 1,
  createdAt: NOW - 3_600_000,
  images: { app: IMAGE },
  conditions: [],
  ...over,
});

export const aBudget = (over: Partial<Budget> = {}): Budget => ({
  name: 'my-app',
  allowed: 1,
  currentHealthy: 2,
  desiredHealthy: 1,
  expectedPods: 2,
  pods: ['my-app-1', 'my-app-2'],
  ...over,
});

/** What most tests vary. `running` is the digest of each pod in turn; `pullPolicy` that of template and pods. */
export interface Shape {
  image?: string;
  pullPolicy?: PullPolicy;
  replicas?: number;
  /** One digest for all pods, or one per pod. */
  running?: string | string[];
  workload?: Partial<Workload>;
  /** Instead of the one container that image and pullPolicy describe. */
  containers?: ContainerSpec[];
  view?: Partial<WorkloadView>;
}

function aView(kind: WorkloadKind, shape: Shape): WorkloadView {
  const replicas = shape.replicas ?? 2;
  const image = shape.image ?? IMAGE;
  const containers = shape.containers ?? [aContainer({ image, pullPolicy: shape.pullPolicy ?? 'Always' })];
  const name = shape.workload?.name ?? 'my-app';
  const digests = typeof shape.running === 'string' ? [shape.running] : (shape.running ?? [OLD]);
  const pods = Array.from({ length: replicas }, (_, index) =>
    aPod({
      name: `${name}-${kind === 'StatefulSet' ? index : index + 1}`,
      node: `node-${(index % 2) + 1}`,
      ...(kind === 'StatefulSet' ? { ordinal: index } : {}),
      containers: containers.map((spec) =>
        aPodContainer({
          name: spec.name,
          role: spec.role,
          image: spec.image,
          pullPolicy: spec.pullPolicy,
          imageId: imageId(digests[index % digests.length] ?? OLD),
        }),
      ),
    }),
  );
  const counts = { replicas, updated: replicas, ready: replicas, available: replicas };
  return {
    workload: aWorkload({
      kind,
      name,
      uid: `uid-${name}`,
      replicas,
      containers,
      status: { ...counts, conditions: [], ...(kind === 'Deployment' ? {} : { currentRevision: 'rev1', updateRevision: 'rev1' }) },
      ...(kind === 'StatefulSet' ? { podManagement: 'OrderedReady' as const, strategy: { type: 'RollingUpdate' as const } } : {}),
      ...(kind === 'DaemonSet' ? { strategy: { type: 'RollingUpdate' as const, maxUnavailable: '1', maxSurge: '0' } } : {}),
      ...(kind === 'ReplicaSet' ? { strategy: { type: 'OnDelete' as const } } : {}),
      ...(kind === 'CronJob'
        ? { strategy: { type: 'NextRun' as const }, schedule: { cron: '0 3 * * *', suspended: false, nextAt: NOW + 3_600_000 } }
        : {}),
      ...shape.workload,
    }),
    pods,
    revisions: [aRevision({ images: Object.fromEntries(containers.map((spec) => [spec.name, spec.image])) })],
    budgets: [],
    events: [],
    ...shape.view,
  };
}

export const aDeployment = (shape: Shape = {}): WorkloadView => aView('Deployment', shape);
export const aStatefulSet = (shape: Shape = {}): WorkloadView => aView('StatefulSet', shape);
export const aDaemonSet = (shape: Shape = {}): WorkloadView => aView('DaemonSet', shape);
export const aViewOf = (kind: WorkloadKind, shape: Shape = {}): WorkloadView => aView(kind, shape);

export const aSnapshot = (...workloads: WorkloadView[]): Snapshot => ({
  cluster: 'prod-eu',
  at: NOW,
  workloads,
  nodes: [aNode(), aNode({ name: 'node-2' })],
});

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
  why: 'every container concerned has the policy Always',
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
