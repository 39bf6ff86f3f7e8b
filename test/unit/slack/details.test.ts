import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { detailsModal } from '../../../src/slack/render/modal-details.ts';
import { NEW, NOW, OLD } from '../../support/builders.ts';
import { aContainerPlan, aPlan } from '../../support/plan-builders.ts';
import { STORIES } from './stories.ts';

const record = STORIES.find(({ name }) => name === 'succeeded')?.record;
const MESSAGE = 'Successfully pulled image "registry.example/shop/api:v1" in 2.1s (2.1s including waiting). Image size: 64000000 bytes.';

function evidenceOf(pods: number, withEvent: boolean): string {
  if (record === undefined) throw new Error('no story of a request that succeeded');
  const container = aContainerPlan();
  const word = withEvent ? ('pulled new' as const) : ('inferred' as const);
  const view = detailsModal({
    ...record,
    plan: aPlan({ containers: [container] }),
    verdicts: [
      {
        workload: container.workload,
        container: 'app',
        image: container.imageAfter,
        before: [OLD],
        registry: NEW,
        after: [NEW],
        word,
        pods: Array.from({ length: pods }, (_, index) => ({
          podUid: `u${index}`,
          pod: `my-app-6d4cf56db6-${index}`,
          node: 'node-1',
          container: 'app',
          word,
          after: NEW,
          ...(withEvent ? { tookMs: 2100, evidence: { message: MESSAGE, at: NOW + 7000 } } : {}),
        })),
      },
    ],
  });
  const blocks = view.blocks as KnownBlock[];
  const texts = blocks.map((block) => {
    if (block.type === 'context') return block.elements.map((element) => ('text' in element ? element.text : '')).join(' ');
    return block.type === 'section' ? (block.text?.text ?? '') : '';
  });
  return texts.slice(blocks.findIndex((block) => block.type === 'header' && block.text.text === 'Evidence')).join('\n');
}

describe('the evidence in Details', () => {
  it('is per container the digests before, in the registry and after', () => {
    const [before, after] = [OLD, NEW].map((each) => each.slice(7, 19));
    expect(evidenceOf(1, true)).toMatch(new RegExp(`before .*${before}.* → registry .*${after}.* → now .*${after}`));
  });

  it('quotes the event, with the second at which the kubelet said it', () => {
    const text = evidenceOf(1, true);
    expect(text).toContain('Successfully pulled image');
    expect(text).toContain(`<!date^${(NOW + 7000) / 1000}^`);
    expect(text).toContain('2026-12-01 21:00:07 UTC');
  });

  it('says where no event was seen', () => {
    expect(evidenceOf(1, false)).toContain('no pull event was seen');
    expect(evidenceOf(1, true)).not.toContain('no pull event');
  });

  it('names every pod it has room for, and how many more there are', () => {
    const text = evidenceOf(40, true);
    expect(text).toContain('my-app-6d4cf56db6-11');
    expect(text.match(/Image size: 64000000 bytes/g)).toHaveLength(12);
    expect(text).toContain('… and 28 more pods');
  });
});

describe('the plan in Details', () => {
  const [each] = aPlan().workloads;
  if (each === undefined) throw new Error('the plan has a workload');
  const many = Array.from({ length: 40 }, (_, n) => ({ ...each, workload: { ...each.workload, name: `tenant-${n}` } }));
  const texts = (verdicts: boolean): string => {
    if (record === undefined) throw new Error('no story of a request that succeeded');
    const { verdicts: seen = [], ...asked } = record;
    const view = detailsModal({ ...asked, plan: aPlan({ workloads: many }), ...(verdicts ? { verdicts: seen } : {}) });
    expect(view.blocks.length).toBeLessThan(100);
    return JSON.stringify(view.blocks);
  };

  it('names 25 workloads and their writes before anything was done, and says how many more there are', () => {
    expect(texts(false)).toContain('tenant-24');
    expect(texts(false)).toContain('… and 15 more workloads');
    expect(texts(false)).toContain('… and 15 more writes');
  });

  it('leaves room for the evidence afterwards', () => {
    expect(texts(true)).toContain('… and 32 more writes');
    expect(texts(true)).toContain('Evidence');
  });
});
