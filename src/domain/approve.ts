import type { Circumstances } from './decide.ts';
import { decide, isBreakGlass } from './decide.ts';
import { incidentTerms, isInGroup, isUnconfirmed, standing } from './grants.ts';
import type { ActorFacts, ChannelFacts, Policy, PolicyDecision, Target } from './policy.ts';
import type { RequestRecord } from './request.ts';

/** Answers `allow` or `deny`, never `ask`. Asked at every click, and again of every approver before the first write. */
export function mayApprove(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  target: Target,
  requesterId: string,
  circumstances: Circumstances = {},
): PolicyDecision {
  const decision = decide(policy, actor, channel, 'approve', target);
  const approval = policy.environments.get(target.environment)?.approval;
  const breakGlass = circumstances.breakGlass === true;
  if (decision.verdict !== 'allow' || (approval === undefined && !breakGlass)) return decision;
  const from = [...(approval?.from ?? [])];
  if (approval?.from !== undefined && !from.some((group) => isInGroup(policy, actor, group))) {
    const unconfirmed = isUnconfirmed(policy, actor, from);
    return { verdict: 'deny', because: unconfirmed ? { code: 'role-unconfirmed' } : { code: 'not-an-approver', from }, help: from };
  }
  const mayBeSelf = approval?.self === true && !breakGlass;
  if (actor.userId === requesterId && !mayBeSelf) return { verdict: 'deny', because: { code: 'self-approval' }, help: from };
  return decision;
}

/** The vote on one request: asked at every click, when the last vote comes in, and again at its release. */
export const mayVoteOn = (
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  { ask, requester, decision }: Pick<RequestRecord, 'ask' | 'requester' | 'decision'>,
): PolicyDecision => mayApprove(policy, actor, channel, ask, requester, { breakGlass: isBreakGlass(decision) });

/** Nobody could say just now: asked again, the answer may be another one. It counts as no until then. */
export const isUnsure = (decision: PolicyDecision): boolean =>
  decision.verdict === 'deny' &&
  (decision.because.code === 'role-unconfirmed' ||
    decision.because.code === 'channel-unknown' ||
    (decision.because.code === 'not-a-member' && decision.because.kind === 'unknown'));

/**
 * A worker believes a vote this long after Slack confirmed it; milliseconds. What starts when its last vote comes in never asks again, what stood in
 * line or waited for a worker does: two calls of Slack for each vote.
 */
const FRESH = 5_000;

/** @param now Redis TIME, ms */
export const areFresh = ({ decision, approvals }: Pick<RequestRecord, 'decision' | 'approvals'>, now: number): boolean =>
  decision.verdict !== 'ask' || approvals.every((vote) => now - Math.max(vote.at, vote.confirmedAt ?? 0) <= FRESH);

/** Own requests may always be cancelled before they run; anybody's, and a running one, where a binding gives `cancel`. */
export function mayCancel(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  target: Target,
  request: { readonly requesterId: string; readonly running: boolean },
): PolicyDecision {
  const decision = decide(policy, actor, channel, 'cancel', target);
  if (decision.verdict !== 'deny' || request.running || actor.userId !== request.requesterId) return decision;
  return standing(policy, actor, channel) === undefined ? { verdict: 'allow', rule: 'own request, before it runs' } : decision;
}

/** `/repull incident on|off`: members of the groups under `incidents.bind`, in a channel that is ours alone. */
export function mayBindIncident(policy: Policy, actor: ActorFacts, channel: ChannelFacts): PolicyDecision {
  const stopped = standing(policy, actor, channel);
  if (stopped !== undefined) return { verdict: 'deny', because: stopped, help: [] };
  if (policy.incidents === undefined) return { verdict: 'deny', because: { code: 'incidents-off' }, help: [] };
  const bind = [...policy.incidents.bind];
  if (!bind.some((group) => isInGroup(policy, actor, group))) {
    return { verdict: 'deny', because: { code: isUnconfirmed(policy, actor, bind) ? 'role-unconfirmed' : 'not-permitted' }, help: bind };
  }
  const terms = incidentTerms(policy, channel);
  return { verdict: 'allow', rule: 'incidents.bind', ...(terms === undefined ? {} : { incident: terms }) };
}
