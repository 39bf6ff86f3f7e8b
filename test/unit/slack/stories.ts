/** One request in every state that a reader can meet, for golden files and for the tables of the limits. */
import type { CardContext } from '../../../src/app/ports-slack.ts';
import type { ContainerPlan, Plan, WorkloadPlan } from '../../../src/domain/plan.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import type { RolloutProgress } from '../../../src/domain/rollout.ts';
import type { ContainerVerdict, PodVerdict, VerdictWord } from '../../../src/domain/verdict.ts';
import type { WorkloadRef } from '../../../src/domain/workload.ts';

/** 2026-12-01T21:00:00Z. */
export const AT = 1_796_158_800_000;
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const OLD = digest('a');
export const NEW = digest('b');
const NEWER = digest('c');
const WORKLOAD: WorkloadRef = { kind: 'Deployment', namespace: 'shop', name: 'my-app' };

export const aContainerPlan = (over: Partial<ContainerPlan> = {}): ContainerPlan => ({
  workload: WORKLOAD,
  container: 'app',
  role: 'container',
  image: 'registry.example/shop/my-app:v1',
  imageAfter: 'registry.example/shop/my-app:v1',
  pullPolicy: 'Always',
  pullPolicyAfter: 'Always',
  running: [OLD],
  registry: {
    known: true,
    reference: 'registry.example/shop/my-app:v1',
    digest: NEW,
    identities: [{ digest: NEW, of: 'manifest' }],
    platforms: [],
    at: AT,
  },
  concerned: true,
  ...over,
});

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  hash: '0123456789abcdef',
  cluster: 'prod-eu',
  at: AT,
  workloads: [
    {
      workload: WORKLOAD,
      uid: 'uid-1',
      method: 'restart',
      why: 'the pull policy is Always, so a restart fetches the image',
      write: {
        action: 'patch-template',
        workload: WORKLOAD,
        uid: 'uid-1',
        resourceVersion: '100',
        annotations: { 'repull.dev/request': 'R-1' },
        images: [],
        pullPolicies: [],
      },
      replicas: 4,
      pods: [],
      budgets: [{ name: 'my-app', allowed: 1 }],
      downtime: 'none',
      owners: [],
    },
  ],
  containers: [aContainerPlan(), aContainerPlan({ container: 'sidecar', role: 'sidecar', concerned: false })],
  warnings: ['the tag v1 is mutable; --pin would run the exact digest'],
  ...over,
});

export const aVerdict = (word: VerdictWord, over: Partial<ContainerVerdict> = {}): ContainerVerdict => {
  const pod = (name: string, more: Partial<PodVerdict>): PodVerdict => ({
    podUid: `uid-${name}`,
    pod: name,
    node: 'node-1',
    container: 'app',
    word,
    after: NEW,
    ...more,
  });
  const pulled = word === 'pulled new' || word === 'pulled, unchanged';
  return {
    workload: WORKLOAD,
    container: 'app',
    image: 'registry.example/shop/my-app:v1',
    before: [OLD],
    registry: NEW,
    after: [word === 'wrong image' ? OLD : NEW],
    word,
    pods: [
      pod(
        'my-app-x1',
        pulled ? { tookMs: 2100, waitedMs: 40, bytes: 45_200_000, evidence: { message: 'Successfully pulled image in 2.1s', at: AT } } : {},
      ),
      pod('my-app-x2', pulled ? { tookMs: 3400, bytes: 45_200_000 } : {}),
    ],
    ...over,
  };
};

export const aRecord = (over: Partial<RequestRecord> = {}): RequestRecord => ({
  id: '1RS4C0-7QXM',
  version: 3,
  state: { status: 'planning' },
  since: AT + 5_000,
  createdAt: AT,
  ask: {
    kind: 'repull',
    app: 'my-app',
    environment: 'prod',
    cluster: 'prod-eu',
    namespaces: ['shop'],
    workloads: ['deployment/my-app'],
    via: 'auto',
    reason: 'new build of the checkout',
    force: false,
    forceDelete: false,
    dryRun: false,
  },
  requester: 'U0DEV00001',
  team: 'T0SHOP',
  channel: 'C0DEPLOYS1',
  decision: { verdict: 'ask', rule: 'bindings[0] (developer)', votes: 2, from: ['sre'], self: false, expiresMs: 1_800_000 },
  approvals: [],
  decisions: [],
  milestones: [],
  followers: [],
  ...over,
});

const voted = {
  approvals: [
    { by: 'U0SRE00001', at: AT + 60_000 },
    { by: 'U0SRE00002', at: AT + 61_000 },
  ],
};
const ended = { endedAt: AT + 108_000, writing: { at: AT + 70_000 } };
const crashed = {
  code: 'container-crashed' as const,
  subject: 'my-app-x1/app',
  evidence: 'back-off 10s restarting failed container=app pod=my-app-x1_shop(uid-1)',
  logs: ['starting on :8080', 'panic: asked to crash'],
};

const progress = {
  at: AT + 80_000,
  workloads: [
    {
      workload: WORKLOAD,
      observation: { phase: 'updating' as const, updated: 3, desired: 4 },
      pods: [
        { pod: 'my-app-x1', uid: '1', phase: 'ready' as const },
        { pod: 'my-app-x2', uid: '2', phase: 'pulled' as const, detail: '2.1 s' },
        { pod: 'my-app-x3', uid: '3', phase: 'pulling' as const },
      ],
      old: 2,
      desired: 4,
    },
  ],
};

export interface Story {
  name: string;
  record: RequestRecord;
  context: CardContext;
}

const story = (name: string, over: Partial<RequestRecord>, context: CardContext = {}): Story => ({ name, record: aRecord(over), context });
const planned = { plan: aPlan() };

const CRON_JOB = { kind: 'CronJob', namespace: 'shop', name: 'nightly' } as const;
const progressWith = (note: { key: string; text: string }, workload: WorkloadRef = WORKLOAD): RolloutProgress => ({
  at: AT,
  workloads: [{ workload, observation: { phase: 'complete' }, pods: [], old: 0, desired: 0, notes: [note] }],
});
function firstWorkload(): WorkloadPlan {
  const [first] = aPlan().workloads;
  if (first === undefined) throw new Error('the plan has a workload');
  return first;
}

export const STORIES: readonly Story[] = [
  story('planning', {}),
  story('waiting-for-approval', {
    ...planned,
    state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 },
    approvals: [{ by: 'U0SRE00001', at: AT + 60_000 }],
  }),
  story('drifted', {
    plan: aPlan({
      hash: 'fedcba9876543210',
      containers: [aContainerPlan({ registry: { known: true, reference: 'r', digest: NEWER, identities: [], platforms: [], at: AT } })],
    }),
    outdatedPlan: aPlan(),
    state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 },
  }),
  story('planned-again', {
    plan: aPlan({
      hash: 'fedcba9876543210',
      workloads: aPlan().workloads.map((each) => ({ ...each, replicas: 6, downtime: '1 of 6 pods at a time' })),
    }),
    outdatedPlan: aPlan(),
    decision: { verdict: 'allow', rule: 'bindings[0] (developer)' },
    state: { status: 'queued', deadline: AT + 3_600_000 },
  }),
  story('scheduled', { ...planned, ...voted, state: { status: 'scheduled', at: AT + 36_000_000 } }),
  story(
    'queued',
    { ...planned, ...voted, state: { status: 'queued', deadline: AT + 3_600_000 } },
    { position: { position: 2, holder: '1RS4BZ-0AAA' } },
  ),
  story('rolling-out', { ...planned, ...voted, writing: { at: AT }, state: { status: 'rolling-out', deadline: AT + 3_600_000 }, progress }),
  story('stopping', {
    ...planned,
    writing: { at: AT },
    state: { status: 'rolling-out', deadline: AT + 3_600_000 },
    progress,
    cancelAsked: { by: 'U0DEV00001', at: AT + 81_000 },
    clusterAway: { since: AT + 75_000 },
  }),
  story('succeeded', { ...planned, ...voted, ...ended, state: { status: 'succeeded' }, verdicts: [aVerdict('pulled new')] }),
  story('succeeded-unchanged', {
    ...planned,
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled, unchanged', { before: [NEW] })],
  }),
  story('succeeded-but-nothing-pulled', {
    ...planned,
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('cache, but correct')],
  }),
  story('succeeded-but-inferred', { ...planned, ...ended, state: { status: 'succeeded' }, verdicts: [aVerdict('inferred')] }),
  story('succeeded-partly', {
    plan: aPlan({ containers: [aContainerPlan(), aContainerPlan({ container: 'init', role: 'init' })] }),
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new'), aVerdict('from node cache', { container: 'init' })],
  }),
  story('rolled-back', {
    ...planned,
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new')],
    rolledBackBy: '1RS4D0-0BBB',
  }),
  story('failed', { ...planned, ...voted, ...ended, state: { status: 'failed', because: crashed, changed: true }, progress }),
  story('failed-before-it-changed-anything', {
    state: { status: 'failed', because: { code: 'backend-away', subject: 'prod-eu' }, changed: false },
    endedAt: AT + 9_000,
  }),
  story('refused', {
    state: { status: 'refused', because: { code: 'nothing-new', subject: 'my-app', remedy: '/repull my-app prod --force' } },
    endedAt: AT + 2_000,
  }),
  story('denied', {
    state: { status: 'denied', because: { code: 'not-permitted', subject: 'my-app in prod' } },
    decision: { verdict: 'deny', because: { code: 'not-permitted' }, help: ['sre'] },
    endedAt: AT + 100,
  }),
  story('rejected', { ...planned, state: { status: 'rejected', by: 'U0SRE00001', reason: 'not during the sale' }, endedAt: AT + 50_000 }),
  story('expired', { ...planned, state: { status: 'expired', because: 'approval' }, endedAt: AT + 1_800_000 }),
  story('cancelled', { ...planned, state: { status: 'cancelled', by: 'U0DEV00001', changed: false }, endedAt: AT + 20_000 }),
  story('cancelled-in-the-middle', { ...planned, ...ended, state: { status: 'cancelled', by: 'U0DEV00001', changed: true }, progress }),
  story('superseded', { ...planned, state: { status: 'superseded', by: '1RS4D0-0CCC' }, ...ended }),
  story(
    'waiting-under-another-policy',
    { ...planned, state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 } },
    { policyDiffers: 'the policy changed since: a new request would need 3, this one keeps 2' },
  ),
  story('waiting-with-broken-glass', {
    ...planned,
    state: { status: 'awaiting-approval', expiresAt: AT + 1_800_000 },
    decision: {
      verdict: 'ask',
      rule: 'bindings[1], role operator',
      votes: 1,
      from: ['sre'],
      self: false,
      expiresMs: 1_800_000,
      breakGlass: true,
    },
  }),
  story('succeeded-and-some-were-kept', {
    ...planned,
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new')],
    progress: progressWith({ key: 'kept', text: '1 of 3 pods stays as it is: its partition is 1' }),
  }),
  story('cron-job-next-run', {
    plan: aPlan({ workloads: [{ ...firstWorkload(), workload: CRON_JOB, replicas: 0, downtime: 'none' }] }),
    ...ended,
    state: { status: 'succeeded' },
    verdicts: [],
    progress: progressWith(
      { key: 'next-run', text: 'cronjob/nightly: its next run is due at 2026-11-24T02:00:00Z (0 3 * * *, Europe/Berlin)' },
      CRON_JOB,
    ),
  }),
  story('failed-without-a-new-pod', {
    ...planned,
    ...ended,
    state: {
      status: 'failed',
      because: { code: 'quota-exceeded', subject: 'deployment/my-app', evidence: 'exceeded quota: two-pods' },
      changed: true,
    },
    verdicts: [aVerdict('unverifiable', { pods: [], after: [] })],
  }),
  story('rollback', {
    ...planned,
    ...ended,
    ask: { ...aRecord().ask, kind: 'rollback', undoes: '1RS4B0-0DDD', automatic: true },
    decision: { verdict: 'allow', rule: 'on-failure: rollback' },
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new')],
  }),
];
