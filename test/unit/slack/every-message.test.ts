import fc from 'fast-check';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { validateBlocks } from '../../../src/playground/slack/validate-blocks.ts';
import { validateView } from '../../../src/playground/slack/validate-view.ts';
import { renderAnnouncement } from '../../../src/slack/render/announcement.ts';
import { renderAnswer } from '../../../src/slack/render/answer.ts';
import { renderCard } from '../../../src/slack/render/card.ts';
import { renderHome } from '../../../src/slack/render/home.ts';
import { renderMilestone } from '../../../src/slack/render/milestone.ts';
import { detailsModal, missingModal } from '../../../src/slack/render/modal-details.ts';
import { rejectModal } from '../../../src/slack/render/modal-reject.ts';
import { requestModal } from '../../../src/slack/render/modal-request.ts';
import type { Rendered } from '../../../src/slack/render/rich.ts';
import { ANSWERS, MILESTONES } from './answers.ts';
import { complaints, CORPUS, everything, parsedStrings, poisoned } from './hostile.ts';
import { STORIES } from './stories.ts';
import { aContainerPlan, aPlan, aVerdict } from './story-parts.ts';

type Word = (n: number) => string;

/** Every message that there is, with each of somebody's words replaced. */
function messages(word: Word): { name: string; rendered: Rendered }[] {
  const bad = <T>(value: T): T => poisoned(value, word);
  const failed = STORIES.find((story) => story.name === 'failed');
  return [
    ...STORIES.map(({ name, record, context }) => ({ name, rendered: renderCard(bad(record), bad(context)) })),
    ...MILESTONES.flatMap((milestone) =>
      failed === undefined ? [] : [{ name: `milestone ${milestone.kind}`, rendered: renderMilestone(bad(failed.record), bad(milestone)) }],
    ),
    ...ANSWERS.map((answer, index) => ({
      name: `answer ${index} ${answer.kind}`,
      rendered: renderAnswer({ ...bad(answer), kind: answer.kind } as typeof answer),
    })),
    { name: 'announcement', rendered: renderAnnouncement(word(0)) },
  ];
}

function views(word: Word) {
  const bad = <T>(value: T): T => poisoned(value, word);
  const rows = STORIES.map(({ record }) => ({
    record: bad(record),
    card: { channel: 'C0DEPLOYS1', ts: '1.000001', permalink: 'https://local-slack.slack.com/archives/C0DEPLOYS1/p1' },
  }));
  return [
    ...STORIES.map(({ name, record }) => ({ name: `details of ${name}`, view: detailsModal(bad(record)), type: 'modal' as const })),
    { name: 'details missing', view: missingModal(word(1)), type: 'modal' as const },
    {
      name: 'reject',
      view: rejectModal({ channel: 'C0DEPLOYS1', value: `${word(2).slice(0, 50)}.abc`, message: '1.000001' }),
      type: 'modal' as const,
    },
    { name: 'request', view: requestModal({ channel: 'C0DEPLOYS1', app: word(3), environment: word(4) }), type: 'modal' as const },
    {
      name: 'home',
      view: renderHome({ approvals: rows, running: rows, recent: rows, rights: rows.map((_, n) => word(n)) }),
      type: 'home' as const,
    },
    { name: 'empty home', view: renderHome({ approvals: [], running: [], recent: [], rights: [] }), type: 'home' as const },
  ];
}

const MOODS: readonly { mood: string; word: Word }[] = [
  { mood: 'as they come', word: (n) => `word-${n}` },
  { mood: 'of hostile text', word: (n) => CORPUS[n % CORPUS.length] ?? '' },
  { mood: 'of all hostile text at once', word: () => CORPUS.join(' ') },
  { mood: 'of nothing', word: () => '' },
  { mood: 'of 3,500 characters', word: () => 'x'.repeat(3_500) },
  { mood: 'of 3,000 characters that each need escaping', word: () => '<&>'.repeat(1_000) },
  { mood: 'of 2,000 emoji', word: () => '🟩'.repeat(2_000) },
  { mood: 'of backticks and asterisks', word: () => '`*'.repeat(1_000) },
  { mood: 'of line breaks', word: () => '\n>'.repeat(1_000) },
];

describe.each(MOODS)('with words $mood', { timeout: 30_000 }, ({ word }) => {
  it('every message keeps to Slack’s limits', () => {
    const wrong = messages(word).filter(
      ({ rendered }) =>
        validateBlocks(rendered.blocks, 'message').length > 0 || rendered.text.length > 4_000 || rendered.text.trim() === '',
    );
    expect(wrong.map(({ name, rendered }) => ({ name, problems: validateBlocks(rendered.blocks, 'message') }))).toEqual([]);
  });

  it('every view keeps to them too', () => {
    const problems = views(word).map(({ name, view, type }) => ({ name, problems: validateView(view, type) }));
    expect(problems.filter((each) => each.problems.length > 0)).toEqual([]);
  });

  it('no control sequence of theirs survives', () => {
    const found = [
      ...messages(word).map(({ name, rendered }) => ({ name, complaints: everything(rendered) })),
      ...views(word).map(({ name, view }) => ({
        name,
        complaints: parsedStrings({ blocks: view.blocks as KnownBlock[] }).flatMap(complaints),
      })),
    ];
    expect(found.filter((each) => each.complaints.length > 0)).toEqual([]);
  });
});

describe('whatever anybody writes', () => {
  it('nothing of it reaches Slack as markup, and the limits hold', () => {
    const piece = fc.oneof(fc.constantFrom(...CORPUS), fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 1_500 }));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        for (const { rendered } of messages((n) => pieces[n % pieces.length] ?? '')) {
          expect(everything(rendered)).toEqual([]);
          expect(validateBlocks(rendered.blocks, 'message')).toEqual([]);
        }
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

describe('a plan of hundreds', { timeout: 30_000 }, () => {
  const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  const workload = (n: number) => ({ kind: 'Deployment' as const, namespace: 'shop', name: `app-${n}` });
  const plan = aPlan({
    workloads: many(300, (n) => ({ ...(aPlan().workloads[0] as never as object), workload: workload(n), why: `reason ${n}` }) as never),
    containers: many(600, (n) =>
      aContainerPlan({ workload: workload(n % 300), container: `c${n}`, running: many(5, (m) => `sha256:${String(m).repeat(64)}`) }),
    ),
    warnings: many(200, (n) => `warning ${n}`),
  });
  const verdicts = many(600, (n) => ({ ...aVerdict('pulled new', { workload: workload(n % 300), container: `c${n}` }) }));
  const pods = many(100, (n) => ({ pod: `p${n}`, uid: String(n), phase: (['ready', 'pulling', 'failed'] as const)[n % 3] ?? 'ready' }));
  const progress = {
    at: 0,
    workloads: many(300, (n) => ({
      workload: workload(n),
      observation: { phase: 'updating' as const, updated: 1, desired: 100 },
      pods,
      old: 3,
      desired: 100,
    })),
  };

  it.each(STORIES)('still makes a card that Slack takes, and says what is left out: $name', ({ record, context }) => {
    const rendered = renderCard({ ...record, plan, verdicts, progress }, context);
    expect(validateBlocks(rendered.blocks, 'message')).toEqual([]);
    expect(rendered.text.length).toBeLessThanOrEqual(4_000);
    expect(JSON.stringify(rendered.blocks)).toContain('… and 592 more containers');
    expect(validateView(detailsModal({ ...record, plan, verdicts, progress }), 'modal')).toEqual([]);
  });
});
