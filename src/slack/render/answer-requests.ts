import type { StatusRow } from '../../app/answers.ts';
import type { Freeze } from '../../app/ports.ts';
import { votesOf, type RequestRecord } from '../../domain/request.ts';
import { headline } from './card-head.ts';
import { oneLine } from './escape.ts';
import { first } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { joined, person, sectionPart, when } from './rich.ts';
import { seconds } from './words.ts';

/** Each request is two lines: how it stands, and whose it is. Five to a section, so that none comes near the limit of one. */
export function requestRows(requests: readonly (readonly Line[])[], none: string, max: number): Part[] {
  if (requests.length === 0) return [sectionPart([[none]])];
  const { shown, more } = first(requests, max);
  const parts: Part[] = [];
  for (let from = 0; from < shown.length; from += 5) parts.push(sectionPart(shown.slice(from, from + 5).flat()));
  return more === 0 ? parts : [...parts, sectionPart([[`… and ${more} more`]])];
}

const title = (record: RequestRecord): Line => [{ bold: headline(record) }];
const whose = (record: RequestRecord): Line[] => [[{ code: record.id }], ['asked by ', person(record.requester)]];

export const statusLines = ({ record, position, holder }: StatusRow): Line[] => [
  title(record),
  joined([
    ...whose(record),
    ['since ', when(record.since)],
    record.state.status !== 'queued' || position === undefined
      ? undefined
      : [position === 1 ? 'next in line' : `number ${position} in line`],
    holder === undefined ? undefined : ['behind ', { code: holder }],
    record.decision.verdict === 'ask' && record.state.status === 'awaiting-approval'
      ? [`approvals ${votesOf(record)} of ${record.decision.votes}`]
      : undefined,
  ]),
];

export const freezeLine = ({ environment, by, at, until, reason }: Freeze): Line => [
  '❄️ ',
  { bold: environment },
  ' is frozen by ',
  person(by),
  ' since ',
  when(at),
  ...(until === undefined ? [', until somebody unfreezes it'] : [', until ', when(until)]),
  `: “${oneLine(reason).slice(0, 300)}”`,
];

export const historyLines = (record: RequestRecord): Line[] => [
  title(record),
  joined([
    ...whose(record),
    [when(record.createdAt)],
    record.endedAt === undefined ? undefined : [`took ${seconds(record.endedAt - record.createdAt)}`],
    record.ask.reason === undefined ? undefined : [`“${oneLine(record.ask.reason).slice(0, 120)}”`],
  ]),
];
