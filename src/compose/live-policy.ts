import type { Log } from '../app/worker-deps.ts';
import { watchPolicy } from '../config/load.ts';
import { formatProblem } from '../config/policy-file.ts';
import type { Policy } from '../domain/policy.ts';

export interface LivePolicy {
  /** The policy in force now. */
  current: () => Policy;
  close(): void;
}

/** Hot reload: a new file applies within 10 s and whole; a broken one changes nothing and is said loudly, each time it changes. */
export function keepLive(file: string, first: { policy: Policy; hash: string }, log: Log): LivePolicy {
  let { policy } = first;
  const watch = watchPolicy(
    file,
    {
      onPolicy(next, hash) {
        policy = next;
        log.info({ file, hash }, 'the policy file was reloaded');
      },
      onProblems(problems) {
        log.error({ file, problems: problems.map(formatProblem) }, 'the policy file is broken: the policy before it stays in force');
      },
    },
    { hash: first.hash },
  );
  return { current: () => policy, close: () => watch.close() };
}
