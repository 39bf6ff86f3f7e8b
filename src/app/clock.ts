import type { RequestRecord } from '../domain/request.ts';
import type { BotDeps } from './bot-deps.ts';
import { openingOf } from './opening.ts';
import { linesOf } from './plan-hash.ts';
import { stillGood } from './settle-approval.ts';

const CLOCK = 'repull:clock';

/** The `expire` job only wakes: whether it is time is decided against Redis's clock, inside the transition. */
export async function expire(deps: BotDeps, id: string): Promise<void> {
  const record = await deps.store.load(id);
  if (record?.state.status !== 'awaiting-approval') return;
  const { expiresAt } = record.state;
  const result = await deps.store.transition({
    id,
    from: { version: record.version },
    to: { status: 'expired', because: 'approval' },
    actor: CLOCK,
    actionId: `expire-${record.version}`,
    notBefore: expiresAt,
  });
  if (!result.moved && result.because === 'too-early') await deps.queues.expire(id, expiresAt);
  if (result.moved) await deps.queues.sync(id, true);
}

/** The `release` job: scheduled → queued when its time has come, the environment is open, and the approvers are still approvers. */
export async function release(deps: BotDeps, id: string): Promise<void> {
  const record = await deps.store.load(id);
  if (record?.state.status !== 'scheduled' || record.plan === undefined) return;
  const now = await deps.store.now();
  if (now < record.state.at) return deps.queues.release(id, record.state.at);
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment === undefined || !(await approversHold(deps, record))) return giveUp(deps, record);
  const open = await openingOf(deps, environment, now, record.decision);
  if (!open.open) {
    const at = open.opensAt ?? now + 60_000;
    await deps.store.transition({
      id,
      from: { version: record.version },
      to: { status: 'scheduled', at },
      actor: CLOCK,
      actionId: `later-${record.version}`,
    });
    await deps.queues.sync(id, true);
    return deps.queues.release(id, at);
  }
  const result = await deps.store.transition({
    id,
    from: { version: record.version },
    to: { status: 'queued', deadline: now + environment.deadlineMs },
    milestones: [{ kind: 'queued', text: 'Its time has come.' }],
    actor: CLOCK,
    actionId: `release-${record.version}`,
    lines: linesOf(record.plan),
  });
  if (result.moved) await deps.queues.rollOut(record.ask.cluster, id);
  await deps.queues.sync(id, true);
}

async function giveUp(deps: BotDeps, record: RequestRecord): Promise<void> {
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'expired', because: 'schedule' },
    milestones: [{ kind: 'notice', text: 'Its approvals no longer hold, so it was not started.' }],
    actor: CLOCK,
    actionId: `stale-${record.version}`,
  });
  await deps.queues.sync(record.id, true);
}

async function approversHold(deps: BotDeps, record: RequestRecord): Promise<boolean> {
  return record.decision.verdict !== 'ask' || (await stillGood(deps, record)).length >= record.decision.votes;
}
