import type { Failure } from '../../domain/failure.ts';
import { clean, escape, oneLine } from './escape.ts';
import { PODS_WORDS } from './failure-words-cluster.ts';
import { FAILURE_WORDS } from './failure-words.ts';
import { cut, LIMITS, SPAN } from './limits.ts';
import type { Line, Part, Span } from './rich.ts';
import { mrkdwnText, person, section, when } from './rich.ts';

/**
 * What happened, why, what to do next, and where to see more; the evidence quoted beneath.
 *
 * @param changed it was seen on pods, after something was changed
 */
export function failureLines(failure: Failure, changed = false): { lines: Line[]; evidence: string[] } {
  const words = (changed ? PODS_WORDS[failure.code] : undefined) ?? FAILURE_WORDS[failure.code];
  const subject: Span = failure.subject === undefined || failure.subject === '' ? '' : { code: oneLine(failure.subject) };
  const what = words.what(subject);
  const lines: Line[] = [
    sentenceOf(what),
    [words.why],
    ...opening(failure),
    ...frozenBy(failure),
    ['Next: ', ...(failure.remedy === undefined || failure.remedy.trim() === '' ? [words.next] : withCommands(oneLine(failure.remedy)))],
    ...(failure.look === undefined ? [] : [['To see more: ', { code: oneLine(failure.look) }]]),
  ];
  return { lines, evidence: [...(failure.evidence === undefined ? [] : [failure.evidence]), ...logLines(failure)] };
}

/** A closed environment: when it may be changed again. */
const opening = ({ code, at }: Failure): Line[] =>
  at === undefined || (code !== 'outside-window' && code !== 'frozen') ? [] : [['It opens again ', when(at), '.']];

const frozenBy = ({ code, by }: Failure): Line[] => (code !== 'frozen' || by === undefined ? [] : [['Frozen by ', person(by), '.']]);

const COMMAND = /((?:[/@]repull (?:"(?:[^"\\]|\\.)*"|[^;"])+)|(?:kubectl (?:'[^']*'|[^;'),])+))/;
/** What is to be copied stands apart from the words around it, unless it is too long to be shown whole. */
const withCommands = (remedy: string): Line =>
  (/^[/@]/.test(remedy) ? `type ${remedy}` : remedy)
    .split(COMMAND)
    .map((piece, index): Span => (index % 2 === 1 && piece.length <= SPAN.code ? { code: piece } : piece));

const logLines = (failure: Failure): string[] =>
  failure.logs === undefined || failure.logs.length === 0 ? [] : [`last lines of its log:\n${failure.logs.slice(-10).join('\n')}`];

/** The full stop belongs to the last words, so that bold words do not end twice. */
function sentenceOf(line: Line): Line {
  const present = line.filter((span) => span !== '');
  const last = present.at(-1);
  return typeof last === 'string' ? [...present.slice(0, -1), `${last}.`] : [...present, '.'];
}

/** Code fences cannot hold backticks; everything else is shown as it was said. */
const fence = (text: string): string => `\`\`\`${cut(escape(clean(text).replaceAll('`', 'ˋ')), LIMITS.sectionText - 100)}\`\`\``;

export function failurePart(failure: Failure, changed = false): Part {
  const { lines, evidence } = failureLines(failure, changed);
  const [what = [], ...rest] = lines;
  const body = section([what.map((span): Span => (typeof span === 'string' && /\p{L}/u.test(span) ? { bold: span } : span)), ...rest]);
  const quoted = evidence.map((text) => ({ type: 'section' as const, text: mrkdwnText(fence(text)) }));
  return { lines: [...lines, ...evidence.map((text): Line => [`“${text}”`])], blocks: [body, ...quoted] };
}
