import { usage } from '../command/usage.ts';
import { canI, canINotes } from '../domain/can-i.ts';
import { appOf } from '../domain/grants.ts';
import { POLICY_VERBS, type PolicyVerb } from '../domain/policy.ts';
import { visibleApps, visibleEnvironments } from '../domain/visible.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { closedBy, openingOf } from './opening.ts';
import type { Call } from './run-command.ts';

export async function askHelp(about: string | undefined, prefix: string): Promise<Answer> {
  return { kind: 'help', text: usage(about, prefix) };
}

export async function askApps(deps: BotDeps, call: Call): Promise<Answer> {
  const policy = deps.policy();
  const rows = visibleApps(policy, call.actor, call.place).map((app) => ({
    app: app.name,
    aliases: [...app.aliases],
    environments: visibleEnvironments(policy, call.actor, call.place, { app: app.name }).map((each) => each.name),
  }));
  return { kind: 'apps', rows };
}

export async function askEnvironments(deps: BotDeps, call: Call): Promise<Answer> {
  const now = await deps.store.now();
  const rows = await Promise.all(
    visibleEnvironments(deps.policy(), call.actor, call.place).map(async (environment) => {
      const open = await openingOf(deps, environment, now, { verdict: 'allow', rule: '' });
      const votes =
        environment.approval.votes === 0
          ? 'no votes needed'
          : `${environment.approval.votes} ${environment.approval.votes === 1 ? 'vote' : 'votes'}`;
      return {
        environment: environment.name,
        cluster: environment.cluster,
        open: open.open,
        note: open.open ? votes : `${votes}, ${closedBy(open)}`,
      };
    }),
  );
  return { kind: 'envs', rows };
}

export async function askCanI(
  deps: BotDeps,
  call: Call,
  command: { app: string; environment: string; about?: PolicyVerb },
): Promise<Answer> {
  const policy = deps.policy();
  const app = appOf(policy, command.app)?.name ?? command.app;
  const target = { app, environment: command.environment };
  const verbs = command.about === undefined ? POLICY_VERBS : [command.about];
  const rows = verbs.map((verb) => ({ verb, ...target, decision: canI(policy, call.actor, call.place, verb, target, 'cluster') }));
  const trouble = deps.policyTrouble?.();
  const notes = [
    ...verbs.flatMap((verb) => canINotes(policy, call.actor, call.place, verb, target)),
    ...(trouble === undefined ? [] : [trouble]),
  ];
  const environment = policy.environments.get(command.environment);
  // Under incident rules a window may not count.
  const given = rows.find((row) => row.decision.verdict !== 'deny')?.decision;
  if (environment === undefined || given === undefined) return { kind: 'can-i', rows, notes };
  const open = await openingOf(deps, environment, await deps.store.now(), given);
  const closed = open.open ? [] : [`${environment.name} is closed now: ${closedBy(open)}.`];
  return { kind: 'can-i', rows, notes: [...closed, ...notes] };
}
