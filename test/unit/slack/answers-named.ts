/** The answers that only the asker sees, as somebody would really get them: for golden files and pictures. */
import type { Answer } from '../../../src/app/answers.ts';
import { usage } from '../../../src/command/usage.ts';
import { STORIES } from './stories.ts';
import { aContainerPlan, aPlan, AT, NEW } from './story-parts.ts';

const where = { app: 'my-app', environment: 'prod' };
const recordOf = (name: string) => {
  const found = STORIES.find((story) => story.name === name);
  if (found === undefined) throw new Error(`there is no story ${name}`);
  return found.record;
};
const ask = { verdict: 'ask' as const, rule: 'bindings[0], role developer', votes: 1, from: ['sre'], self: false, expiresMs: 1_800_000 };

export const NAMED_ANSWERS: readonly { name: string; answer: Answer }[] = [
  { name: 'answer-planning', answer: { kind: 'planning', id: '1RS4C0-7QXM', ...where } },
  {
    name: 'answer-refused',
    answer: {
      kind: 'failure',
      failure: {
        code: 'nothing-new',
        subject: 'deployment/my-app',
        remedy: '/repull my-app prod --force',
      },
      id: '1RS4C0-7QXM',
      containers: [aContainerPlan({ running: [NEW] })],
      offer: [{ label: 'Do it all the same', action: 'force', id: '1RS4C0-7QXM' }],
      ...where,
    },
  },
  {
    name: 'answer-outside-window',
    answer: {
      kind: 'failure',
      failure: { code: 'outside-window', subject: 'prod', at: AT + 36_000_000, remedy: '/repull my-app prod --at window' },
      id: '1RS4C0-7QXM',
      offer: [{ label: 'Schedule', action: 'schedule', id: '1RS4C0-7QXM' }],
      ...where,
    },
  },
  {
    name: 'answer-frozen',
    answer: {
      kind: 'failure',
      failure: {
        code: 'frozen',
        subject: 'prod',
        evidence: 'holiday freeze',
        at: AT + 36_000_000,
        remedy: '/repull my-app prod --at window',
      },
      id: '1RS4C0-7QXM',
      offer: [{ label: 'Schedule', action: 'schedule', id: '1RS4C0-7QXM' }],
      ...where,
    },
  },
  {
    name: 'answer-denied',
    answer: {
      kind: 'denied',
      decision: { verdict: 'deny', because: { code: 'wrong-channel', channels: ['C0DEPLOYS1'] }, help: ['sre'] },
      id: '1RS4C0-7QXM',
      ...where,
    },
  },
  { name: 'answer-dry-run', answer: { kind: 'dry-run', plan: aPlan(), decision: ask, ...where } },
  {
    name: 'answer-check',
    answer: {
      kind: 'check',
      containers: [aContainerPlan(), aContainerPlan({ container: 'sidecar', role: 'sidecar', running: [NEW] })],
      warnings: [],
      ...where,
    },
  },
  {
    name: 'answer-status',
    answer: {
      kind: 'status',
      rows: [
        { record: recordOf('rolling-out'), position: 1 },
        { record: recordOf('queued'), position: 2, holder: '1RS4C0-0AAA' },
        { record: recordOf('waiting-for-approval') },
      ],
    },
  },
  {
    name: 'answer-history',
    answer: {
      kind: 'history',
      records: ['succeeded', 'failed', 'rejected', 'succeeded-but-nothing-pulled'].map(recordOf),
      older: '/repull history --before 1RS4C0-7QXM',
    },
  },
  { name: 'answer-show', answer: { kind: 'show', record: recordOf('succeeded') } },
  {
    name: 'answer-can-i',
    answer: {
      kind: 'can-i',
      rows: [
        { verb: 'view', ...where, decision: { verdict: 'allow', rule: 'bindings[0], role developer' } },
        { verb: 'request', ...where, decision: ask },
        { verb: 'approve', ...where, decision: { verdict: 'deny', because: { code: 'not-permitted' }, help: ['sre'] } },
      ],
      notes: ['prod is closed now: outside its maintenance window.'],
    },
  },
  { name: 'answer-help', answer: { kind: 'help', text: usage() } },
  { name: 'answer-help-one', answer: { kind: 'help', text: usage('rollback') } },
  {
    name: 'answer-typo',
    answer: {
      kind: 'usage',
      wrong: 'There is no app my-ap that you may see here. Did you mean my-app?',
      corrected: '/repull my-app prod',
      usage: '/repull <app> <env> [--tag T | --image REF | --pin] [--via METHOD] [--reason "…"]',
    },
  },
  { name: 'answer-joined', answer: { kind: 'joined', id: '1RS4C0-7QXM', link: 'https://local-slack.slack.com/archives/C0DEPLOYS1/p1' } },
  { name: 'answer-apps', answer: { kind: 'apps', rows: [{ app: 'my-app', aliases: ['myapp'], environments: ['prod', 'staging'] }] } },
  {
    name: 'answer-envs',
    answer: {
      kind: 'envs',
      rows: [
        { environment: 'staging', cluster: 'staging-eu', open: true, note: 'no votes needed' },
        { environment: 'prod', cluster: 'prod-eu', open: false, note: '1 vote, outside its maintenance window' },
      ],
    },
  },
  {
    name: 'answer-click-refused',
    answer: { kind: 'click-refused', text: '1RS4C0-7QXM is not waiting any more: <@U0SRE00001> gave the last approval.' },
  },
];
