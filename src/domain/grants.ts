import { matchesAny } from './glob.ts';
import type { ActorFacts, App, Binding, ChannelFacts, DenyReason, IncidentTerms, Policy, PolicyVerb, Role, Target } from './policy.ts';
import { EVERYONE } from './policy.ts';

/** A binding that speaks for this person, wherever they are. */
export interface Grant {
  readonly binding: Binding;
  readonly role: Role;
  /** `bindings[1], role operator`: named in decisions and answers. */
  readonly rule: string;
}

/** An alias is the app. */
export function appOf(policy: Policy, nameOrAlias: string): App | undefined {
  return policy.apps.get(nameOrAlias) ?? [...policy.apps.values()].find((app) => app.aliases.includes(nameOrAlias));
}

/** What stops everybody like this, or everything in such a channel, before any role is looked at. */
export function standing(policy: Policy, actor: ActorFacts, channel: ChannelFacts): DenyReason | undefined {
  if (actor.kind !== 'member') return { code: 'not-a-member', kind: actor.kind };
  if (channel.kind === 'dm') return { code: 'direct-message', channels: channelsOf(grantsOf(policy, actor)) };
  if (channel.kind === 'unknown') return { code: 'channel-unknown' };
  if (channel.shared) return { code: 'channel-shared' };
  if (channel.archived) return { code: 'channel-archived' };
  return undefined;
}

export function isInGroup(policy: Policy, actor: ActorFacts, name: string): boolean {
  if (actor.kind !== 'member') return false;
  if (name === EVERYONE) return true;
  const group = policy.groups.get(name);
  if (group === undefined) return false;
  return group.users.includes(actor.userId) || group.userGroups.some((id) => actor.groups.ids.includes(id));
}

/** True where somebody who could not be asked just now might have put this person into one of these groups. */
export function isUnconfirmed(policy: Policy, actor: ActorFacts, groups: Iterable<string>): boolean {
  if (actor.groups.known) return false;
  for (const name of groups) {
    if (policy.groups.get(name)?.userGroups.some((id) => !actor.groups.ids.includes(id)) === true) return true;
  }
  return false;
}

export function grantsOf(policy: Policy, actor: ActorFacts): Grant[] {
  return everyGrant(policy).filter((grant) => grant.binding.groups.some((group) => isInGroup(policy, actor, group)));
}

export function everyGrant(policy: Policy): Grant[] {
  return policy.bindings.flatMap((binding, index) => {
    const role = policy.roles.get(binding.role);
    return role === undefined ? [] : [{ binding, role, rule: `bindings[${index}], role ${role.name}` }];
  });
}

/** A channel bound to an incident counts as one of every binding's channels. */
export const appliesIn = (policy: Policy, grant: Grant, channel: ChannelFacts): boolean =>
  grant.binding.channels.includes('*') || grant.binding.channels.includes(channel.id) || incidentTerms(policy, channel) !== undefined;

/** An environment that is not in the file is covered by nothing, whatever the globs say. An app without an entry may live in the cluster. */
export function covers(policy: Policy, role: Role, target: Target): boolean {
  if (!policy.environments.has(target.environment) || !matchesAny(role.environments, target.environment)) return false;
  if (target.app === undefined) return role.apps.includes('*');
  return matchesAny(role.apps, appOf(policy, target.app)?.name ?? target.app);
}

export const gives = (policy: Policy, grant: Grant, verb: PolicyVerb, target: Target): boolean =>
  grant.role.verbs.includes(verb) && covers(policy, grant.role, target);

/** Undefined: normal rules. */
export function incidentTerms(policy: Policy, channel: ChannelFacts): IncidentTerms | undefined {
  if (policy.incidents === undefined || channel.incident === undefined) return undefined;
  const { reasonRequired, ignoreWindows, announce } = policy.incidents;
  return { reasonRequired, ignoreWindows, announce };
}

/** Channel ids by name; `*` names none. */
export const channelsOf = (grants: readonly Grant[]): string[] => [
  ...new Set(grants.flatMap((grant) => grant.binding.channels).filter((id) => id !== '*')),
];

export const groupsOf = (grants: readonly Grant[]): string[] => [...new Set(grants.flatMap((grant) => grant.binding.groups))];
