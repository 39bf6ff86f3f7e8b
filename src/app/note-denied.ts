import { STATUSES } from '../domain/lifecycle.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Call } from './run-command.ts';

/** Who pressed what and was refused is part of the request's story: it changes nothing and stands in the audit stream. */
export async function noteDenied(
  deps: BotDeps,
  call: Call,
  record: RequestRecord,
  action: string,
  answer: Answer | undefined,
): Promise<void> {
  if (answer?.kind !== 'denied' || answer.decision.verdict !== 'deny') return;
  const { because } = answer.decision;
  const kind = because.code === 'not-a-member' ? ` (${because.kind})` : '';
  await deps.store.transition({
    id: record.id,
    from: { statuses: STATUSES },
    actor: call.user,
    actionId: `denied-${call.key}`,
    because: `${action} denied: ${because.code}${kind}`,
  });
}
