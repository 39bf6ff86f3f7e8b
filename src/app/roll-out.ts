import { shortName } from '../domain/select.ts';
import type { RequestRecord } from '../domain/request.ts';
import { begin } from './begin-roll-out.ts';
import { lookOnce } from './look-once.ts';
import { BackendAway } from './ports.ts';
import { failRequest, followUp } from './end-request.ts';
import { LOOK_EVERY, type Step } from './step.ts';
import { isBegun } from './vouched.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';

/**
 * One step of the `roll-out` job: writes what is not yet written, looks once, stores what was seen. Milliseconds of work; may run twice,
 * here or on another worker, at any point: everything it does finds its own footprint.
 */
export async function rollOut(deps: WorkerDeps, id: string, signal?: AbortSignal): Promise<Step> {
  const record = await deps.store.load(id);
  if (record === undefined || (record.state.status !== 'queued' && record.state.status !== 'rolling-out')) {
    deps.watching.end(id);
    if (record !== undefined) await followUp(deps, record);
    return 'done';
  }
  if ((await deps.store.now()) > record.state.deadline) return overdue(deps, record);
  if (record.state.status === 'rolling-out' && !isBegun(deps, record)) return forged(deps, record);
  try {
    const step = record.state.status === 'queued' ? await begin(deps, record) : await lookOnce(deps, record, signal);
    if (step === 'done') deps.watching.end(id);
    return step;
  } catch (problem) {
    if (!(problem instanceof BackendAway) || problem.backend !== 'kubernetes') throw problem;
    await noteAway(deps, id, problem);
    return { again: problem.retryAfterMs ?? LOOK_EVERY * 2 };
  }
}

async function overdue(deps: WorkerDeps, record: RequestRecord): Promise<Step> {
  const notes = (record.progress?.workloads ?? []).flatMap((each) =>
    (each.notes ?? []).map(({ text }) => `${shortName(each.workload)}: ${text}`),
  );
  const last = notes.length === 0 ? {} : { evidence: notes.join('; ') };
  const evidence = record.clusterAway === undefined ? last : { evidence: 'the API server could not be reached' };
  await failRequest(deps, record, { code: 'deadline-passed', subject: record.ask.environment, ...evidence });
  deps.watching.end(record.id);
  return 'done';
}

/** No worker began it, or its plan was edited since: not one more write, whatever it says. */
async function forged(deps: WorkerDeps, record: RequestRecord): Promise<Step> {
  deps.log.error({ request: record.id }, 'a rollout that no worker began, or that was edited in Redis, was stopped');
  await failRequest(deps, record, { code: 'unsigned', subject: record.id });
  deps.watching.end(record.id);
  return 'done';
}

/** Says once, in the thread, since when the cluster cannot be reached; the rollout goes on by itself meanwhile, and so do we afterwards. */
async function noteAway(deps: WorkerDeps, id: string, problem: BackendAway): Promise<void> {
  const record = await deps.store.load(id);
  if (record === undefined || record.clusterAway !== undefined) return;
  const since = await deps.store.now();
  deps.log.warn({ request: id, problem: problem.message }, 'cluster unreachable, will look again');
  await deps.store.transition({
    id,
    from: { version: record.version },
    patch: { clusterAway: { since } },
    milestones: [
      { kind: 'cluster-away', text: 'The cluster cannot be reached. What was begun there goes on by itself; repull keeps looking.' },
    ],
    actor: WORKER,
    actionId: `away-${record.version}`,
  });
  await deps.queues.sync(id, true);
}
