import type { BotDeps } from '../app/bot-deps.ts';
import type { Intake } from '../app/ports.ts';
import type { Listener } from '../app/ports-slack.ts';
import { tell } from '../app/run-command.ts';
import type { WorkerDeps } from '../app/worker-deps.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import { IntakeJob } from '../queue/jobs.ts';
import type { Trouble } from '../queue/run-worker.ts';

/** Whoever typed or pressed something that a bug kept from being decided hears of it, with the reference that the log carries. */
export async function tellOfBug(deps: BotDeps, trouble: Trouble): Promise<void> {
  const job = IntakeJob.safeParse(trouble.data);
  const listener = job.success ? listenerOf(job.data.intake) : undefined;
  if (listener === undefined) return;
  await tell(deps, { listener }, { kind: 'failure', failure: { code: 'bug', evidence: `reference ${trouble.reference}` } });
}

/** Somebody who can write to Redis put it there, or a bot without the key. In the second case a person waits for an answer. */
export async function tellUnsigned(deps: BotDeps, intake: Intake): Promise<void> {
  deps.log.error({ kind: intake.kind }, 'an entry of the intake queue that no bot with the job key put there was dropped');
  const listener = listenerOf(intake);
  if (listener === undefined) return;
  await tell(
    deps,
    { listener },
    { kind: 'click-refused', text: 'repull did not take this, because it does not carry the key of its bots. Nothing was changed.' },
  );
}

function listenerOf(intake: Intake): Listener | undefined {
  if (intake.kind === 'home' || intake.kind === 'channel-changed' || intake.kind === 'bot-mention') return undefined;
  const handle = intake.handle === undefined ? {} : { handle: intake.handle };
  if (intake.kind === 'submit') {
    const channel = /^[CG][A-Z0-9]+/.exec(intake.metadata)?.[0];
    return channel === undefined ? undefined : { channel, user: intake.user, ...handle };
  }
  return { channel: intake.channel, user: intake.user, ...(intake.thread === undefined ? {} : { thread: intake.thread }), ...handle };
}

/** A bug that outlived its tries must not leave a request open in silence: it ends, with the reference that the log carries. */
export async function failAfterBug(deps: Pick<WorkerDeps, 'store' | 'queues' | 'inquiries'>, trouble: Trouble): Promise<void> {
  const data = typeof trouble.data === 'object' && trouble.data !== null ? (trouble.data as Record<string, unknown>) : {};
  const failure = { code: 'bug' as const, evidence: `reference ${trouble.reference}` };
  if (typeof data['inquiry'] === 'string') {
    const inquiry = await deps.inquiries.load(data['inquiry']);
    if (inquiry === undefined || inquiry.answer !== undefined) return;
    await deps.inquiries.answer(inquiry.id, { kind: 'failure', failure, app: inquiry.ask.app, environment: inquiry.ask.environment });
    await deps.queues.answer(inquiry.id);
    return;
  }
  if (typeof data['id'] !== 'string' || (trouble.job !== 'plan' && trouble.job !== 'roll-out')) return;
  const record = await deps.store.load(data['id']);
  if (record === undefined || isTerminal(record.state.status)) return;
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to:
      record.state.status === 'planning'
        ? { status: 'refused', because: failure }
        : { status: 'failed', because: failure, changed: record.writing !== undefined },
    milestones: [{ kind: 'failed', text: `That is a bug in repull, reference ${trouble.reference}.`, broadcast: true }],
    actor: 'repull:worker',
    actionId: `bug-${record.version}`,
    because: `bug ${trouble.reference}`,
  });
  if (result.moved) for (const id of result.woken) await deps.queues.rollOut(record.ask.cluster, id);
  await deps.queues.sync(record.id, true);
}
