import { clean } from './escape.ts';
import type { Line, Part } from './rich.ts';
import { sectionPart } from './rich.ts';

/** So many lines in a section that none comes near the limit of one. */
const TOGETHER = 10;

/**
 * Help is written by us: a command or a flag, and indented beneath it what it does. Slack drops indentation, so that here both stand in one line,
 * with what is to be typed as code.
 */
export function helpParts(text: string): Part[] {
  const paragraphs = clean(text)
    .split('\n\n')
    .filter((paragraph) => paragraph.trim() !== '');
  return paragraphs.slice(0, 20).flatMap((paragraph) => {
    const lines = entries(paragraph.split('\n'));
    const sections: Part[] = [];
    for (let from = 0; from < lines.length; from += TOGETHER) sections.push(sectionPart(lines.slice(from, from + TOGETHER)));
    return sections;
  });
}

function entries(lines: readonly string[]): Line[] {
  const made: Line[] = [];
  for (const [index, line] of lines.entries()) {
    if (/^\s/.test(line)) continue;
    const about = lines[index + 1];
    made.push(
      about !== undefined && /^\s+\S/.test(about)
        ? [{ code: line }, `  ${about.trim()}`]
        : /^\/\S/.test(line)
          ? [{ code: line }]
          : heading(line),
    );
  }
  return made;
}

const heading = (line: string): Line => (/^[\p{L} ]+$/u.test(line) ? [{ bold: line }] : withCode(line));

const withCode = (line: string): Line =>
  line.split(/(`[^`]+`)/).map((piece) => (/^`[^`]+`$/.test(piece) ? { code: piece.slice(1, -1) } : piece));
