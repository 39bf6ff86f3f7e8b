import type { Milestone, RequestRecord } from '../../domain/request.ts';
import { clean, oneLine } from './escape.ts';
import { failurePart } from './failure.ts';
import type { Line, Part, Rendered, Span } from './rich.ts';
import { compose, person, sectionPart } from './rich.ts';

const EMOJI: Record<Milestone['kind'], string> = {
  planned: '📋',
  approved: '👍',
  rejected: '👎',
  queued: '⏳',
  waiting: '⏸',
  started: '▶️',
  write: '✏️',
  'workload-done': '☑️',
  pulls: '📦',
  notice: 'ℹ️',
  'cluster-away': '📡',
  'cluster-back': '📡',
  drift: '⚠️',
  cancelled: '🛑',
  failed: '❌',
  succeeded: '✅',
  superseded: '↪️',
  reverted: '⚠️',
  'rolled-back': '↩️',
};

/** One entry of the thread. A failure carries cause, evidence and next step, because its broadcast is read without the card. */
export function renderMilestone(record: RequestRecord, milestone: Milestone): Rendered {
  const [head = '', ...rest] = clean(milestone.text).split('\n');
  const by: Line = milestone.by === undefined ? [] : [' by ', person(milestone.by)];
  const about: Line = milestone.broadcast === true ? [{ bold: `${record.ask.app} in ${record.ask.environment}` }, ': '] : [];
  // The full stop comes after who it was.
  const [said, stop] = by.length > 0 && head.endsWith('.') ? [head.slice(0, -1), '.'] : [head, ''];
  const lines: Line[] = [[`${EMOJI[milestone.kind]} `, ...about, oneLine(said), ...by, stop], ...rest.map((line): Line => [line])];
  const parts: Part[] = [sectionPart(lines)];
  if (milestone.kind === 'failed' && record.state.status === 'failed') {
    parts.push(failurePart(record.state.because, record.state.changed), sectionPart([['For ', ...concerned(record), ` · ${record.id}`]]));
  }
  return compose(parts);
}

/** Who has to know: whoever asked and whoever said yes, each once. Never a whole group. */
function concerned(record: RequestRecord): Line {
  const people = [...new Set([record.requester, ...record.approvals.map((approval) => approval.by)])];
  return people.flatMap((id, index): Span[] => [...(index === 0 ? [] : [', ']), person(id)]);
}
