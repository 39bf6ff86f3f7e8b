import { readFileSync } from 'node:fs';
import { unreadable } from './load.ts';
import type { Outcome } from './outcome.ts';
import { fine, wrongConfig, wrongUsage } from './outcome.ts';
import type { ParsedPolicy } from './policy-file.ts';
import { formatProblem, parsePolicy } from './policy-file.ts';

/** `repull check-config FILE`: connects to nothing. Problems go to stderr, one per line. */
export function checkConfig(args: readonly string[], readText: ReadText = readUtf8): Outcome {
  const [file, extra] = args;
  if (file === undefined || file.startsWith('-') || extra !== undefined) return wrongUsage('Usage: repull check-config FILE');
  const parsed = readPolicy(file, readText);
  if (!parsed.ok) return wrongConfig(parsed.problems.map(formatProblem));
  const { environments, apps, groups, roles, bindings } = parsed.policy;
  const counts = [
    counted(environments.size, 'environment'),
    counted(apps.size, 'app'),
    counted(groups.size, 'group'),
    counted(roles.size, 'role'),
    counted(bindings.length, 'binding'),
  ];
  return fine(`${file}: fine (${counts.join(', ')})`);
}

export type ReadText = (file: string) => string;
export const readUtf8: ReadText = (file) => readFileSync(file, 'utf8');

export function readPolicy(file: string, readText: ReadText): ParsedPolicy {
  try {
    return parsePolicy(readText(file), file);
  } catch (error) {
    return { ok: false, problems: [unreadable(file, error)] };
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
