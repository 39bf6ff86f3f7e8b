import { METHODS, type Method } from '../domain/method.ts';
import { namesOf, visibleApps, visibleEnvironments } from '../domain/visible.ts';
import { whoAndWhere, type BotDeps } from './bot-deps.ts';

/** What the form may offer this person here. */
export interface Choices {
  /** Names and aliases. */
  apps: readonly string[];
  environments: readonly string[];
  /** Of the chosen environment, else all. Without `set-image`: the form asks for no tag. */
  methods: readonly Method[];
  /** Incident rules hold in this channel. */
  needsReason: boolean;
}

/** What is chosen so far narrows the rest: environments to those where this app may be asked for, apps to what may be asked for there. */
export async function askChoices(
  deps: BotDeps,
  who: { user: string; team: string; channel: string },
  chosen: { app?: string; environment?: string },
): Promise<Choices> {
  const { actor, place } = await whoAndWhere(deps, who.user, who.team, who.channel);
  const policy = deps.policy();
  const { app, environment } = chosen;
  const environments = visibleEnvironments(policy, actor, place, { verb: 'request', ...(app === undefined ? {} : { app }) });
  const allowed = environments.find((each) => each.name === environment)?.methods ?? METHODS;
  const methods = allowed.filter((method) => method !== 'set-image');
  return {
    apps: namesOf(visibleApps(policy, actor, place, { verb: 'request', ...(environment === undefined ? {} : { environment }) })),
    environments: environments.map((each) => each.name),
    // An environment that allows set-image alone: the plan says so, with the way out.
    methods: methods.length === 0 ? ['auto'] : methods,
    needsReason: policy.incidents?.reasonRequired === true && place.incident !== undefined && environments.length > 0,
  };
}
