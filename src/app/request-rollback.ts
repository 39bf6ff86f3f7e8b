import { decide } from '../domain/decide.ts';
import { appOf } from '../domain/grants.ts';
import type { PolicyDecision } from '../domain/policy.ts';
import type { Ask, RequestRecord } from '../domain/request.ts';
import type { Answer } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { openRecord, submitAsk } from './request-repull.ts';
import type { Call } from './run-command.ts';

/** `/repull rollback app env`: back to the digests recorded before the last request that changed something. */
export async function rollBackLast(
  deps: BotDeps,
  call: Call,
  command: { app: string; environment: string; reason?: string },
): Promise<Answer | undefined> {
  const app = appOf(deps.policy(), command.app)?.name ?? command.app;
  const target = { app, environment: command.environment };
  // Authorised before anything is looked up, so that whoever may not see it learns nothing from the answer.
  const decision = decide(deps.policy(), call.actor, call.place, 'rollback', target);
  const subject = `${app} in ${command.environment}`;
  // In the history like every other attempt; the sync answers.
  const end = (status: 'denied' | 'refused', code: 'not-permitted' | 'nothing-recorded'): Promise<void> =>
    openRecord(deps, call, triedAsk(deps, target, command.reason), decision, { status, because: { code, subject } });
  if (decision.verdict === 'deny') {
    await end('denied', 'not-permitted');
    return undefined;
  }
  const last = await deps.store.lastChange(app, command.environment);
  if (last !== undefined) return rollBack(deps, call, last, command.reason);
  await end('refused', 'nothing-recorded');
  return undefined;
}

/** What every rollback asks for. */
const ROLLBACK = { kind: 'rollback', via: 'set-image', force: false, forceDelete: false, dryRun: false } as const;

/** What was asked for, as far as it is known without looking up what it would have undone. */
function triedAsk(deps: BotDeps, target: { app: string; environment: string }, reason: string | undefined): Ask {
  const environment = deps.policy().environments.get(target.environment);
  return {
    ...ROLLBACK,
    ...target,
    cluster: environment?.cluster ?? '',
    namespaces: [...(environment?.namespaces ?? [])],
    workloads: [],
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The Roll back button: the same for one certain request. A button gives no reason, so where one is needed it is answered with the line to type. */
export async function rollBack(deps: BotDeps, call: Call, undone: RequestRecord, reason?: string): Promise<Answer | undefined> {
  const decision = decideRollback(deps, call, undone);
  const { app, environment } = undone.ask;
  if (decision.verdict === 'deny') return { kind: 'denied', decision, app, environment };
  if (undone.rolledBackBy !== undefined)
    return { kind: 'click-refused', text: `${undone.id} was rolled back already, by ${undone.rolledBackBy}.` };
  if (undone.plan === undefined || undone.writing === undefined)
    return { kind: 'failure', failure: { code: 'nothing-recorded', subject: undone.id }, app, environment };
  if (reason === undefined && decision.incident?.reasonRequired === true)
    return {
      kind: 'usage',
      wrong: 'In an incident channel every request needs a reason.',
      corrected: `/repull rollback ${app} ${environment} --reason "…"`,
    };
  const ask: Ask = {
    ...ROLLBACK,
    app,
    environment,
    cluster: undone.ask.cluster,
    namespaces: undone.ask.namespaces,
    workloads: undone.plan.workloads.map((each) => `${each.workload.kind.toLowerCase()}/${each.workload.name}`),
    undoes: undone.id,
    reason: reason ?? `undoes ${undone.id}`,
  };
  return submitAsk(deps, call, ask, decision);
}

const decideRollback = (deps: BotDeps, call: Call, undone: RequestRecord): PolicyDecision =>
  decide(deps.policy(), call.actor, call.place, 'rollback', undone.ask, { undoesFailed: undone.state.status === 'failed' });
