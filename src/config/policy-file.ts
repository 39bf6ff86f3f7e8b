import { createHash } from 'node:crypto';
import type { Policy } from '../domain/policy.ts';
import { buildPolicy } from './policy-build.ts';
import { checkPolicy } from './policy-checks.ts';
import type { Complaint } from './policy-messages.ts';
import { complaints, keysOf } from './policy-messages.ts';
import { PolicyFile } from './policy-schema.ts';
import type { Path, Positions } from './yaml-positions.ts';
import { placesIn, readYaml } from './yaml-positions.ts';

/** One thing that is wrong in the policy file. Line and column count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `environments.prod.approval.from[0]`; `(file)` for the whole. */
  readonly path: string;
  readonly message: string;
}

export type ParsedPolicy = { ok: true; policy: Policy /** SHA-256 of the text, hex. */; hash: string } | { ok: false; problems: Problem[] };

/** `FILE:LINE:COLUMN: path: what is wrong`, which editors and CI make into a link. */
export const formatProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.path}: ${problem.message}`;

/** Reads the whole file and reports every problem at once, in the order of the lines. Strict: an unknown key is a problem. */
export function parsePolicy(text: string, fileName: string): ParsedPolicy {
  const source = text.replace(/^\ufeff/, '');
  const placeOf = placesIn(source);
  const problem = (offset: number, path: string, message: string): Problem => ({ file: fileName, ...placeOf(offset), path, message });
  const read = readYaml(source);
  if (!read.ok)
    return { ok: false, problems: sorted(read.errors.map((error) => problem(error.offset, '(file)', `not YAML: ${error.message}`))) };
  const { positions } = read;
  if (positions.value === null || positions.value === undefined)
    return { ok: false, problems: [problem(0, '(file)', 'the file is empty')] };
  const file = PolicyFile.safeParse(positions.value);
  const found = allComplaints(positions, file.success ? [] : complaints(file.error, positions.value, (path) => keysOf(PolicyFile, path)));
  const problems = [
    ...positions.duplicates.map(({ path, offset, first }) =>
      problem(offset, printPath(path), `is there twice, first in line ${placeOf(first).line}`),
    ),
    ...found.map(({ path, message, key }) => problem(positions.offset(path, key), printPath(path), message)),
  ];
  if (!file.success || problems.length > 0) return { ok: false, problems: sorted(problems) };
  return { ok: true, policy: buildPolicy(file.data), hash: createHash('sha256').update(text).digest('hex') };
}

function allComplaints(positions: Positions, byShape: Complaint[]): Complaint[] {
  const found = [...byShape];
  checkPolicy(positions.value, (path, message, key) => found.push({ path, message, key: key === 'key' }));
  return found;
}

const sorted = (problems: Problem[]): Problem[] => problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

function printPath(path: Path): string {
  if (path.length === 0) return '(file)';
  return path
    .map((step, depth) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z0-9_-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return depth === 0 ? step : `.${step}`;
    })
    .join('');
}
