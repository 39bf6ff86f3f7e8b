import type { Log } from '../app/worker-deps.ts';
import { watchPolicy } from '../config/load.ts';
import { formatProblem } from '../config/policy-file.ts';
import type { Policy } from '../domain/policy.ts';
import type { Metrics } from '../ops/metrics.ts';

export interface LivePolicy {
  /** The policy in force now. */
  current: () => Policy;
  /** In words, while the file is broken or gone and the policy before it is in force. */
  trouble: () => string | undefined;
  /** Called after each change of the policy in force. */
  onChange(tell: () => void): void;
  close(): void;
}

/**
 * Hot reload: a new file applies within 10 s and whole; a broken one changes nothing and is said loudly: in the log each time it changes, in
 * `repull_policy_broken` and to whoever asks `/repull can-i` until it is mended.
 */
export function keepLive(
  file: string,
  first: { policy: Policy; hash: string },
  log: Log,
  metrics: Pick<Metrics, 'policyBroken'>,
): LivePolicy {
  let { policy } = first;
  let trouble: string | undefined;
  const listeners: (() => void)[] = [];
  metrics.policyBroken.set(0);
  const watch = watchPolicy(
    file,
    {
      onPolicy(next, hash) {
        policy = next;
        trouble = undefined;
        metrics.policyBroken.set(0);
        log.info({ file, hash }, 'the policy file was reloaded');
        for (const tell of listeners) tell();
      },
      onProblems(problems) {
        // Not which problems: they may name what the asker may not see.
        trouble ??= `the policy file is broken since ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, and the one before it is in force: tell the operator of repull`;
        metrics.policyBroken.set(1);
        log.error({ file, problems: problems.map(formatProblem) }, 'the policy file is broken: the policy before it stays in force');
      },
    },
    { hash: first.hash },
  );
  return { current: () => policy, trouble: () => trouble, onChange: (tell) => void listeners.push(tell), close: () => watch.close() };
}
