/** Several workloads, hundreds of pods, and the cards that follow from what goes wrong on the way. */
import type { ContainerPlan, Plan, WorkloadPlan } from '../../../src/domain/plan.ts';
import type { PodPhase, PodProgress, WorkloadProgress } from '../../../src/domain/rollout.ts';
import type { WorkloadRef } from '../../../src/domain/workload.ts';
import { aContainerPlan, aPlan, aVerdict, AT, ended, NEW, type Story, story, voted, WORKLOAD } from './story-parts.ts';

const CACHE: WorkloadRef = { kind: 'StatefulSet', namespace: 'shop', name: 'my-app-cache' };
const AGENT: WorkloadRef = { kind: 'DaemonSet', namespace: 'shop', name: 'my-app-agent' };

const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** `3 ready, 1 pulling` as pods. */
function podsOf(name: string, phases: readonly (readonly [PodPhase, number, string?])[]): PodProgress[] {
  return phases
    .flatMap(([phase, count, detail]) => many(count, () => ({ phase, ...(detail === undefined ? {} : { detail }) })))
    .map((each, n) => ({ pod: `${name}-${n}`, uid: `${name}-${n}`, ...each }));
}

function workloadPlan(workload: WorkloadRef, over: Partial<WorkloadPlan> = {}): WorkloadPlan {
  const [first] = aPlan().workloads;
  if (first === undefined) throw new Error('the plan has a workload');
  return { ...first, workload, write: { ...first.write, workload } as WorkloadPlan['write'], budgets: [], ...over };
}

const PINNED = `registry.example/shop/my-app-cache:7@${NEW}`;
const SEVERAL: Plan = aPlan({
  workloads: [
    workloadPlan(WORKLOAD),
    workloadPlan(CACHE, {
      method: 'pin',
      why: 'redis has the pull policy IfNotPresent, so a restart alone could keep what a node has under this tag; the digest is exact on every node, and a way back',
      replicas: 3,
      downtime: '1 of 3 pods at a time',
    }),
    workloadPlan(AGENT, { replicas: 12, downtime: '1 of 12 pods at a time' }),
  ],
  containers: [
    aContainerPlan(),
    aContainerPlan({
      workload: CACHE,
      container: 'redis',
      image: 'registry.example/shop/my-app-cache:7',
      imageAfter: PINNED,
      pullPolicy: 'IfNotPresent',
      pullPolicyAfter: 'IfNotPresent',
    }),
    aContainerPlan({
      workload: AGENT,
      container: 'agent',
      image: 'registry.example/shop/my-app-agent:v1',
      imageAfter: 'registry.example/shop/my-app-agent:v1',
    }),
  ],
  warnings: [],
});

const progressOf = (...workloads: WorkloadProgress[]) => ({ at: AT + 80_000, workloads });
const rolling = { ...voted, writing: { at: AT + 70_000 }, state: { status: 'rolling-out' as const, deadline: AT + 3_600_000 } };

const several = progressOf(
  { workload: WORKLOAD, observation: { phase: 'complete' }, pods: podsOf('my-app', [['ready', 4]]), old: 0, desired: 4 },
  {
    workload: CACHE,
    observation: { phase: 'updating', updated: 1, desired: 3 },
    pods: podsOf('my-app-cache', [['starting', 1, 'pulled in 6.2 s']]),
    old: 2,
    desired: 3,
  },
  {
    workload: AGENT,
    observation: { phase: 'updating', updated: 6, desired: 12 },
    pods: podsOf('my-app-agent', [
      ['ready', 4],
      ['pulling', 1],
      ['failed', 1, 'ErrImagePull'],
    ]),
    old: 6,
    desired: 12,
    notes: [
      {
        key: 'pull-failed',
        text: 'my-app-agent-5/agent cannot fetch its image yet: dial tcp 10.0.0.9:443: i/o timeout. This may pass: repull waits 5 min for it.',
      },
    ],
  },
);

/** A domain lists 100 pods at most; the counts of the controller are whole. */
const HUNDREDS: WorkloadProgress = {
  workload: WORKLOAD,
  observation: { phase: 'updating', updated: 260, desired: 400 },
  pods: podsOf('my-app', [
    ['ready', 88],
    ['starting', 7],
    ['pulling', 5],
  ]),
  old: 150,
  desired: 400,
};

const dozen = many(40, (n): WorkloadRef => ({ kind: 'Deployment', namespace: 'shop', name: `tenant-${n + 1}` }));
const DOZENS: Plan = aPlan({
  workloads: dozen.map((workload) => workloadPlan(workload)),
  containers: dozen.map((workload): ContainerPlan => aContainerPlan({ workload })),
  warnings: dozen.map(
    ({ name }) =>
      `deployment/${name}: registry.example/shop/my-app:v1 is a mutable tag: what it holds may change again; --pin runs the exact digest`,
  ),
});

export const MORE_STORIES: readonly Story[] = [
  story('waiting-for-a-new-tag', {
    plan: aPlan({
      workloads: [workloadPlan(WORKLOAD, { method: 'set-image', why: 'asked for with --tag v2', downtime: '1 of 4 pods at a time' })],
      containers: [aContainerPlan({ imageAfter: 'registry.example/shop/my-app:v2' })],
      warnings: [],
    }),
    state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 },
  }),
  story('waiting-and-the-registry-is-silent', {
    plan: aPlan({
      containers: [
        aContainerPlan({
          registry: {
            known: false,
            reference: 'registry.example/shop/my-app:v1',
            because: 'rate-limited',
            detail: '429 toomanyrequests',
            at: AT,
          },
        }),
      ],
      warnings: [
        'deployment/my-app: the registry could not be asked about registry.example/shop/my-app:v1 (rate-limited: 429 toomanyrequests): whether there is anything new is unknown, and if the nodes cannot ask it either, new pods will not start',
      ],
    }),
    state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 },
  }),
  story('waiting-with-dozens-of-workloads', { plan: DOZENS, state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 } }),
  story(
    'queued-and-next',
    { plan: aPlan(), ...voted, state: { status: 'queued', deadline: AT + 3_600_000 } },
    { position: { position: 1 } },
  ),
  story('rolling-out-several-workloads', { plan: SEVERAL, ...rolling, progress: several }),
  story('rolling-out-hundreds-of-pods', {
    plan: aPlan({ workloads: [workloadPlan(WORKLOAD, { replicas: 400, downtime: '100 of 400 pods at a time' })] }),
    ...rolling,
    progress: progressOf(HUNDREDS),
  }),
  story('rolling-out-behind-a-budget', {
    plan: aPlan({
      workloads: [workloadPlan(WORKLOAD, { method: 'evict', why: 'asked for with --via evict', downtime: '1 of 4 pods at a time' })],
    }),
    ...rolling,
    progress: progressOf({
      workload: WORKLOAD,
      observation: { phase: 'updating', updated: 1, desired: 4 },
      pods: podsOf('my-app', [['starting', 1, 'pulled in 2.1 s']]),
      old: 3,
      desired: 4,
      blockedBy: 'my-app',
    }),
  }),
  story('succeeded-several-workloads', {
    plan: SEVERAL,
    ...voted,
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [
      aVerdict('pulled new'),
      aVerdict('pulled new', { workload: CACHE, container: 'redis', image: PINNED }),
      aVerdict('pulled, unchanged', { workload: AGENT, container: 'agent', before: [NEW] }),
    ],
  }),
  story('succeeded-and-then-reverted', {
    plan: aPlan(),
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new')],
    milestones: [{ seq: 9, at: AT + 200_000, kind: 'reverted', text: 'deployment/my-app was changed back by argocd-controller.' }],
  }),
  story('failed-because-the-image-is-not-there', {
    plan: aPlan(),
    ...voted,
    ...ended,
    state: {
      status: 'failed',
      because: {
        code: 'image-not-found',
        subject: 'my-app-6d4cf56db6-4wq2x/app',
        evidence: 'Failed to pull image "registry.example/shop/my-app:v2": registry.example/shop/my-app:v2: not found',
        look: 'kubectl -n shop describe pod my-app-6d4cf56db6-4wq2x',
      },
      changed: true,
    },
    progress: progressOf({
      workload: WORKLOAD,
      observation: { phase: 'updating', updated: 1, desired: 4 },
      pods: podsOf('my-app', [['failed', 1, 'ImagePullBackOff']]),
      old: 4,
      desired: 4,
    }),
  }),
  story('expired-in-line', { plan: aPlan(), ...voted, state: { status: 'expired', because: 'execution' }, endedAt: AT + 3_600_000 }),
];
