import type { Approval, RequestRecord } from '../domain/request.ts';
import type { Opening } from '../domain/window.ts';
import type { BotDeps } from './bot-deps.ts';
import { confirmVotes, countPatiently, isGenuine, noLongerCounted, withVotes } from './confirm-votes.ts';
import { endOverdueIncidents, INCIDENTS } from './end-incident.ts';
import { openingOf } from './opening.ts';
import { linesOf } from './plan-hash.ts';

const CLOCK = 'repull:clock';

/** The `expire` job only wakes: whether it is time is decided against Redis's clock, inside the transition. */
export async function expire(deps: BotDeps, id: string): Promise<void> {
  if (id === INCIDENTS) return endOverdueIncidents(deps);
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

/**
 * The `release` job: scheduled → queued when its time has come, the environment is open, and the approvers are still approvers. Of a request in line
 * the worker asks for it, when its votes have to be confirmed again.
 */
export async function release(deps: BotDeps, id: string): Promise<void> {
  const record = await deps.store.load(id);
  if (record?.state.status === 'queued') return confirmVotes(deps, record);
  if (record?.state.status !== 'scheduled' || record.plan === undefined) return;
  const now = await deps.store.now();
  if (now < record.state.at) return deps.queues.release(id, record.state.at);
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment === undefined) return giveUp(deps, record, []);
  const open = await openingOf(deps, environment, now, record.decision);
  if (!open.open) return putOff(deps, record, open, now);
  const votes = await countPatiently(deps, record);
  const wanted = record.decision.verdict === 'ask' ? record.decision.votes : 0;
  if (votes.good.length < wanted) return giveUp(deps, record, votes.lost);
  // What was forged is not sealed: the worker refuses it and says so.
  const patch = isGenuine(deps, record) ? withVotes(deps, record, votes.good) : {};
  const result = await deps.store.transition({
    id,
    from: { version: record.version },
    to: { status: 'queued', deadline: now + environment.deadlineMs },
    patch,
    milestones: [...votes.lost.map(noLongerCounted), { kind: 'queued', text: 'Its time has come.' }],
    actor: CLOCK,
    actionId: `release-${record.version}`,
    lines: linesOf(record.plan),
  });
  if (result.moved) await deps.queues.rollOut(record.ask.cluster, id);
  await deps.queues.sync(id, true);
}

/** Its time has come, and the environment is closed: at the next opening. A freeze without an end is looked at again every minute. */
async function putOff(deps: BotDeps, record: RequestRecord, open: Extract<Opening, { open: false }>, now: number): Promise<void> {
  const at = open.opensAt ?? now + 60_000;
  const why = open.because === 'freeze' ? `is frozen${open.reason === undefined ? '' : ` (${open.reason})`}` : 'is outside its window';
  const text = `Not started: ${record.ask.environment} ${why}. It starts ${open.opensAt === undefined ? 'when that ends' : 'at the next opening'}.`;
  const isTold = record.milestones.at(-1)?.text === text;
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'scheduled', at },
    milestones: isTold ? [] : [{ kind: 'waiting', text }],
    actor: CLOCK,
    actionId: `later-${record.version}`,
    because: open.because,
  });
  await deps.queues.sync(record.id, true);
  return deps.queues.release(record.id, at);
}

async function giveUp(deps: BotDeps, record: RequestRecord, lost: readonly Approval[]): Promise<void> {
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'expired', because: 'schedule' },
    milestones: [...lost.map(noLongerCounted), { kind: 'notice', text: 'Its approvals no longer hold, so it was not started.' }],
    actor: CLOCK,
    actionId: `stale-${record.version}`,
  });
  await deps.queues.sync(record.id, true);
}
