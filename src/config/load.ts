import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Policy } from '../domain/policy.ts';
import type { ParsedPolicy, Problem } from './policy-file.ts';
import { parsePolicy } from './policy-file.ts';

/** An unreadable file is a problem of its first line; nothing is thrown. */
export async function loadPolicy(file: string): Promise<ParsedPolicy> {
  try {
    return parsePolicy(await readFile(file, 'utf8'), file);
  } catch (error) {
    return { ok: false, problems: [unreadable(file, error)] };
  }
}

export const unreadable = (file: string, error: unknown): Problem => ({
  file,
  line: 1,
  column: 1,
  path: '(file)',
  message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
});

export interface PolicyWatch {
  onPolicy(policy: Policy, hash: string): void;
  /** The file is broken or gone: whatever was in force stays so. Said once for each state of the file. */
  onProblems(problems: Problem[]): void;
}

export interface WatchOptions {
  /** Hash of the policy that is in force already; left out: the first look reports it. */
  hash?: string;
  /** Between looks. The promise is 10 s, so several looks fit. */
  intervalMs?: number;
  /** What is new counts when it is still the same after this time. */
  settleMs?: number;
}

const INTERVAL_MS = 2_000;
const SETTLE_MS = 1_000;

const stateOf = (parsed: ParsedPolicy): string => (parsed.ok ? `policy ${parsed.hash}` : `problems ${JSON.stringify(parsed.problems)}`);

/**
 * Reads the file again and again rather than waiting for events: a ConfigMap is changed by swapping a symlink two directories up, an editor by
 * renaming, a network mount without telling anybody, and each of them loses or doubles events in its own way. What is read counts whole or not at all: half a file
 * may be a file too, with an environment that has lost its votes, so what changes while it settles is looked at again.
 */
export function watchPolicy(file: string, watch: PolicyWatch, options: WatchOptions = {}): { close(): void } {
  let seen = options.hash === undefined ? undefined : `policy ${options.hash}`;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const first = stateOf(await loadPolicy(file));
    if (isClosed || first === seen) return;
    await sleep(options.settleMs ?? SETTLE_MS, undefined, { ref: false });
    const parsed = await loadPolicy(file);
    if (isClosed || stateOf(parsed) !== first) return;
    seen = first;
    if (parsed.ok) watch.onPolicy(parsed.policy, parsed.hash);
    else watch.onProblems(parsed.problems);
  };
  const again = (): void => {
    timer = setTimeout(() => void look().finally(() => isClosed || again()), options.intervalMs ?? INTERVAL_MS);
    // A watch alone is no reason for the process to live on.
    timer.unref();
  };
  again();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
