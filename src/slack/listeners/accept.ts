import { createHash } from 'node:crypto';
import type { Intake } from '../../app/ports.ts';
import type { ListenerDeps } from './deps.ts';

/** Said word for word whenever what was typed or pressed could not be written down (product.md §3). */
export const AWAY = 'repull cannot accept this now; nothing was changed';

/** Leaves time for the acknowledgement within Slack's 3 s. */
const ENQUEUE_MS = 2_000;

/** Slack's own ids, hashed: short, without a colon (BullMQ), and a trigger id does not lie in Redis. */
export const keyOf = (kind: string, ...parts: readonly string[]): string =>
  `${kind}-${createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32)}`;

/** True once it is written down. Only then may it be acknowledged as accepted. */
export async function accept(deps: ListenerDeps, intake: Intake, key: string): Promise<boolean> {
  try {
    await within(ENQUEUE_MS, deps.queues.intake(intake, key));
    return true;
  } catch (error) {
    deps.log.error({ kind: intake.kind, key, error: error instanceof Error ? error.name : 'unknown' }, 'intake could not be written down');
    return false;
  }
}

/** Rejects when it takes longer; the work itself may still go on, which its key makes harmless. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
