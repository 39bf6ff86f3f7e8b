import type { Grant } from './grants.ts';
import { appliesIn, covers, grantsOf, standing } from './grants.ts';
import type { ActorFacts, App, ChannelFacts, Environment, Policy, PolicyVerb } from './policy.ts';

/** Narrows what is listed: only what this verb may be done to; left out, any verb will do. */
export interface Narrow {
  readonly verb?: PolicyVerb;
  readonly environment?: string;
  readonly app?: string;
}

/** The apps of the file that this person has a right to here, in its order. For suggestions, lists and modals: nothing else may be named. */
export function visibleApps(policy: Policy, actor: ActorFacts, channel: ChannelFacts, narrow: Narrow = {}): App[] {
  const grants = grantsHere(policy, actor, channel, narrow.verb);
  const environments = narrow.environment === undefined ? [...policy.environments.keys()] : [narrow.environment];
  return [...policy.apps.values()].filter((app) =>
    grants.some((grant) => environments.some((environment) => covers(policy, grant.role, { app: app.name, environment }))),
  );
}

export function visibleEnvironments(policy: Policy, actor: ActorFacts, channel: ChannelFacts, narrow: Narrow = {}): Environment[] {
  const grants = grantsHere(policy, actor, channel, narrow.verb);
  return [...policy.environments.values()].filter((environment) =>
    grants.some((grant) => {
      // Without an app in mind, a right to any app of the environment shows it; a role with globs covers apps that have no entry.
      const apps = narrow.app === undefined ? [...grant.role.apps] : [narrow.app];
      return apps.some((app) => covers(policy, grant.role, { app, environment: environment.name }));
    }),
  );
}

/** Names and aliases, as suggestions want them. */
export const namesOf = (apps: readonly App[]): string[] => apps.flatMap((app) => [app.name, ...app.aliases]);

export interface Right {
  readonly rule: string;
  readonly verbs: readonly PolicyVerb[];
  readonly environments: readonly string[];
  readonly apps: readonly string[];
  readonly channels: readonly string[];
}

/** What somebody may do and why, for App Home: every binding that speaks for them, in whatever channel. */
export function rightsOf(policy: Policy, actor: ActorFacts): Right[] {
  return grantsOf(policy, actor).map(({ rule, role, binding }) => ({
    rule,
    verbs: role.verbs,
    environments: role.environments,
    apps: role.apps,
    channels: binding.channels,
  }));
}

function grantsHere(policy: Policy, actor: ActorFacts, channel: ChannelFacts, verb: PolicyVerb | undefined): Grant[] {
  if (standing(policy, actor, channel) !== undefined) return [];
  return grantsOf(policy, actor).filter(
    (grant) => appliesIn(policy, grant, channel) && (verb === undefined || grant.role.verbs.includes(verb)),
  );
}
