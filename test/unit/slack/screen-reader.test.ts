import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../../src/slack/render/answer.ts';
import { renderAnnouncement } from '../../../src/slack/render/announcement.ts';
import { renderCard } from '../../../src/slack/render/card.ts';
import { LIMITS } from '../../../src/slack/render/limits.ts';
import { renderMilestone } from '../../../src/slack/render/milestone.ts';
import type { Rendered } from '../../../src/slack/render/rich.ts';
import { ANSWERS, MILESTONES } from './answers.ts';
import { NAMED_ANSWERS } from './answers-named.ts';
import { aContainerPlan, aPlan, aVerdict, OLD, WORKLOAD } from './story-parts.ts';
import { STORIES } from './stories.ts';

/** What a sighted reader is given: every text of every block; of buttons a screen reader reads the labels itself. */
function textsOf(blocks: readonly KnownBlock[]): string[] {
  return blocks.flatMap((block) => {
    switch (block.type) {
      case 'header':
        return [block.text.text];
      case 'section':
        return [...(block.text === undefined ? [] : [block.text.text]), ...(block.fields ?? []).map((field) => field.text)];
      case 'context':
        return block.elements.map((element) => ('text' in element ? element.text : JSON.stringify(element)));
      case 'actions':
        return [];
      // A kind of block that nobody taught this test to read must not slip through it.
      default:
        return [`unread block ${block.type}`];
    }
  });
}

/** Mentions and dates as they are, and every word without the marks of bold and code. The squares of the bar are said in words below it. */
const words = (text: string): string[] =>
  text
    .replaceAll(/[*`“”∗]|ˋ/g, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^[:.,]+|[:.,]+$/g, ''))
    .filter((word) => word !== '' && !/^[⬜🟦🟪🟨🟩🟥]+$/u.test(word));

/** What a sighted reader sees more often than `text` says it. */
function unsaid(rendered: Rendered): string[] {
  const said = new Map<string, number>();
  for (const word of words(rendered.text)) said.set(word, (said.get(word) ?? 0) + 1);
  return textsOf(rendered.blocks)
    .flatMap(words)
    .filter((word) => {
      const left = said.get(word) ?? 0;
      said.set(word, left - 1);
      return left <= 0;
    });
}

const failed = STORIES.find(({ name }) => name === 'failed');
if (failed === undefined) throw new Error('no story of a failure');
const MESSAGES: readonly { name: string; rendered: Rendered }[] = [
  ...STORIES.map(({ name, record, context }) => ({ name: `the card ${name}`, rendered: renderCard(record, context) })),
  ...NAMED_ANSWERS.map(({ name, answer }) => ({ name, rendered: renderAnswer(answer) })),
  ...ANSWERS.map((answer, index) => ({ name: `answer ${index}, ${answer.kind}`, rendered: renderAnswer(answer) })),
  ...MILESTONES.map((each) => ({ name: `the thread entry ${each.kind}`, rendered: renderMilestone(failed.record, each) })),
  { name: 'an announcement', rendered: renderAnnouncement('🔨 <@U0SRE00001> breaks the glass in <#C0DEPLOYS1>') },
];

describe('a screen reader, which reads `text` and no block', () => {
  it.each(MESSAGES)('is told every word that is seen: $name', ({ rendered }) => {
    expect(unsaid(rendered)).toEqual([]);
    expect(rendered.text.length).toBeLessThanOrEqual(LIMITS.updateText);
    expect(rendered.text).not.toMatch(/ …$/);
  });

  it('would miss a word that only a block holds', () => {
    const [first] = MESSAGES;
    if (first === undefined) throw new Error('no message');
    const { text, blocks } = first.rendered;
    const more: KnownBlock = { type: 'context', elements: [{ type: 'mrkdwn', text: 'only *seen*' }] };
    expect(unsaid({ text, blocks: [...blocks, more] })).toEqual(['only', 'seen']);
  });
});

describe('a card of very much', () => {
  const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
  /** As long as Kubernetes lets a name be. */
  const workload = (n: number) => ({ ...WORKLOAD, name: `a-workload-with-a-rather-long-name-of-its-own-${String(n).padStart(4, '0')}` });
  const image = (n: number) => `registry.with-a-long-name.example:5000/a/deep/path/of/repositories/app-${n}:2026-12-01-build-${n}`;
  const huge = (workloads: number) => {
    const [each] = aPlan().workloads;
    if (each === undefined) throw new Error('the plan has a workload');
    const containers = many(workloads * 2, (n) =>
      aContainerPlan({ workload: workload(n % workloads), container: `container-${n}`, image: image(n), imageAfter: `${image(n)}@${OLD}` }),
    );
    return {
      plan: aPlan({
        workloads: many(workloads, (n) => ({ ...each, workload: workload(n), why: `${each.why}, for reason ${n}` })),
        containers,
        warnings: many(
          workloads,
          (n) => `deployment/${workload(n).name}: ${image(n)} is a mutable tag: what it holds may change again ${n}`,
        ),
      }),
      verdicts: containers.map(({ container, ...of }) => aVerdict('pulled new', { workload: of.workload, container, image: of.image })),
      progress: {
        at: 0,
        workloads: many(workloads, (n) => ({
          workload: workload(n),
          observation: { phase: 'updating' as const, updated: 120, desired: 400 },
          pods: many(100, (m) => ({ pod: `p${m}`, uid: `${m}`, phase: (['ready', 'pulling', 'failed'] as const)[m % 3] ?? 'ready' })),
          old: 280,
          desired: 400,
        })),
      },
    };
  };

  it.each(STORIES.flatMap((story) => [3, 12, 40, 300].map((workloads) => ({ ...story, workloads }))))(
    'is short enough to be updated, and still says to all what it shows: $name, $workloads workloads of 400 pods',
    ({ record, context, workloads }) => {
      const rendered = renderCard({ ...record, ...huge(workloads) }, context);
      expect(rendered.text.length).toBeLessThanOrEqual(LIMITS.updateText);
      expect(unsaid(rendered)).toEqual([]);
      expect(rendered.text).not.toMatch(/ …$/);
    },
  );

  it('names what it leaves out', () => {
    const { record, context } = failed;
    expect(renderCard({ ...record, ...huge(40) }, context).text).toMatch(/… and \d+ more containers; Details shows more/);
  });
});
