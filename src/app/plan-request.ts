import { sameness } from '../domain/plan-fingerprint.ts';
import type { Plan } from '../domain/plan.ts';
import type { Environment } from '../domain/policy.ts';
import type { RequestRecord, State } from '../domain/request.ts';
import { tellRefusedRollback } from './end-request.ts';
import { makePlan } from './make-plan.ts';
import { openingOf } from './opening.ts';
import { linesOf, shortHash } from './plan-hash.ts';
import type { Move, MoveResult, NewMilestone, RecordPatch } from './ports.ts';
import { isAsked, sealed } from './vouched.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/** The `plan` job: planning → refused | waiting for approval | scheduled | queued. May run twice; the second finds the request moved on. */
export async function planRequest(deps: WorkerDeps, id: string): Promise<void> {
  const record = await deps.store.load(id);
  if (record?.state.status !== 'planning') return;
  if (!isAsked(deps, record)) {
    await finish(deps, record, { to: { status: 'refused', because: { code: 'unsigned', subject: id } }, because: 'unsigned' });
    return;
  }
  const made = await makePlan(deps, record.ask, id, record.createdAt);
  if (!made.ok) {
    await finish(deps, record, { to: { status: 'refused', because: made.refusal.refused }, because: made.refusal.refused.code });
    await tellRefusedRollback(deps, record, made.refusal.refused);
    return;
  }
  await settle(deps, record, made.plan);
}

async function settle(deps: WorkerDeps, record: RequestRecord, plan: Plan): Promise<void> {
  const now = await deps.store.now();
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment === undefined) return;
  const patch: RecordPatch = { plan, approvals: [], ...sealed(deps, record, 'planned', { plan, approvals: [] }) };
  const claim = shortHash(sameness(plan, record.ask));
  const milestones: NewMilestone[] =
    record.outdatedPlan === undefined
      ? []
      : [{ kind: 'drift', text: 'The cluster or the registry changed after the plan was made. This is the new plan.' }];
  if (record.decision.verdict === 'ask') {
    const to: State = { status: 'awaiting-approval', expiresAt: now + record.decision.expiresMs };
    const moved = await finish(deps, record, { to, patch, claim, milestones });
    if (moved) await deps.queues.expire(record.id, to.expiresAt);
    return;
  }
  if (record.decision.verdict === 'deny') return;
  const at = await startsAt(deps, record, environment, now);
  if (at !== undefined) {
    const moved = await finish(deps, record, { to: { status: 'scheduled', at }, patch, claim, milestones });
    if (moved) await deps.queues.release(record.id, at);
    return;
  }
  const moved = await finish(deps, record, {
    to: { status: 'queued', deadline: now + environment.deadlineMs },
    patch,
    claim,
    milestones,
    lines: linesOf(plan),
  });
  if (moved) await deps.queues.rollOut(deps.cluster.name, record.id);
}

/** When a request with `--at` may start; undefined = now. */
async function startsAt(deps: WorkerDeps, record: RequestRecord, environment: Environment, now: number): Promise<number | undefined> {
  if (record.ask.at === undefined) return undefined;
  if (record.ask.at !== 'window') return record.ask.at > now ? record.ask.at : undefined;
  const open = await openingOf(deps, environment, now, record.decision);
  return open.open ? undefined : (open.opensAt ?? now + 60_000);
}

async function finish(deps: WorkerDeps, record: RequestRecord, move: Omit<Move, 'id' | 'from' | 'actor' | 'actionId'>): Promise<boolean> {
  const result = await deps.store.transition({
    ...move,
    id: record.id,
    from: { version: record.version },
    actor: WORKER,
    actionId: `plan-${record.version}`,
  });
  if (!result.moved && result.because === 'same') await join(deps, record, result);
  await deps.queues.sync(record.id, true);
  return result.moved;
}

/** Somebody asked for exactly this already: the requester follows that card instead of starting a second rollout. */
async function join(deps: WorkerDeps, record: RequestRecord, same: Extract<MoveResult, { moved: false }>): Promise<void> {
  if (same.other === undefined) return;
  if (!(await follow(deps, record, same.other))) return;
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'superseded', by: same.other },
    actor: WORKER,
    actionId: `joined-${record.version}`,
    because: `joined ${same.other}, which asks for the same`,
  });
}

/** The other one may be moving: look again as often as it does. False: it is gone. */
async function follow(deps: WorkerDeps, record: RequestRecord, id: string): Promise<boolean> {
  for (;;) {
    const other = await deps.store.load(id);
    if (other === undefined) return false;
    const follower = { requester: record.requester, channel: record.channel, at: await deps.store.now() };
    const result = await deps.store.transition({
      id,
      from: { version: other.version },
      patch: { followers: [...other.followers.filter((each) => each.requester !== record.requester), follower] },
      actor: record.requester,
      actionId: `join-${record.id}`,
    });
    await deps.queues.sync(id, true);
    if (result.moved || result.because !== 'version') return true;
  }
}
