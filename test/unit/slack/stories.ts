/** One request in every state that a reader can meet, for golden files, pictures and the tables of the limits. */
import type { WorkloadPlan } from '../../../src/domain/plan.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import type { RolloutProgress } from '../../../src/domain/rollout.ts';
import type { WorkloadRef } from '../../../src/domain/workload.ts';
import { MORE_STORIES } from './stories-more.ts';
import {
  aContainerPlan,
  aPlan,
  aRecord,
  aVerdict,
  AT,
  digest,
  ended,
  NEW,
  OLD,
  type Story,
  story,
  voted,
  WORKLOAD,
} from './story-parts.ts';

export { aRecord, AT } from './story-parts.ts';

const NEWER = digest('build 3');
const crashed = {
  code: 'container-crashed' as const,
  subject: 'my-app-6d4cf56db6-4wq2x/app',
  evidence: 'back-off 10s restarting failed container=app pod=my-app-6d4cf56db6-4wq2x_shop(5d1f)',
  logs: ['starting on :8080', 'panic: asked to crash'],
};

const progress = {
  at: AT + 80_000,
  workloads: [
    {
      workload: WORKLOAD,
      observation: { phase: 'updating' as const, updated: 3, desired: 4 },
      pods: [
        { pod: 'my-app-6d4cf56db6-4wq2x', uid: '1', phase: 'ready' as const, detail: 'pulled in 2.1 s' },
        { pod: 'my-app-6d4cf56db6-8lmzt', uid: '2', phase: 'pulled' as const, detail: 'pulled in 3.4 s' },
        { pod: 'my-app-6d4cf56db6-c6tkv', uid: '3', phase: 'pulling' as const },
      ],
      old: 2,
      desired: 4,
    },
  ],
};

const planned = { plan: aPlan() };

const BACK = `registry.example/shop/my-app:v1@${OLD}`;
const held = (reference: string) => ({ known: true as const, reference, identities: [], platforms: [], at: AT });
const withoutReason = ({ reason: _reason, ...ask }: RequestRecord['ask']): RequestRecord['ask'] => ask;

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
      containers: aPlan().containers.map((each) =>
        each.concerned
          ? { ...each, registry: { known: true, reference: each.image, digest: NEWER, identities: [], platforms: [], at: AT } }
          : each,
      ),
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
    decision: { verdict: 'allow', rule: 'bindings[0], role developer' },
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
    plan: aPlan({
      workloads: aPlan().workloads.map((each) => ({
        ...each,
        method: 'pin',
        why: 'back to the digests recorded before 1RS4B0-0DDD; the tag itself holds other bits now',
      })),
      containers: [aContainerPlan({ imageAfter: BACK, running: [NEW], registry: { ...held(BACK), digest: OLD } })],
      warnings: [],
    }),
    ...ended,
    approvals: [],
    ask: { ...withoutReason(aRecord().ask), kind: 'rollback', undoes: '1RS4B0-0DDD', automatic: true },
    decision: { verdict: 'allow', rule: 'on-failure: rollback' },
    state: { status: 'succeeded' },
    verdicts: [aVerdict('pulled new', { image: BACK, before: [NEW], registry: OLD, after: [OLD] })],
  }),
  ...MORE_STORIES,
];
