/** Values of the domain with everything a test does not care about filled in. Every function takes what differs. */
import type { Ask } from '../../src/domain/request.ts';
import type {
  Budget,
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
