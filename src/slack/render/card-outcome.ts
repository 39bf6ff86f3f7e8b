import { noteLines } from './card-progress.ts';
import { failurePart } from './failure.ts';
import { oneLine } from './escape.ts';
import type { CardContext } from '../../app/ports-slack.ts';
import type { RequestRecord } from '../../domain/request.ts';
import type { Line, Part } from './rich.ts';
import { NOTHING, person, sectionPart, when } from './rich.ts';
import { proofOf, waitsForItsRun } from './words.ts';

/** Right under the headline: how it ended, or what stands in the way now. */
export function outcomePart(record: RequestRecord, { position }: CardContext): Part {
  const { state } = record;
  switch (state.status) {
    case 'succeeded':
      return sectionPart([
        ...proofLines(record),
        ...(record.progress?.workloads ?? []).flatMap(noteLines),
        ...reverted(record),
        ...undone(record),
      ]);
    case 'failed': {
      const part = failurePart(state.because, state.changed);
      const changed: Line = [state.changed ? 'The cluster was changed before it failed.' : 'Nothing was changed.'];
      return join(part, sectionPart([changed, ...undone(record)]));
    }
    case 'refused':
    case 'denied':
      return failurePart(state.because);
    case 'rejected':
      return sectionPart([
        [{ bold: 'Rejected by ' }, person(state.by), state.reason === undefined ? '. Nothing was changed.' : `: ${oneLine(state.reason)}`],
        ...(state.reason === undefined ? [] : [['Nothing was changed.'] as Line]),
      ]);
    case 'expired':
      return sectionPart([[{ bold: EXPIRED[state.because] }, ' Nothing was changed.']]);
    case 'cancelled':
      return sectionPart([
        [{ bold: 'Stopped by ' }, person(state.by), '. ', state.changed ? CHANGED : 'Nothing was changed.'],
        ...undone(record),
      ]);
    case 'superseded':
      return sectionPart([[{ bold: 'Replaced by a newer change: ' }, { code: state.by }, '. Follow that one.']]);
    case 'queued':
      return sectionPart([...inLine(position), ...away(record), ...stopping(record)]);
    case 'rolling-out':
      return sectionPart([...away(record), ...stopping(record)]);
    case 'awaiting-approval':
      return NOTHING;
    case 'planning':
      return sectionPart([['Looking at the cluster and the registry …'], ...away(record)]);
    case 'scheduled':
      return sectionPart([['It will be checked once more, and start then by itself.']]);
  }
}

const CHANGED = 'Pods that were already replaced stay as they are; Roll back brings the recorded digests back.';
const EXPIRED = {
  approval: 'Nobody approved it in time.',
  schedule: 'Its scheduled time passed without it starting.',
  execution: 'Its turn did not come before its deadline.',
  channel: 'This channel may no longer be used for requests.',
} as const;

function proofLines(record: RequestRecord): Line[] {
  if (waitsForItsRun(record)) {
    return [[{ bold: 'The change is written. Nothing was pulled yet:' }, ' the next run makes a new pod.']];
  }
  const all = hasKept(record) ? 'Every pod that was to be replaced' : 'Every pod';
  switch (proofOf(record)) {
    case 'pulled':
      return [[{ bold: `${all} fetched its image and runs what the registry holds.` }]];
    case 'same':
      return [[{ bold: `${all} fetched its image; the registry still held the same one.` }]];
    case 'shared':
      return [
        [{ bold: `${all} runs what the registry holds.` }, ' Some fetched it, the others started from the copy that their node has.'],
      ];
    case 'partly':
      return [[{ bold: 'Only some containers were seen to fetch their image.' }, ' See each one below.']];
    case 'nothing':
      return [[{ bold: 'The rollout finished, but no image was fetched:' }, ' the nodes used copies they had. Compare the digests below.']];
    case 'unseen':
    case 'none-yet':
      return [[{ bold: 'The rollout finished, but no pull was seen.' }, ' This is not proof; compare the digests below.']];
  }
}

/** Some pods were never to be replaced: what is said of every pod must not be said of them. */
const hasKept = (record: RequestRecord): boolean =>
  record.progress?.workloads.some((each) => each.notes?.some(({ key }) => key === 'kept') === true) === true;

const undone = (record: RequestRecord): Line[] =>
  record.rolledBackBy === undefined ? [] : [['Rolled back by ', { code: record.rolledBackBy }, '.']];

/** Below the proof, because it no longer holds. */
const reverted = (record: RequestRecord): Line[] =>
  record.milestones
    .filter(({ kind }) => kind === 'reverted')
    .slice(0, 5)
    .map(({ text }): Line => ['⚠️ ', { bold: 'Not so any more' }, ': ', oneLine(text)]);

/** Who is in the way, and how many. */
function inLine(position: CardContext['position']): Line[] {
  if (position === undefined) return [];
  if (position.position <= 1) return [[{ bold: 'Next in line.' }, ' It starts in a moment.']];
  const turn: Line = [{ bold: `Waits its turn: number ${position.position} in line.` }];
  return [position.holder === undefined ? turn : [...turn, ' ', { code: position.holder }, ' is changing the same workloads now.']];
}

const away = (record: RequestRecord): Line[] =>
  record.clusterAway === undefined
    ? []
    : [['⚠️ The cluster has not answered since ', when(record.clusterAway.since), '. Pods go on by themselves; repull keeps trying.']];

const stopping = (record: RequestRecord): Line[] =>
  record.cancelAsked === undefined ? [] : [['Stopping: ', person(record.cancelAsked.by), ' asked for it.']];

const join = (a: Part, b: Part): Part => ({ lines: [...a.lines, ...b.lines], blocks: [...a.blocks, ...b.blocks] });
