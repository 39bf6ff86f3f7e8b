import type { Command } from '../command/command.ts';
import { commandLine } from '../domain/command-line.ts';
import { decide, isBreakGlass } from '../domain/decide.ts';
import type { Failure } from '../domain/failure.ts';
import type { Environment, PolicyDecision } from '../domain/policy.ts';
import type { Ask, RequestRecord, State } from '../domain/request.ts';
import type { Opening } from '../domain/window.ts';
import { formatWorkloadName } from '../domain/workload-name.ts';
import { announce } from './announce.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { closedFailure, openingOf } from './opening.ts';
import type { Call } from './run-command.ts';
import { readSchedule } from './schedule.ts';

type RepullCommand = Extract<Command, { verb: 'repull' }>;

/** `/repull app env …`, `check` and `--dry-run`: authorise, freeze the decision into the record, hand it to the cluster's worker. */
export async function requestRepull(deps: BotDeps, call: Call, command: RepullCommand, inquiry?: 'check'): Promise<Answer | undefined> {
  const target = resolve(deps, command);
  const isInquiry = inquiry !== undefined || command.options.dryRun;
  const decision = decide(deps.policy(), call.actor, call.place, isInquiry ? 'view' : 'request', target);
  const ask = askOf(deps, command, target);
  if (decision.verdict === 'deny' || ask === undefined) {
    const denied =
      decision.verdict === 'deny' ? decision : { verdict: 'deny' as const, because: { code: 'not-permitted' as const }, help: [] };
    return deny(deps, call, ask ?? bareAsk(command, target), denied, isInquiry);
  }
  const environment = deps.policy().environments.get(ask.environment);
  const schedule = environment === undefined ? {} : await readSchedule(deps, command, environment);
  if ('kind' in schedule) return schedule;
  const asked = { ...ask, ...schedule };
  // Whoever may look is shown what it would take to do it: votes, or somebody else.
  const needed = isInquiry ? decide(deps.policy(), call.actor, call.place, 'request', target) : decision;
  if (isInquiry) return startInquiry(deps, call, asked, needed, inquiry ?? 'dry-run');
  return submitAsk(deps, call, asked, decision);
}

/** Also the way of Retry, Force, Pin and Schedule: the same ask, authorised anew for whoever clicked. */
export async function submitAsk(deps: BotDeps, call: Call, ask: Ask, decision: PolicyDecision): Promise<Answer | undefined> {
  const environment = deps.policy().environments.get(ask.environment);
  if (environment === undefined) return undefined;
  if (decision.verdict !== 'deny' && decision.incident?.reasonRequired === true && ask.reason === undefined)
    return {
      kind: 'usage',
      wrong: 'In an incident channel every request needs a reason.',
      corrected: commandLine(ask, { reason: '…' }),
    };
  const open = await openingOf(deps, environment, await deps.store.now(), decision);
  if (!open.open && open.because === 'window' && ask.override === true) return breakGlass(deps, call, ask);
  if (!open.open && ask.at === undefined) return refuseClosed(deps, call, ask, decision, environment, open);
  await openRecord(deps, call, ask, decision, { status: 'planning' });
  return undefined;
}

/** The window is closed and somebody asks for going on all the same: needs the right for it, a second person, and everybody is told. */
async function breakGlass(deps: BotDeps, call: Call, ask: Ask): Promise<Answer | undefined> {
  const decision = decide(deps.policy(), call.actor, call.place, 'request', ask, { breakGlass: true });
  if (decision.verdict === 'deny') return deny(deps, call, ask, decision, false);
  await openRecord(deps, call, ask, decision, { status: 'planning' });
  return undefined;
}

async function refuseClosed(
  deps: BotDeps,
  call: Call,
  ask: Ask,
  decision: PolicyDecision,
  environment: Environment,
  open: Extract<Opening, { open: false }>,
): Promise<undefined> {
  // Offered only to whom it is given; to the others it would be noise.
  const breaking = decide(deps.policy(), call.actor, call.place, 'request', ask, { breakGlass: true });
  const mayBreak = open.because === 'window' && breaking.verdict !== 'deny';
  const glass = mayBreak ? `; or break the glass: ${commandLine(ask, { override: true, reason: ask.reason ?? '…' })}` : '';
  // A rollback has no line with --at; its refusal has a button.
  const remedy = ask.kind === 'rollback' ? {} : { remedy: `${commandLine({ ...ask, at: 'window' }, { override: undefined })}${glass}` };
  const because: Failure = { ...closedFailure(environment, open), ...remedy };
  await openRecord(deps, call, ask, decision, { status: 'refused', because });
  return undefined;
}

async function deny(
  deps: BotDeps,
  call: Call,
  ask: Ask,
  decision: Extract<PolicyDecision, { verdict: 'deny' }>,
  isInquiry: boolean,
): Promise<Answer | undefined> {
  if (isInquiry) return { kind: 'denied', decision, app: ask.app, environment: ask.environment };
  await openRecord(deps, call, ask, decision, {
    status: 'denied',
    because: { code: 'not-permitted', subject: `${ask.app} in ${ask.environment}` },
  });
  return undefined;
}

/** Creates the record; planning goes on in the worker, everything else is shown by the sync. */
export async function openRecord(deps: BotDeps, call: Call, ask: Ask, decision: PolicyDecision, state: State): Promise<void> {
  const id = deps.newId(await deps.store.now());
  const asked = { id, ask, requester: call.user, team: call.team, channel: call.listener.channel, decision };
  const signature = state.status === 'planning' ? deps.signer?.sign(asked) : undefined;
  const record = await deps.store.create(
    {
      ...asked,
      state,
      ...(call.listener.thread === undefined ? {} : { thread: call.listener.thread }),
      ...(call.listener.handle === undefined ? {} : { handle: call.listener.handle }),
      ...(decision.verdict !== 'deny' && decision.incident !== undefined ? { incident: true } : {}),
      ...(signature === undefined ? {} : { signature }),
    },
    call.key,
  );
  if (record.state.status === 'planning') await announceRules(deps, call, record);
  if (record.state.status === 'planning') await deps.queues.plan(ask.cluster, record.id, '1');
  else await deps.queues.sync(record.id, true);
}

/** What happens under other rules than usual is told where the policy wants it told, else where it was asked. */
async function announceRules(deps: BotDeps, call: Call, { id, ask, decision }: RequestRecord): Promise<void> {
  if (decision.verdict === 'deny') return;
  const broken = isBreakGlass(decision);
  if (!broken && decision.incident === undefined) return;
  const where = decision.incident?.announce ?? deps.policy().incidents?.announce ?? call.listener.channel;
  const why = ask.reason === undefined ? '' : `: ${ask.reason}`;
  const what = broken
    ? `🔨 <@${call.user}> breaks the glass for ${ask.app} in ${ask.environment}, whose window is closed`
    : `🚨 <@${call.user}> asks for ${ask.app} in ${ask.environment} under incident rules`;
  await announce(
    deps,
    `rules-${id}`,
    where,
    `${what} (${id}, in <#${call.listener.channel}>)${why}${broken ? '. A second person must approve.' : ''}`,
  );
}

async function startInquiry(deps: BotDeps, call: Call, ask: Ask, decision: PolicyDecision, kind: 'check' | 'dry-run'): Promise<undefined> {
  const id = `inquiry-${call.key}`;
  await deps.inquiries.put({ id, kind, ask, requester: call.user, team: call.team, listener: call.listener, decision });
  await deps.queues.inquire(ask.cluster, id);
  return undefined;
}

/** An alias is the app. */
function resolve(deps: BotDeps, command: { app: string; environment: string }): { app: string; environment: string } {
  const apps = [...deps.policy().apps.values()];
  const app = apps.find((each) => each.name === command.app || each.aliases.includes(command.app));
  return { app: app?.name ?? command.app, environment: command.environment };
}

function askOf(deps: BotDeps, command: RepullCommand, target: { app: string; environment: string }): Ask | undefined {
  const environment = deps.policy().environments.get(target.environment);
  if (environment === undefined) return undefined;
  const { options } = command;
  const { tag, image, container, pod, reason } = options;
  return {
    ...bareAsk(command, target),
    cluster: environment.cluster,
    namespaces: [...environment.namespaces],
    workloads: [...(deps.policy().apps.get(target.app)?.workloads ?? [])],
    ...(tag === undefined ? {} : { tag }),
    ...(image === undefined ? {} : { image }),
    ...(container === undefined ? {} : { container }),
    ...(pod === undefined ? {} : { pod }),
    ...(reason === undefined ? {} : { reason }),
    ...(options.workload === undefined ? {} : { workload: formatWorkloadName(options.workload) }),
  };
}

const bareAsk = (command: RepullCommand, target: { app: string; environment: string }): Ask => ({
  kind: 'repull',
  app: target.app,
  environment: target.environment,
  cluster: '',
  namespaces: [],
  workloads: [],
  via: command.options.via,
  force: command.options.force,
  forceDelete: command.options.forceDelete,
  ...(command.options.now === true ? { now: true as const } : {}),
  ...(command.options.override === true ? { override: true as const } : {}),
  dryRun: command.options.dryRun,
});
