import type { DenyReason, PolicyDecision } from '../../domain/policy.ts';
import { first, listed } from './limits.ts';
import type { Line } from './rich.ts';
import { channel } from './rich.ts';
import { counted, seconds } from './words.ts';

/** Why not, by which rule, and who can help. */
export function deniedLines(decision: PolicyDecision): Line[] {
  if (decision.verdict !== 'deny') return decisionLines(decision);
  const help: Line[] = decision.help.length === 0 ? [] : [[`Who can help: ${listed(decision.help, 6)}`]];
  const rule: Line[] = decision.rule === undefined ? [] : [['Rule: ', { code: decision.rule }]];
  return [reasonLine(decision.because), ...rule, ...help, ['Nothing was changed.']];
}

/** One line for what may be done, by which rule. */
export function decisionLines(decision: PolicyDecision): Line[] {
  switch (decision.verdict) {
    case 'allow':
      return [['Allowed without approval, by ', { code: decision.rule }, '.']];
    case 'ask':
      return [
        [
          `Allowed with ${counted(decision.votes, 'approval')}`,
          decision.from === undefined || decision.from.length === 0 ? '' : ` from ${listed(decision.from, 4)}`,
          decision.self ? '' : ', not the requester’s own',
          `, within ${seconds(decision.expiresMs)}, by `,
          { code: decision.rule },
          '.',
        ],
      ];
    case 'deny':
      return [
        [
          ...reasonLine(decision.because),
          ...(decision.rule === undefined ? [] : [' Rule ', { code: decision.rule }, '.']),
          decision.help.length === 0 ? '' : ` Who can help: ${listed(decision.help, 4)}.`,
        ],
      ];
  }
}

function reasonLine(because: DenyReason): Line {
  switch (because.code) {
    case 'not-a-member':
      return [NOT_A_MEMBER[because.kind]];
    case 'direct-message':
      return ['repull is not used in direct messages.', ...places(because.channels)];
    case 'channel-shared':
      return ['This channel is shared with another organisation, so nothing can be changed from here.'];
    case 'channel-archived':
      return ['This channel is archived.'];
    case 'channel-unknown':
      return ['Slack does not let repull see what kind of channel this is, so the answer is no. Invite repull to it.'];
    case 'role-unconfirmed':
      return ['Your user groups cannot be confirmed right now, so the answer is no. Try again in a minute.'];
    case 'wrong-channel':
      return ['You may do this, but not in this channel.', ...places(because.channels)];
    case 'not-permitted':
      return ['You may not do this here, or it does not exist.'];
    case 'self-approval':
      return ['It is your own request; somebody else has to approve it.'];
    case 'not-an-approver':
      return [`An approval has to come from ${listed(because.from, 4)}.`];
    case 'incidents-off':
      return ['Incident channels are not set up in the policy file.'];
  }
}

const NOT_A_MEMBER = {
  guest: 'Guests cannot use repull.',
  bot: 'repull takes requests from people only.',
  deactivated: 'This account is deactivated.',
  stranger: 'People of other organisations cannot use repull.',
  unknown: 'Slack could not confirm just now who you are, so the answer is no. Try again in a minute.',
} as const;

function places(ids: readonly string[]): Line {
  if (ids.length === 0) return [];
  const { shown, more } = first(
    ids.filter((id) => id !== '*'),
    6,
  );
  const names = shown.flatMap((id, index): Line => (index === 0 ? [channel(id)] : [', ', channel(id)]));
  return names.length === 0 ? [] : [' Try: ', ...names, more === 0 ? '' : ` and ${more} more`];
}
