import { mayVoteOn } from '../domain/approve.ts';
import type { ActorFacts } from '../domain/policy.ts';
import type { RequestRecord, State } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import type { Pressed } from './click.ts';
import { countVotes, isGenuine, noLongerCounted, withVotes } from './confirm-votes.ts';
import { closedFailure, openingOf } from './opening.ts';
import { linesOf } from './plan-hash.ts';
import type { Call } from './run-command.ts';

/** Two clicks that meet are two tries on one version: one wins, the other looks again and answers honestly. */
const TRIES = 60;

export async function approve(deps: BotDeps, call: Call, pressed: Pressed): Promise<Answer | undefined> {
  let { record } = pressed;
  for (let round = 0; round < TRIES; round++) {
    const stopped = await whyNot(deps, call, record, pressed.planHash);
    if (stopped !== undefined) return stopped;
    if (record.plan === undefined) return notWaiting(record);
    if (!isGenuine(deps, record)) return refuseForged(deps, record);
    if (record.decision.verdict !== 'ask') return notWaiting(record);
    const now = await deps.store.now();
    const { good, lost } = await countVotes(deps, record);
    const approvals = [...good, { by: call.user, at: now }];
    const enough = approvals.length >= record.decision.votes;
    const to = enough ? await whenApproved(deps, record, now) : undefined;
    if (to !== undefined && 'kind' in to) return to;
    const decisions = [...record.decisions, { by: call.user, verdict: 'approve' as const, at: now }];
    const result = await deps.store.transition({
      id: record.id,
      from: { version: record.version },
      to: to ?? record.state,
      patch: { ...withVotes(deps, record, approvals), decisions },
      milestones: [
        ...lost.map(noLongerCounted),
        { kind: 'approved', by: call.user, text: `Approved (${approvals.length} of ${record.decision.votes}).` },
      ],
      actor: call.user,
      actionId: call.key,
      because: standingOf(call.actor),
      ...(record.state.status === 'awaiting-approval' ? { notAfter: record.state.expiresAt } : {}),
      ...(to?.status === 'queued' ? { lines: linesOf(record.plan) } : {}),
    });
    if (result.moved) return afterwards(deps, result.record);
    const latest = await deps.store.load(record.id);
    if (latest === undefined || result.because === 'too-late')
      return { kind: 'click-refused', text: `${record.id} has expired. Nothing was changed.` };
    record = latest;
  }
  return { kind: 'click-refused', text: 'Too many people are clicking at once; try again. Nothing was changed.' };
}

/** For the audit: why this vote counted, as Slack answered at that moment; groups change, and in some workspaces anybody may change them. */
const standingOf = (actor: ActorFacts): string =>
  `${actor.kind}${actor.groups.ids.length === 0 ? '' : ` in ${actor.groups.ids.toSorted().join(', ')}`}`;

async function refuseForged(deps: BotDeps, record: RequestRecord): Promise<Answer> {
  const text = `${record.id} was written or edited by somebody else than repull. Nothing was approved; ask whoever runs Redis.`;
  deps.log.error({ request: record.id }, 'a vote on a forged or edited request was refused');
  await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    milestones: [{ kind: 'notice', text }],
    actor: 'repull:bot',
    actionId: `unsigned-${record.version}`,
    because: 'unsigned',
  });
  await deps.queues.sync(record.id, true);
  return { kind: 'click-refused', text };
}

async function afterwards(deps: BotDeps, record: RequestRecord): Promise<undefined> {
  if (record.state.status === 'queued') await deps.queues.rollOut(record.ask.cluster, record.id);
  if (record.state.status === 'scheduled') await deps.queues.release(record.id, record.state.at);
  await deps.queues.sync(record.id, true);
  return undefined;
}

/** Everything that must hold at the click: it still waits, for this plan, in a channel that is ours, and this person may say yes. */
async function whyNot(deps: BotDeps, call: Call, record: RequestRecord, planHash: string): Promise<Answer | undefined> {
  if (record.state.status !== 'awaiting-approval') return notWaiting(record);
  if (record.plan?.hash !== planHash)
    return {
      kind: 'click-refused',
      text: 'The plan has changed since this button was drawn. Look at the card again; nothing was approved.',
    };
  const decision = mayVoteOn(deps.policy(), call.actor, call.place, record);
  if (decision.verdict === 'deny')
    return { kind: 'denied', decision, app: record.ask.app, environment: record.ask.environment, id: record.id };
  if (record.approvals.some((approval) => approval.by === call.user))
    return { kind: 'click-refused', text: `You have approved ${record.id} already.` };
  return undefined;
}

async function whenApproved(deps: BotDeps, record: RequestRecord, now: number): Promise<State | Answer> {
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment === undefined) return { kind: 'click-refused', text: `${record.ask.environment} is no longer in the policy file.` };
  const open = await openingOf(deps, environment, now, record.decision);
  const wanted = record.ask.at;
  if (wanted !== undefined && wanted !== 'window' && wanted > now) return { status: 'scheduled', at: wanted };
  if (open.open) return { status: 'queued', deadline: now + environment.deadlineMs };
  // A freeze without an end is looked at again every minute.
  if (wanted === 'window') return { status: 'scheduled', at: open.opensAt ?? now + 60_000 };
  return { kind: 'failure', failure: closedFailure(environment, open), id: record.id };
}

function notWaiting(record: RequestRecord): Answer {
  const by = record.approvals.at(-1)?.by;
  const tail = by === undefined ? '' : ` <@${by}> gave the last approval.`;
  return {
    kind: 'click-refused',
    text: `${record.id} is not waiting for approval any more: it is ${record.state.status.replace('-', ' ')}.${tail}`,
  };
}

export async function reject(deps: BotDeps, call: Call, pressed: Pressed, reason: string): Promise<Answer | undefined> {
  const { record } = pressed;
  const stopped = await whyNot(deps, call, { ...record, approvals: [] }, pressed.planHash);
  if (stopped !== undefined) return stopped;
  const now = await deps.store.now();
  const why = reason === '' ? {} : { reason };
  const result = await deps.store.transition({
    id: record.id,
    from: { statuses: ['awaiting-approval'] },
    to: { status: 'rejected', by: call.user, ...why },
    patch: { decisions: [...record.decisions, { by: call.user, verdict: 'reject', at: now, ...why }] },
    milestones: [{ kind: 'rejected', by: call.user, text: reason === '' ? 'Rejected.' : `Rejected: ${reason}` }],
    actor: call.user,
    actionId: call.key,
  });
  await deps.queues.sync(record.id, true);
  if (result.moved) return undefined;
  return notWaiting((await deps.store.load(record.id)) ?? record);
}
