import { mayApprove } from './approve.ts';
import { decide } from './decide.ts';
import { appOf } from './grants.ts';
import type { ActorFacts, ChannelFacts, Policy, PolicyDecision, PolicyVerb, Target } from './policy.ts';

/** `file`: whoever asks sees the policy file alone, so an app that is not in it is unknown. `cluster`: it may be found there by its name. */
export type Sees = 'file' | 'cluster';

/**
 * May this person do this, here, to that? The one answer of `/repull can-i` and of `repull can-i`: what `decide` says when it is done, and of a vote
 * what it says to a vote on somebody else's request. Windows and freezes are not asked.
 */
export function canI(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  verb: PolicyVerb,
  asked: Required<Target>,
  sees: Sees,
): PolicyDecision {
  const app = appOf(policy, asked.app)?.name;
  // No environment has that name: an unknown app is answered like one that is forbidden.
  const target = { app: app ?? asked.app, environment: app === undefined && sees === 'file' ? '' : asked.environment };
  return verb === 'approve' ? mayApprove(policy, actor, channel, target, NOBODY) : decide(policy, actor, channel, verb, target);
}

const NOBODY = '';

/** What the verdict alone does not say: a freeze is of a whole environment. */
export function canINotes(
  policy: Policy,
  actor: ActorFacts,
  channel: ChannelFacts,
  verb: PolicyVerb,
  { app, environment }: Required<Target>,
): string[] {
  if (verb !== 'freeze') return [];
  const isGiven = decide(policy, actor, channel, verb, { app, environment }).verdict !== 'deny';
  const isWhole = decide(policy, actor, channel, verb, { environment }).verdict !== 'deny';
  return isGiven && !isWhole ? [`a freeze stops every app in ${environment}, so it needs the right to all of them`] : [];
}
