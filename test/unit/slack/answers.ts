/** One answer of every kind, and one view of every modal: for tables. */
import type { Answer } from '../../../src/app/answers.ts';
import type { DenyReason } from '../../../src/domain/policy.ts';
import type { Milestone } from '../../../src/domain/request.ts';
import { STORIES } from './stories.ts';
import { aContainerPlan, aPlan, aRecord, AT, NEW } from './story-parts.ts';

const DENIALS: readonly DenyReason[] = [
  { code: 'not-a-member', kind: 'guest' },
  { code: 'not-a-member', kind: 'bot' },
  { code: 'not-a-member', kind: 'deactivated' },
  { code: 'not-a-member', kind: 'stranger' },
  { code: 'not-a-member', kind: 'unknown' },
  { code: 'direct-message', channels: ['C0DEPLOYS1'] },
  { code: 'channel-shared' },
  { code: 'channel-archived' },
  { code: 'channel-unknown' },
  { code: 'role-unconfirmed' },
  { code: 'wrong-channel', channels: ['C0DEPLOYS1', 'C0DEPLOYS2'] },
  { code: 'not-permitted' },
  { code: 'self-approval' },
  { code: 'not-an-approver', from: ['sre'] },
  { code: 'incidents-off' },
];
const where = { app: 'my-app', environment: 'prod' };
const records = STORIES.map((story) => story.record);

export const ANSWERS: readonly Answer[] = [
  { kind: 'planning', id: '1RS4C0-7QXM', ...where },
  { kind: 'help', text: 'repull\n\n`/repull my-app prod`\nmakes every pod fetch its image' },
  { kind: 'usage', wrong: 'there is no flag --tga', corrected: '/repull my-app prod --tag v2', usage: '/repull <app> <env> [--tag T]' },
  {
    kind: 'failure',
    failure: { code: 'nothing-new', subject: 'my-app', remedy: '/repull my-app prod --force' },
    id: '1RS4C0-7QXM',
    containers: [aContainerPlan({ running: [NEW] })],
    offer: [{ label: 'Pull anyway', action: 'force', id: '1RS4C0-7QXM' }],
    ...where,
  },
  ...DENIALS.map(
    (because): Answer => ({
      kind: 'denied',
      decision: { verdict: 'deny', because, rule: 'bindings[0]', help: ['sre'] },
      id: '1RS4C0-7QXM',
      ...where,
    }),
  ),
  { kind: 'joined', id: '1RS4C0-7QXM', link: 'https://local-slack.slack.com/archives/C0DEPLOYS1/p1' },
  {
    kind: 'dry-run',
    plan: aPlan(),
    decision: { verdict: 'ask', rule: 'bindings[0]', votes: 1, self: false, expiresMs: 1_800_000 },
    ...where,
  },
  {
    kind: 'check',
    containers: [
      aContainerPlan(),
      aContainerPlan({ running: [NEW] }),
      aContainerPlan({ running: [] }),
      aContainerPlan({ registry: { known: false, reference: 'r', because: 'unauthorized', detail: 'no basic auth credentials', at: AT } }),
    ],
    warnings: ['the tag is mutable'],
    ...where,
  },
  { kind: 'status', rows: records.map((record) => ({ record, position: 2, holder: '1RS4C0-0AAA' })) },
  { kind: 'status', rows: [] },
  { kind: 'history', records },
  { kind: 'history', records: [] },
  { kind: 'show', record: records[7] ?? aRecord() },
  {
    kind: 'can-i',
    rows: [
      { verb: 'request', ...where, decision: { verdict: 'allow', rule: 'bindings[0]' } },
      { verb: 'approve', ...where, decision: { verdict: 'deny', because: { code: 'not-permitted' }, help: ['sre'] } },
    ],
    notes: ['prod is closed until Monday 09:00'],
  },
  { kind: 'apps', rows: [{ app: 'my-app', aliases: ['myapp'], environments: ['prod', 'staging'] }] },
  { kind: 'apps', rows: [] },
  { kind: 'envs', rows: [{ environment: 'prod', cluster: 'prod-eu', open: false, note: 'opens Monday 09:00' }] },
  { kind: 'done', text: 'prod is frozen for 2h. See https://local-slack.slack.com/archives/C0DEPLOYS1/p1' },
  { kind: 'click-refused', text: '1RS4C0-7QXM is not waiting any more: <@U0SRE00001> gave the last approval.' },
];

const KINDS: readonly Milestone['kind'][] = [
  ...(['planned', 'approved', 'rejected', 'queued', 'waiting', 'started', 'write', 'workload-done', 'pulls', 'notice'] as const),
  ...(['cluster-away', 'cluster-back', 'drift', 'cancelled', 'failed', 'succeeded', 'superseded', 'reverted', 'rolled-back'] as const),
];
export const MILESTONES: readonly Milestone[] = KINDS.map((kind, seq) => ({
  seq,
  at: AT,
  kind,
  by: 'U0SRE00001',
  text: 'my-app-x1/app: Successfully pulled image\nmy-app-x2/app: Container image already present on machine',
  broadcast: kind === 'failed',
}));
