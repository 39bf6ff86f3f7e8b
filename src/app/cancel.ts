import { mayCancel } from '../domain/approve.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import { maySee, noSuch } from './ask-requests.ts';
import type { BotDeps } from './bot-deps.ts';
import { readId } from './new-id.ts';
import { noteDenied } from './note-denied.ts';
import type { Move } from './ports.ts';
import type { Call } from './run-command.ts';

export async function cancelByCommand(deps: BotDeps, call: Call, id: string): Promise<Answer> {
  const record = await deps.store.load(readId(id) ?? id);
  if (record === undefined) return noSuch(id);
  const answer = await cancel(deps, call, record);
  await noteDenied(deps, call, record, 'cancel', answer);
  // Whoever may not even see it is told what an unknown id is told, also where it has ended.
  if (answer !== undefined && !maySee(deps, call, record)) return noSuch(id);
  return answer ?? { kind: 'done', text: `${record.id}: cancelling. Its card says what was already done.` };
}

/** Before it runs: nothing happened. While it rolls out: the worker stops at its next look, and says what is already done. */
export async function cancel(deps: BotDeps, call: Call, record: RequestRecord): Promise<Answer | undefined> {
  const running = record.state.status === 'rolling-out';
  if (isTerminal(record.state.status))
    return { kind: 'click-refused', text: `${record.id} is ${record.state.status} already; there is nothing to cancel.` };
  const decision = mayCancel(deps.policy(), call.actor, call.place, record.ask, { requesterId: record.requester, running });
  if (decision.verdict === 'deny')
    return { kind: 'denied', decision, app: record.ask.app, environment: record.ask.environment, id: record.id };
  const now = await deps.store.now();
  const decisions = [...record.decisions, { by: call.user, verdict: 'cancel' as const, at: now }];
  const move: Move = {
    id: record.id,
    from: { version: record.version },
    ...(running ? {} : { to: { status: 'cancelled', by: call.user, changed: false } }),
    patch: { decisions, ...(running ? { cancelAsked: { by: call.user, at: now } } : {}) },
    milestones: running ? [] : [{ kind: 'cancelled', by: call.user, text: 'Cancelled before anything was written.' }],
    actor: call.user,
    actionId: call.key,
  };
  const result = await deps.store.transition(move);
  if (!result.moved) {
    const latest = await deps.store.load(record.id);
    // It moved on under the click: look again, at most as often as it has states.
    if (latest !== undefined && latest.version !== record.version) return cancel(deps, call, latest);
    return { kind: 'click-refused', text: `${record.id} could not be cancelled: ${result.because}.` };
  }
  for (const id of result.woken) {
    const next = await deps.store.load(id);
    if (next !== undefined) await deps.queues.rollOut(next.ask.cluster, id);
  }
  if (running) await deps.queues.rollOut(record.ask.cluster, record.id);
  await deps.queues.sync(record.id, true);
  return undefined;
}
