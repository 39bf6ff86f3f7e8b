import type { RequestRecord } from '../../domain/request.ts';
import type { PodProgress, WorkloadProgress } from '../../domain/rollout.ts';
import { workloadKey } from '../../domain/workload.ts';
import { oneLine } from './escape.ts';
import { first } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { NOTHING, section, sectionPart, when } from './rich.ts';
import { counted, PHASE_SQUARE, PHASES } from './words.ts';

const SQUARES = 30;
/** The domain lists so many pods of a workload one by one; what is beyond them only its counts know. */
const LISTED = 100;

/** Pods × phase, while it runs and where it stopped; of `max` workloads. */
export function progressPart(record: RequestRecord, max: number): Part {
  const { status } = record.state;
  const moving = status === 'rolling-out' || status === 'failed' || status === 'cancelled' || status === 'superseded';
  if (!moving || record.progress === undefined) return NOTHING;
  // What was in the way before it failed for another reason is not the reason; where only its time was over, it is.
  const over = record.state.status === 'failed' && record.state.because.code !== 'deadline-passed';
  const seen = over
    ? record.progress.workloads.map(({ blockedBy: _blockedBy, notes: _notes, ...each }) => each)
    : record.progress.workloads;
  const { shown, more } = first(seen, max);
  const tail = sectionPart(more === 0 ? [] : [[`… and ${counted(more, 'more workload')}; Details shows more`]]);
  return {
    // Squares read aloud are noise; the words beneath them say the same.
    lines: [...shown.flatMap((each) => workloadLines(each, '')), ...tail.lines],
    blocks: [...shown.map((each) => section(workloadLines(each, bar(each)))), ...tail.blocks],
  };
}

function workloadLines(progress: WorkloadProgress, squares: string): Line[] {
  const ready = progress.pods.filter((pod) => pod.phase === 'ready').length;
  const isDone = ready === progress.desired && progress.pods.length === ready && progress.old === 0;
  const lines: Line[] = [
    // Of pods that are not listed nobody here knows whether they are ready.
    [
      { bold: workloadKey(progress.workload) },
      '  ',
      joinedWords([isWhole(progress) ? `${ready} of ${progress.desired} ready` : '', observed(progress)]),
    ],
    [squares],
    [
      isDone
        ? ''
        : isWhole(progress)
          ? phases(progress)
          : `The first ${progress.pods.length} of ${progress.desired} pods: ${phases(progress)}`,
    ],
  ];
  const saidBelow = progress.notes?.some(({ key }) => key === 'disruption-budget') === true;
  if (progress.blockedBy !== undefined && !saidBelow) {
    lines.push(['⏸ waiting: disruption budget ', { code: progress.blockedBy }, ' allows no more evictions now']);
  }
  lines.push(...noteLines(progress));
  return lines.filter((line) => line.some((span) => span !== ''));
}

/** What is in the way and may still pass, or was left behind at the end. */
export const noteLines = (progress: WorkloadProgress): Line[] =>
  (progress.notes ?? []).map((note) => ['⚠️ ', ...withTimes(oneLine(note.text))]);

/** Times of the API server, in the reader's own. */
const withTimes = (text: string): Line =>
  text.split(/(\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/).map((piece, index) => {
    const at = index % 2 === 1 ? Date.parse(piece) : Number.NaN;
    return Number.isNaN(at) ? piece : when(at);
  });

/** One square per pod, in the order of the way that a pod goes; pods that have no successor yet are waiting. */
function bar(progress: WorkloadProgress): string {
  const counts = countPhases(progress);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return '';
  const scale = total > SQUARES ? SQUARES / total : 1;
  return PHASES.map((phase) => {
    const count = counts.get(phase) ?? 0;
    return PHASE_SQUARE[phase].repeat(count === 0 ? 0 : Math.max(1, Math.round(count * scale)));
  }).join('');
}

function countPhases(progress: WorkloadProgress): Map<PodProgress['phase'], number> {
  const counts = new Map<PodProgress['phase'], number>();
  for (const pod of progress.pods) counts.set(pod.phase, (counts.get(pod.phase) ?? 0) + 1);
  const missing = progress.desired - progress.pods.length;
  if (missing > 0 && isWhole(progress)) counts.set('waiting', (counts.get('waiting') ?? 0) + missing);
  return counts;
}

/** `2 ready · 1 pulled in 2.1 s · 1 waiting`: the words that the colours stand for. */
function phases(progress: WorkloadProgress): string {
  const counts = countPhases(progress);
  const words = PHASES.flatMap((phase) => {
    const count = counts.get(phase) ?? 0;
    if (count === 0) return [];
    const details = [
      ...new Set(progress.pods.filter((pod) => pod.phase === phase && pod.detail !== undefined).map((pod) => oneLine(pod.detail ?? ''))),
    ];
    return [`${count} ${phase}${detailWords(phase, details.slice(0, 3))}`];
  });
  if (progress.old > 0) words.push(`${progress.old} old still there`);
  return words.join(' · ');
}

/** `1 pulled in 2.1 s`, not `1 pulled (pulled in 2.1 s)`; a pod that is ready needs no more words. */
function detailWords(phase: PodProgress['phase'], details: readonly string[]): string {
  if (details.length === 0 || phase === 'ready') return '';
  if (phase !== 'pulled') return ` (${details.join(', ')})`;
  const times = details.filter((detail) => detail.startsWith(PULLED_IN)).map((detail) => detail.slice(PULLED_IN.length));
  const others = details.filter((detail) => !detail.startsWith(PULLED_IN) && detail !== 'pulled');
  return `${times.length === 0 ? '' : ` in ${times.join(', ')}`}${others.length === 0 ? '' : ` (${others.join(', ')})`}`;
}
const PULLED_IN = 'pulled in ';

const isWhole = (progress: WorkloadProgress): boolean => progress.pods.length < LISTED || progress.pods.length >= progress.desired;
const joinedWords = (words: readonly string[]): string => words.filter((word) => word !== '').join(' · ');

function observed(progress: WorkloadProgress): string {
  const { observation } = progress;
  switch (observation.phase) {
    case 'unobserved':
      return 'not seen by its controller yet';
    case 'updating':
      return `updating ${observation.updated} of ${observation.desired}`;
    case 'retiring':
      return `removing ${counted(observation.old, 'old pod')}`;
    case 'settling':
      return `${observation.available} of ${observation.desired} available`;
    case 'complete':
      return 'complete';
    case 'stalled':
      return 'stalled';
    case 'superseded':
      return 'changed by somebody else';
    case 'gone':
      return 'deleted';
  }
}
