import type { RequestRecord } from '../../domain/request.ts';
import { oneLine } from './escape.ts';
import { LIMITS } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { context, joined, person, plainText, when } from './rich.ts';
import { isPlainSuccess, proofOf, seconds, STATE_EMOJI, STATE_WORDS, waitsForItsRun } from './words.ts';

/** The first line of every card: its state in the agreed word, and what it is about. */
export function headline(record: RequestRecord): string {
  const { status } = record.state;
  const isDoubtful = status === 'succeeded' && (!isPlainSuccess(record) || isReverted(record));
  const emoji = isDoubtful ? '⚠️' : STATE_EMOJI[status];
  const what = `${record.ask.app} in ${record.ask.environment}`;
  const verb = record.ask.kind === 'rollback' ? `rollback of ${what}` : what;
  return `${STATE_WORDS[status]} ${emoji}${remark(record)} · ${verb}`;
}

const isReverted = (record: RequestRecord): boolean => record.milestones.some(({ kind }) => kind === 'reverted');

/** What must stand beside the word, because the word alone would be half the truth. */
function remark(record: RequestRecord): string {
  if (record.rolledBackBy !== undefined) return ' then rolled back';
  if (record.ask.dryRun) return ' (dry run)';
  if (record.cancelAsked !== undefined && record.state.status === 'rolling-out') return ' (stopping)';
  if (record.state.status !== 'succeeded') return '';
  if (isReverted(record)) return ' but changed back since';
  if (waitsForItsRun(record)) return ' but nothing was pulled yet';
  switch (proofOf(record)) {
    case 'pulled':
    case 'same':
    case 'shared':
      return '';
    case 'partly':
      return ' but not everything was pulled';
    case 'nothing':
      return ' but nothing was pulled';
    case 'unseen':
    case 'none-yet':
      return ' but no pull was seen';
  }
}

export function headPart(record: RequestRecord): Part {
  const title = headline(record);
  const by: Line = record.ask.automatic === true ? ['made by repull, because the rollout failed'] : ['asked by ', person(record.requester)];
  const undoes: Line | undefined = record.ask.undoes === undefined ? undefined : ['undoes ', { code: record.ask.undoes }];
  const facts: Line = joined([[{ code: record.id }], by, [when(record.createdAt)], undoes, moment(record)]);
  const reason: Line = record.ask.reason === undefined ? [] : ['Reason: ', oneLine(record.ask.reason)];
  const lines: Line[] = reason.length === 0 ? [facts] : [facts, reason];
  return {
    lines: [[title], ...lines],
    blocks: [{ type: 'header', text: plainText(title, LIMITS.header) }, ...lines.map(context)],
  };
}

/** The one time that matters in this state. */
function moment(record: RequestRecord): Line | undefined {
  const { state } = record;
  switch (state.status) {
    case 'awaiting-approval':
      return ['expires ', when(state.expiresAt)];
    case 'scheduled':
      return ['starts ', when(state.at)];
    case 'rolling-out':
      return ['started ', when(record.since)];
    case 'planning':
    case 'queued':
      return undefined;
    default:
      return record.endedAt === undefined
        ? undefined
        : ['ended ', when(record.endedAt), ` after ${seconds(record.endedAt - record.createdAt)}`];
  }
}
