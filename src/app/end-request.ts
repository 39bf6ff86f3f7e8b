import type { Failure } from '../domain/failure.ts';
import { isWritten, viewOf } from '../domain/generation.ts';
import { concludes } from '../domain/judge.ts';
import { TERMINAL_STATUSES } from '../domain/lifecycle.ts';
import { evictionOf, type Plan } from '../domain/plan.ts';
import type { RequestRecord, State } from '../domain/request.ts';
import type { ContainerVerdict } from '../domain/verdict.ts';
import type { Snapshot } from '../domain/workload.ts';
import type { NewMilestone, RecordPatch } from './ports.ts';
import type { Step } from './step.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/** The ends of a rollout. Each wakes whoever stood behind it in the line. */
async function end(deps: WorkerDeps, record: RequestRecord, to: State, milestone: NewMilestone, patch: RecordPatch = {}): Promise<void> {
  const result = await deps.store.transition({
    id: record.id,
    from: { statuses: ['queued', 'rolling-out'] },
    to,
    patch,
    milestones: [milestone],
    actor: WORKER,
    actionId: `end-${to.status}`,
    ...('because' in to && typeof to.because === 'object' ? { because: to.because.code } : {}),
  });
  if (result.moved) await wake(deps, result.woken);
  await deps.queues.sync(record.id, true);
  if (result.moved) await followUp(deps, result.record);
}

/** Whoever now stands first in the line begins at once, not at the next reconcile. */
export async function wake(deps: WorkerDeps, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const next = await deps.store.load(id);
    if (next !== undefined) await deps.queues.rollOut(next.ask.cluster, id);
    await deps.queues.sync(id, true);
  }
}

/**
 * What an end brings with it: the grace watch, the mark on what was undone, the rollback that the environment asks for. Each is safe to repeat, and is
 * repeated where the step that ended the request was killed, or its answer lost, in between: its queue entry is still there, and comes here.
 */
export async function followUp(deps: WorkerDeps, record: RequestRecord): Promise<void> {
  if (record.state.status === 'succeeded') {
    await deps.queues.grace(deps.cluster.name, record.id);
    await markUndone(deps, record);
  }
  if (record.state.status === 'failed' && record.state.changed && record.ask.kind === 'repull') await rollBackByItself(deps, record);
}

export async function succeed(deps: WorkerDeps, record: RequestRecord, plan: Plan, verdicts: ContainerVerdict[]): Promise<Step> {
  const conclusion = concludes(verdicts, plan);
  if (!conclusion.ok) {
    await failRequest(deps, record, conclusion.failure, { verdicts });
    return 'done';
  }
  const text = conclusion.note ?? 'Every pod runs what was planned.';
  await end(deps, record, { status: 'succeeded' }, { kind: 'succeeded', text }, { verdicts });
  return 'done';
}

/** A rollback that worked is named on the card of what it undid. */
async function markUndone(deps: WorkerDeps, record: RequestRecord): Promise<void> {
  if (record.ask.undoes === undefined) return;
  await deps.store.transition({
    id: record.ask.undoes,
    // What was undone has ended, in whatever way; nothing else is touched.
    from: { statuses: TERMINAL_STATUSES },
    patch: { rolledBackBy: record.id },
    milestones: [{ kind: 'rolled-back', text: `Rolled back by ${record.id}.` }],
    actor: WORKER,
    actionId: `rolled-back-by-${record.id}`,
  });
  await deps.queues.sync(record.ask.undoes, true);
}

/** @param changed what the card says about the cluster; from the moment of the first write on it is taken for changed unless somebody knows better. */
export async function failRequest(
  deps: WorkerDeps,
  record: RequestRecord,
  failure: Failure,
  patch: RecordPatch = {},
  changed = record.writing !== undefined,
): Promise<void> {
  const because = { ...failure, ...(await crashLogs(deps, record, failure)) };
  const milestone: NewMilestone = { kind: 'failed', text: 'Failed.', broadcast: true };
  await end(deps, record, { status: 'failed', because, changed }, milestone, patch);
}

/** `subject` of a crash is `pod/container`. */
async function crashLogs(deps: WorkerDeps, record: RequestRecord, failure: Failure): Promise<Pick<Failure, 'logs'>> {
  if ((failure.code !== 'container-crashed' && failure.code !== 'out-of-memory') || failure.subject === undefined) return {};
  const [name, container] = failure.subject.split('/');
  const namespace =
    record.plan?.workloads.find((each) => name?.startsWith(each.workload.name))?.workload.namespace ?? record.ask.namespaces[0];
  if (name === undefined || container === undefined || namespace === undefined) return {};
  const logs = await deps.cluster.lastLogs({ namespace, name }, container).catch(() => undefined);
  return logs === undefined || logs.length === 0 ? {} : { logs: logs.slice(-10) };
}

/** `on-failure: rollback`: a request of its own, without votes, to the digests recorded before this one. */
async function rollBackByItself(deps: WorkerDeps, record: RequestRecord): Promise<void> {
  const environment = deps.policy().environments.get(record.ask.environment);
  if (environment?.onFailure !== 'rollback') return;
  const { tag: _tag, image: _image, at: _at, atLocal: _local, pod: _pod, ...ask } = record.ask;
  const decision = { verdict: 'allow' as const, rule: `on-failure: rollback of ${record.ask.environment}` };
  const id = deps.newId(await deps.store.now());
  const request = {
    id,
    decision,
    requester: record.requester,
    team: record.team,
    channel: record.channel,
    ask: {
      ...ask,
      kind: 'rollback' as const,
      via: 'set-image' as const,
      undoes: record.id,
      automatic: true,
      force: false,
      forceDelete: false,
    },
  };
  const signature = deps.signer?.sign(request);
  const created = await deps.store.create(
    {
      ...request,
      state: { status: 'planning' },
      ...(signature === undefined ? {} : { signature }),
    },
    `rollback-of-${record.id}`,
  );
  await deps.queues.plan(deps.cluster.name, created.id, '1');
  await tellUndone(deps, record.id, `${decision.rule}: ${created.id} brings back what was recorded before.`, 'rolls-back-by-itself');
}

/** Nobody asked for such a rollback, so nobody would be told in private that it cannot be: the thread of what it was to undo says so. */
export async function tellRefusedRollback(deps: WorkerDeps, record: RequestRecord, because: Failure): Promise<void> {
  if (record.ask.undoes === undefined || record.ask.automatic !== true) return;
  const words = [because.evidence, because.remedy].filter((each) => each !== undefined && each !== '').join('; ');
  const text = `The rollback by itself (${record.id}) was refused: ${because.code}${words === '' ? '' : `: ${words}`}. It still runs the failed change.`;
  await tellUndone(deps, record.ask.undoes, text, `refused-rollback-${record.id}`, true);
}

async function tellUndone(deps: WorkerDeps, id: string, text: string, actionId: string, broadcast = false): Promise<void> {
  const milestone: NewMilestone = { kind: 'notice', text, ...(broadcast ? { broadcast } : {}) };
  await deps.store.transition({ id, from: { statuses: TERMINAL_STATUSES }, milestones: [milestone], actor: WORKER, actionId });
  await deps.queues.sync(id, true);
}

export async function supersede(deps: WorkerDeps, record: RequestRecord, by: string): Promise<Step> {
  await end(
    deps,
    record,
    { status: 'superseded', by },
    { kind: 'superseded', text: `Superseded: ${by} changed the workload meanwhile.`, broadcast: true },
  );
  return 'done';
}

/** Stop: no further write. What was done is read from the cluster, not from memory: this step may follow one that died half-way. */
export async function cancelRollOut(deps: WorkerDeps, record: RequestRecord, plan: Plan, by: string, snapshot: Snapshot): Promise<Step> {
  const patched = plan.workloads.filter((each) => isWritten(snapshot, each, record.id));
  const gone = plan.workloads.flatMap((each) => {
    const living = new Set(
      viewOf(snapshot, each)
        ?.pods.filter((pod) => !pod.deleting)
        .map((pod) => pod.uid),
    );
    return (evictionOf(each)?.pods ?? []).filter((pod) => !living.has(pod.uid));
  });
  const parts = [
    ...(patched.some((each) => each.write.action === 'patch-template')
      ? ['The template is already changed and its controller goes on with it; Roll back undoes it.']
      : []),
    ...(patched.some((each) => each.write.action === 'restart-at')
      ? ['Its controller was already asked for the restart and goes on with it.']
      : []),
    ...(gone.length > 0
      ? [`${gone.length} ${gone.length === 1 ? 'pod is' : 'pods are'} already replaced or going; no further one will be evicted.`]
      : []),
  ];
  const changed = parts.length > 0;
  const text = changed ? `Stopped. ${parts.join(' ')}` : 'Stopped before anything was written.';
  await end(deps, record, { status: 'cancelled', by, changed }, { kind: 'cancelled', by, text });
  return 'done';
}
