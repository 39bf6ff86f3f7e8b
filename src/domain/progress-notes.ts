import { groupedBy } from './evidence.ts';
import type { FailureCode } from './failure.ts';
import type { ProgressNote } from './rollout.ts';
import { NEVER, type Symptom } from './symptom.ts';

/** What may pass is said while it lasts; everything else fails within seconds and is said then. */
const WAITING: Partial<Record<FailureCode, string>> = {
  'pull-failed': 'cannot fetch its image yet',
  unschedulable: 'finds no node yet',
  'mount-failed': 'waits for a volume',
  'rollout-stalled': 'cannot be started yet',
  'quota-exceeded': 'gets no new pods yet',
  'admission-refused': 'gets no new pods yet',
  'node-gone': 'is on a node that does not answer',
  'node-pressure': 'was thrown off its node',
  'pod-terminating': 'is still terminating',
};
const LONGEST = 300;

/** One sentence per cause, however many pods suffer from it. */
export function notesOf(symptoms: readonly Symptom[]): ProgressNote[] {
  return [...groupedBy(symptoms, ({ failure }) => failure.code).values()].flatMap((all) => {
    const [first] = all;
    const words = first === undefined ? undefined : WAITING[first.failure.code];
    if (words === undefined || first === undefined) return [];
    const others = new Set(all.map(({ failure }) => failure.subject)).size - 1;
    const subject = `${first.failure.subject ?? 'it'}${others > 0 ? ` (and ${others} more)` : ''}`;
    const evidence = (first.failure.evidence ?? '').replaceAll(/\s+/g, ' ').trim();
    const said = evidence === '' ? '' : `: ${evidence.length > LONGEST ? `${evidence.slice(0, LONGEST)}…` : evidence.replace(/\.$/, '')}`;
    return [{ key: first.failure.code, text: `${subject} ${words}${said}. ${patience(first.budgetMs)}` }];
  });
}

function patience(budgetMs: number): string {
  if (budgetMs === NEVER) return 'The rollout goes on.';
  return `This may pass: repull waits ${budgetMs < 60_000 ? `${budgetMs / 1000} s` : `${Math.round(budgetMs / 60_000)} min`} for it.`;
}
