import type { Grant } from './grants.ts';
import { appliesIn, channelsOf, covers, everyGrant, gives, grantsOf, groupsOf, incidentTerms, isUnconfirmed, standing } from './grants.ts';
import { EVERYONE } from './policy.ts';
import type { ActorFacts, ChannelFacts, DenyReason, Policy, PolicyDecision, PolicyVerb, Target } from './policy.ts';

export interface Circumstances {
  /** Rollback: the request that it undoes failed, so no votes are wanted. */
  readonly undoesFailed?: boolean;
  /** Request outside a window, with `override`: always a second person, never the requester. The reason is the caller's to demand. */
  readonly breakGlass?: boolean;
}

/**
 * May this person do this, here, to that? Deny by default; bindings add up. An unknown app or environment gets the answer of a
 * forbidden one, so whoever may not see a thing learns nothing about it. Windows and freezes are not asked here.
 */
export function decide(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  verb: PolicyVerb,
  target: Target,
  circumstances: Circumstances = {},
): PolicyDecision {
  const stopped = standing(policy, actor, channel);
  if (stopped !== undefined) return { verdict: 'deny', because: stopped, help: [] };
  const here = grantsOf(policy, actor).filter((grant) => appliesIn(policy, grant, channel));
  const needed: PolicyVerb[] = circumstances.breakGlass === true ? ['override', verb] : [verb];
  const givers = needed.map((each) => ({ verb: each, grant: here.find((grant) => gives(policy, grant, each, target)) }));
  const missing = givers.find((giver) => giver.grant === undefined);
  const rule = givers[0]?.grant?.rule;
  if (missing !== undefined || rule === undefined) return refuse(policy, actor, channel, here, missing?.verb ?? verb, target);
  return voted(policy, channel, verb, target, circumstances, rule);
}

/** The second person's vote is for going on although the window is closed. */
export const isBreakGlass = (decision: PolicyDecision): boolean => decision.verdict === 'ask' && decision.breakGlass === true;

/** As `approval.expires` where an environment wants no votes of its own; milliseconds. */
const EXPIRES = 30 * 60_000;

/** Only what changes workloads is voted on. */
function voted(
  policy: Policy,
  channel: ChannelFacts,
  verb: PolicyVerb,
  target: Target,
  circumstances: Circumstances,
  rule: string,
): PolicyDecision {
  const terms = incidentTerms(policy, channel);
  const incident = terms === undefined ? {} : { incident: terms };
  const approval = policy.environments.get(target.environment)?.approval;
  const breakGlass = circumstances.breakGlass === true;
  const isFree = approval === undefined && !breakGlass;
  if (isFree || (verb !== 'request' && verb !== 'rollback')) return { verdict: 'allow', rule, ...incident };
  const given = approval?.votes ?? 0;
  const normal = terms === undefined ? given : (policy.incidents?.votes ?? given);
  const votes = circumstances.undoesFailed === true ? 0 : Math.max(normal, breakGlass ? 1 : 0);
  if (votes === 0) return { verdict: 'allow', rule, ...incident };
  return {
    verdict: 'ask',
    rule,
    votes,
    ...(approval?.from === undefined ? {} : { from: [...approval.from] }),
    self: approval?.self === true && !breakGlass,
    expiresMs: approval?.expiresMs ?? EXPIRES,
    ...incident,
    ...(breakGlass ? { breakGlass: true } : {}),
  };
}

function refuse(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  here: readonly Grant[],
  verb: PolicyVerb,
  target: Target,
): PolicyDecision {
  const anywhere = grantsOf(policy, actor);
  const isVisible = here.some((grant) => covers(policy, grant.role, target));
  const elsewhere = anywhere.filter((grant) => gives(policy, grant, verb, target));
  const deny = (because: DenyReason): PolicyDecision => ({
    verdict: 'deny',
    because,
    help: helpers(policy, channel, verb, target, isVisible),
  });
  if (isUnconfirmed(policy, actor, policy.groups.keys())) return deny({ code: 'role-unconfirmed' });
  // Which channels is said about a target only to those who see it here; to the others only where they have rights at all.
  if (here.length === 0 && anywhere.length > 0) return deny({ code: 'wrong-channel', channels: channelsOf(anywhere) });
  if (isVisible && elsewhere.length > 0) return deny({ code: 'wrong-channel', channels: channelsOf(elsewhere) });
  return deny({ code: 'not-permitted' });
}

/**
 * Who could, here; where nobody could here, who could elsewhere. Everyone is no help: the asker is one of them. To somebody who does not see the
 * target, only those who could do it to everything: their names say nothing about it.
 */
function helpers(policy: Policy, channel: ChannelFacts, verb: PolicyVerb, target: Target, isVisible: boolean): string[] {
  const able = everyGrant(policy).filter((grant) => {
    if (!grant.role.verbs.includes(verb)) return false;
    return isVisible ? covers(policy, grant.role, target) : grant.role.environments.includes('*') && grant.role.apps.includes('*');
  });
  const ableHere = able.filter((grant) => appliesIn(policy, grant, channel));
  return groupsOf(ableHere.length > 0 ? ableHere : able).filter((group) => group !== EVERYONE);
}
