import { describe, expect, it } from 'vitest';
import type { RequestRecord, State } from '../../../src/domain/request.ts';
import type { ProgressNote } from '../../../src/domain/rollout.ts';
import { renderCard } from '../../../src/slack/render/card.ts';
import { complaints, CORPUS, parsedStrings, poisoned } from './hostile.ts';
import { STORIES } from './stories.ts';

const NOTE: ProgressNote = {
  key: 'pull-failed',
  text: 'my-app-x2/app cannot fetch its image yet: 429. This may pass: repull waits 5 min for it.',
};
const BUDGET: ProgressNote = {
  key: 'disruption-budget',
  text: 'disruption budget guard lets no pod go: it wants 2 healthy pods, and 2 of 2 are.',
};

function rolling(notes: ProgressNote[], over: Partial<RequestRecord> = {}, blockedBy?: string): RequestRecord {
  const record = STORIES.find(({ name }) => name === 'rolling-out')?.record;
  const [first] = record?.progress?.workloads ?? [];
  if (record === undefined || first === undefined) throw new Error('there is no story of a rollout');
  const workload = { ...first, notes, ...(blockedBy === undefined ? {} : { blockedBy }) };
  return { ...record, progress: { at: record.progress?.at ?? 0, workloads: [workload] }, ...over };
}
const text = (record: RequestRecord): string => renderCard(record, {}).text;
const failed = (because: Extract<State, { status: 'failed' }>['because']): Partial<RequestRecord> => ({
  state: { status: 'failed', because, changed: true },
});
const times = (whole: string, part: string): number => whole.split(part).length - 1;

describe('the card of a rollout in trouble', () => {
  it('says what is in the way, once, while it goes on', () => {
    expect(times(text(rolling([NOTE])), NOTE.text)).toBe(1);
  });

  it('names a disruption budget once: with its figures as soon as they are told', () => {
    expect(text(rolling([], {}, 'guard'))).toContain('waiting: disruption budget guard allows no more evictions now');
    const told = text(rolling([BUDGET], {}, 'guard'));
    expect(told).not.toContain('waiting: disruption budget');
    expect(told).toContain(BUDGET.text);
  });

  it('keeps to the cause when it failed of another, and to what was in the way when its time was over', () => {
    expect(text(rolling([NOTE], failed({ code: 'budget-misconfigured' }), 'guard'))).not.toMatch(
      /cannot fetch its image yet|waiting: disruption/,
    );
    expect(text(rolling([NOTE], failed({ code: 'deadline-passed' })))).toContain(NOTE.text);
  });

  it('names what is left behind when it succeeded', () => {
    const left = { key: 'left/1', text: 'my-app-old is still terminating, and nothing waits for it: held by the finalizer x.' };
    expect(text(rolling([left], { state: { status: 'succeeded' } }))).toContain(left.text);
  });

  it('shows whatever the cluster says in it as text', () => {
    const because = { code: 'node-gone' as const, subject: 'a', evidence: 'b', remedy: 'c', look: 'kubectl describe node n' };
    for (const record of [rolling([NOTE]), rolling([NOTE], failed(because)), rolling([NOTE], { state: { status: 'succeeded' } })]) {
      for (const word of CORPUS) {
        const strings = parsedStrings(
          renderCard(
            poisoned(record, () => word),
            {},
          ),
        );
        expect(
          strings.flatMap((each) => complaints(each)),
          `with ${word}`,
        ).toEqual([]);
      }
    }
  });
});
