import type { Status } from '../domain/lifecycle.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { BotDeps } from './bot-deps.ts';
import { endOverdueIncidents } from './end-incident.ts';

/** A worker that is alive ends an overdue request itself; this long after, nobody will. Milliseconds. */
const WORKER_MARGIN = 2 * 60_000;

/**
 * Every 30 s: walks the open requests and what Slack has not been shown, and adds whatever queue entry should exist. The only repair there
 * is: a crash between "state written" and "entry added" costs at most this interval. Adding an entry that exists does nothing.
 */
export async function reconcile(deps: BotDeps): Promise<Backlog> {
  const now = await deps.store.now();
  const open = await deps.store.open();
  for (const record of open) await nudge(deps, record, now);
  await endOverdueIncidents(deps);
  const unshown = await deps.deliveries.dirty(500);
  for (const { id } of unshown) await deps.queues.sync(id, true);
  return { open: open.map((record) => record.state.status), unshownMs: unshown[0] === undefined ? 0 : now - unshown[0].since };
}

/** For the metrics: every open request's status, and the age of the oldest change that Slack has not been shown. */
export interface Backlog {
  open: Status[];
  unshownMs: number;
}

/** Whoever looks at a card that waits for votes is to see at once that the policy has changed under it. */
export async function showNewPolicy(deps: BotDeps): Promise<void> {
  const waiting = (await deps.store.open()).filter((record) => record.state.status === 'awaiting-approval');
  for (const record of waiting) await deps.queues.sync(record.id, false);
}

async function nudge(deps: BotDeps, record: RequestRecord, now: number): Promise<void> {
  const { state } = record;
  switch (state.status) {
    case 'planning':
      if (now > record.since + deadlineOf(deps, record)) return giveUp(deps, record, now);
      return deps.queues.plan(record.ask.cluster, record.id, String(record.version));
    case 'awaiting-approval':
      // The card says where the policy has changed since; nothing else would bring that up.
      await deps.queues.sync(record.id, false);
      return deps.queues.expire(record.id, state.expiresAt);
    case 'scheduled':
      return deps.queues.release(record.id, state.at);
    case 'queued':
    case 'rolling-out':
      if (now > state.deadline + WORKER_MARGIN) return giveUp(deps, record, now);
      return deps.queues.rollOut(record.ask.cluster, record.id);
    default:
      return;
  }
}

const deadlineOf = (deps: BotDeps, record: RequestRecord): number =>
  deps.policy().environments.get(record.ask.environment)?.deadlineMs ?? 3_600_000;

/** No worker has answered for it until its deadline: it ends, and says so, instead of waiting for ever. */
async function giveUp(deps: BotDeps, record: RequestRecord, now: number): Promise<void> {
  const evidence = `no worker of cluster ${record.ask.cluster} has answered`;
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: {
      status: 'failed',
      because: { code: 'deadline-passed', subject: record.ask.cluster, evidence, at: now },
      changed: record.writing !== undefined,
    },
    milestones: [{ kind: 'failed', text: 'Its deadline has passed.', broadcast: true }],
    actor: 'repull:reconcile',
    actionId: `deadline-${record.version}`,
  });
  if (result.moved) for (const id of result.woken) await deps.queues.rollOut(record.ask.cluster, id);
  await deps.queues.sync(record.id, true);
}
