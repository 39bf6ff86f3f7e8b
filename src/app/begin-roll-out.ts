import { areFresh } from '../domain/approve.ts';
import { podsSaid } from '../domain/cron-run.ts';
import type { Failure } from '../domain/failure.ts';
import type { Plan } from '../domain/plan.ts';
import type { Environment } from '../domain/policy.ts';
import type { RequestRecord } from '../domain/request.ts';
import { tellRefusedRollback, wake } from './end-request.ts';
import { makePlan } from './make-plan.ts';
import { closedFailure, openingOf } from './opening.ts';
import { LOOK_EVERY, type Step } from './step.ts';
import { isAgreed, sealed } from './vouched.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/** queued → rolling-out, if it is its turn and everything under the approval still holds; the plan is made anew immediately before the first write. */
export async function begin(deps: WorkerDeps, record: RequestRecord): Promise<Step> {
  const position = await deps.store.position(record.id);
  // Whoever leaves the line wakes the next one, and reconcile looks too; nothing to wait for here.
  if (position === undefined || position.position > 1) return 'done';
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment === undefined) return refuse(deps, record, { code: 'not-permitted', subject: record.ask.environment });
  const now = await deps.store.now();
  if (!isAgreed(deps, record, now)) return refuse(deps, record, { code: 'unsigned', subject: record.id });
  const shut = await closed(deps, record, environment);
  if (shut !== undefined) return refuse(deps, record, shut);
  if (!areFresh(record, now)) return askForVotes(deps, record);
  const made = await makePlan(deps, record.ask, record.id, record.createdAt);
  if (!made.ok) return refuse(deps, record, made.refusal.refused);
  if (made.plan.hash !== record.plan?.hash) return drifted(deps, record, made.plan, environment);
  return start(deps, record, made.plan);
}

/** It had to wait since Slack last said who may approve, and only a bot can ask there: it answers by moving the request, and brings this step forward. */
async function askForVotes(deps: WorkerDeps, record: RequestRecord): Promise<Step> {
  await deps.queues.release(record.id, 0);
  return { again: LOOK_EVERY };
}

async function start(deps: WorkerDeps, record: RequestRecord, plan: Plan): Promise<Step> {
  const now = await deps.store.now();
  const deadline = record.state.status === 'queued' ? record.state.deadline : now;
  const moved = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'rolling-out', deadline },
    // The fresh plan: same hash, but the resourceVersions and pod uids of this moment.
    patch: { plan, writing: { at: now }, ...sealed(deps, record, 'writing', { plan }) },
    milestones: [{ kind: 'started', text: startText(plan) }],
    actor: WORKER,
    actionId: `start-${record.version}`,
    mustBeFirst: true,
  });
  if (!moved.moved) return moved.because === 'not-first' ? 'done' : { again: 100 };
  deps.watching.begin(
    record.id,
    plan.workloads.map((each) => each.workload),
  );
  await deps.queues.sync(record.id, true);
  return { again: 0 };
}

const startText = (plan: Plan): string =>
  plan.workloads
    .map((each) => `Started: ${each.method} on ${each.workload.kind.toLowerCase()}/${each.workload.name}, ${podsSaid(each)}.`)
    .join('\n');

async function closed(deps: WorkerDeps, record: RequestRecord, environment: Environment): Promise<Failure | undefined> {
  const open = await openingOf(deps, environment, await deps.store.now(), record.decision);
  return open.open ? undefined : closedFailure(environment, open);
}

async function refuse(deps: WorkerDeps, record: RequestRecord, because: Failure): Promise<Step> {
  deps.log.info({ request: record.id, code: because.code }, 'refused before the first write');
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: { status: 'refused', because },
    milestones: [{ kind: 'failed', text: 'Refused before anything was written.' }],
    actor: WORKER,
    actionId: `refuse-${record.version}`,
    because: because.code,
  });
  if (result.moved) await wake(deps, result.woken);
  await deps.queues.sync(record.id, true);
  if (result.moved) await tellRefusedRollback(deps, record, because);
  return result.moved ? 'done' : { again: 100 };
}

/** Approval was for another plan. With votes: ask again, old beside new. Without: go on with the new plan and say so. */
async function drifted(deps: WorkerDeps, record: RequestRecord, plan: Plan, environment: Environment): Promise<Step> {
  const old = record.plan;
  const text = 'The cluster or the registry changed since this was planned.';
  if (record.decision.verdict === 'ask') {
    const expiresAt = (await deps.store.now()) + record.decision.expiresMs;
    const moved = await deps.store.transition({
      id: record.id,
      from: { version: record.version },
      to: { status: 'awaiting-approval', expiresAt },
      patch: { plan, outdatedPlan: old, approvals: [], ...sealed(deps, record, 'planned', { plan, approvals: [] }) },
      milestones: [{ kind: 'drift', text: `${text} Votes start again for the new plan.` }],
      actor: WORKER,
      actionId: `drift-${record.version}`,
    });
    if (moved.moved) {
      await wake(deps, moved.woken);
      await deps.queues.expire(record.id, expiresAt);
    }
    await deps.queues.sync(record.id, true);
    return moved.moved ? 'done' : { again: 100 };
  }
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    patch: { plan, outdatedPlan: old, ...sealed(deps, record, 'planned', { plan }) },
    milestones: [{ kind: 'drift', text: `${text} No votes are needed in ${environment.name}, so repull goes on with the new plan.` }],
    actor: WORKER,
    actionId: `drift-${record.version}`,
  });
  return { again: 0 };
}
