import type { Failure } from '../domain/failure.ts';
import { isWritten, viewOf } from '../domain/generation.ts';
import { judge } from '../domain/judge.ts';
import { observe } from '../domain/observe.ts';
import { evictionOf, jobOf, type ContainerPlan, type Plan, type WorkloadPlan } from '../domain/plan.ts';
import { readPullEvent } from '../domain/pull-event.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { WorkloadProgress } from '../domain/rollout.ts';
import type { ContainerVerdict, PullEvidence } from '../domain/verdict.ts';
import { sameWorkload, workloadKey, type Snapshot } from '../domain/workload.ts';
import { cancelRollOut, failRequest, succeed, supersede } from './end-request.ts';
import { makePlan } from './make-plan.ts';
import type { NewMilestone, StepMemory } from './ports.ts';
import { LOOK_EVERY, type Step } from './step.ts';
import { newsOf } from './milestones.ts';
import { WORKER, type WorkerDeps } from './worker-deps.ts';
import { tagMoved } from './tag-moved.ts';
import { sealed } from './vouched.ts';
import { writeWhatIsOwed } from './write-what-is-owed.ts';

/** How long a finished rollout waits for the last kubelet events before it is judged without them (a busy node sends them seconds late). API server's milliseconds. */
const LAST_EVENTS = 15_000;

/** rolling-out: write what is owed, look, remember, and end when the cluster shows the end. */
export async function lookOnce(deps: WorkerDeps, record: RequestRecord, signal?: AbortSignal): Promise<Step> {
  const plan = record.plan;
  if (plan === undefined) throw new Error(`request ${record.id} rolls out without a plan`);
  deps.watching.begin(
    record.id,
    plan.workloads.map((each) => each.workload),
  );
  const memory = (await deps.store.memory(record.id)) ?? { symptoms: {}, evicted: [], told: [] };

  const seen = await deps.cluster.snapshot(plan.workloads.map((each) => each.workload));
  if (!seen.ok) return failed(deps, record, rightLost(seen.failure));
  if (record.cancelAsked !== undefined) return cancelRollOut(deps, record, plan, record.cancelAsked.by, seen.value);
  signal?.throwIfAborted();
  const written = await writeWhatIsOwed(deps, record, plan, memory, seen.value);
  if ('failure' in written) return writeFailed(deps, record, plan, memory, seen.value, written.failure);
  if (written.wrote) {
    await deps.store.saveMemory(record.id, memory);
    // What was just read is older than what was just written.
    return { again: 50 };
  }

  const evidence = await gather(deps, record, seen.value, plan.at);
  const progress = observeAll(record, plan, memory, seen.value, evidence, written.blocked);
  const verdicts = judgeAll(record, plan, seen.value, evidence);
  const news = newsOf(record, plan, memory, progress, evidence, seen.value.at);
  // Somebody moved it meanwhile (a cancel, somebody who joined): looked at anew, or what was to be told now would be lost.
  if (!(await report(deps, record, seen.value.at, progress, verdicts, news))) return { again: 0 };
  await deps.store.saveMemory(record.id, memory);
  return conclude(deps, record, plan, memory, seen.value, progress, verdicts);
}

/** What may not be read now was read when this was planned. Roles lie in their namespace, so one that is deleted looks like this. */
function rightLost(failure: Failure): Failure {
  if (failure.code !== 'bot-forbidden') return failure;
  const evidence = 'it was allowed when this was planned: the Role was changed since, or its namespace is deleted and took it along';
  const remedy = `see whether the namespace is still there; if it is, ${failure.remedy ?? 'give the right back'}`;
  return { ...failure, evidence: `${failure.evidence ?? ''}; ${evidence}`, remedy };
}

/** How it failed is known, and so is whether anything was written before: by this worker, or by one that died before it could note it. */
async function writeFailed(
  deps: WorkerDeps,
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  snapshot: Snapshot,
  failure: Failure,
): Promise<Step> {
  const changed =
    memory.evicted.length > 0 ||
    memory.told.some((each) => each.startsWith('patched:')) ||
    plan.workloads.some((each) => isWritten(snapshot, each, record.id));
  if (failure.code === 'conflict' && !changed && (await renewPlan(deps, record, plan, memory))) return { again: 0 };
  await failRequest(deps, record, failure, {}, changed);
  return 'done';
}

/**
 * The worker that began this has died before its first write. Its successor knows the resourceVersion of the plan, not what stood under it, and
 * cannot tell a mere status update from somebody's change. The plan's hash can: if it would be the same now, it goes on, once, with the objects of now.
 */
async function renewPlan(deps: WorkerDeps, record: RequestRecord, plan: Plan, memory: StepMemory): Promise<boolean> {
  if (memory.told.includes('renewed')) return false;
  const made = await makePlan(deps, record.ask, record.id, record.createdAt);
  if (!made.ok || made.plan.hash !== plan.hash) return false;
  await deps.store.saveMemory(record.id, { ...memory, told: [...memory.told, 'renewed'] });
  await deps.store.transition({
    id: record.id,
    from: { statuses: ['rolling-out'] },
    patch: { plan: made.plan, ...sealed(deps, record, 'writing', { plan: made.plan }) },
    actor: WORKER,
    actionId: `renew-${record.version}`,
    because: 'the same plan, made anew before its first write',
  });
  return true;
}

async function gather(deps: WorkerDeps, record: RequestRecord, snapshot: Snapshot, since: number): Promise<PullEvidence[]> {
  const pods = new Set(snapshot.workloads.flatMap((view) => view.pods.map((pod) => pod.uid)));
  const fresh = snapshot.workloads
    .flatMap((view) => view.events)
    .map(readPullEvent)
    .filter((each) => each !== undefined)
    // Event times are whole seconds. What was pulled before this plan is another request's evidence.
    .filter((each) => pods.has(each.podUid) && each.at >= Math.floor(since / 1000) * 1000);
  if (fresh.length > 0) await deps.store.addEvidence(record.id, fresh);
  return deps.store.evidence(record.id);
}

const containersOf = (plan: Plan, each: WorkloadPlan): ContainerPlan[] =>
  plan.containers.filter((container) => sameWorkload(container.workload, each.workload));

function observeAll(
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  snapshot: Snapshot,
  evidence: PullEvidence[],
  blocked: ReadonlyMap<string, string>,
): WorkloadProgress[] {
  return plan.workloads.map((each) => {
    const { progress, symptoms } = observe({
      view: viewOf(snapshot, each),
      plan: each,
      containers: containersOf(plan, each),
      request: record.id,
      evidence,
      symptoms: memory.symptoms,
      evicted: memory.evicted,
      nodes: { facts: snapshot.nodes, lost: snapshot.lostNodes ?? [] },
      now: snapshot.at,
    });
    memory.symptoms = symptoms;
    const by = blocked.get(workloadKey(each.workload));
    return by === undefined ? progress : { ...progress, blockedBy: by };
  });
}

function judgeAll(record: RequestRecord, plan: Plan, snapshot: Snapshot, evidence: PullEvidence[]): ContainerVerdict[] {
  return plan.workloads.flatMap((each) => {
    const view = viewOf(snapshot, each);
    if (view === undefined) return [];
    return containersOf(plan, each)
      .filter((container) => container.concerned)
      .map((container) =>
        judge({
          view,
          container,
          evicts: evictionOf(each) !== undefined || each.write.action === 'restart-at',
          ...jobNameOf(each),
          request: record.id,
          evidence,
          answer: container.registry,
          nodes: snapshot.nodes,
          startedAt: plan.at,
          before: each.pods.map((pod) => pod.uid),
        }),
      );
  });
}

const jobNameOf = (each: WorkloadPlan): { job?: string } => {
  const job = jobOf(each);
  return job === undefined ? {} : { job: job.job };
};

/** Writes progress only when it changed, so that a quiet look costs no version, no sync and no Slack call. False: the record has moved on. */
async function report(
  deps: WorkerDeps,
  record: RequestRecord,
  at: number,
  workloads: WorkloadProgress[],
  verdicts: ContainerVerdict[],
  news: NewMilestone[],
): Promise<boolean> {
  const back: NewMilestone[] = record.clusterAway === undefined ? [] : [{ kind: 'cluster-back', text: 'The cluster answers again.' }];
  const same = JSON.stringify([record.progress?.workloads, record.verdicts]) === JSON.stringify([workloads, verdicts]);
  if (same && news.length + back.length === 0) return true;
  const result = await deps.store.transition({
    id: record.id,
    from: { version: record.version },
    to: record.state,
    patch: { progress: { at, workloads }, verdicts, ...(back.length > 0 ? { clusterAway: undefined } : {}) },
    milestones: [...back, ...news],
    actor: WORKER,
    actionId: `look-${record.version}`,
  });
  if (!result.moved) return false;
  Object.assign(record, result.record);
  await deps.queues.sync(record.id, news.length > 0);
  return true;
}

async function conclude(
  deps: WorkerDeps,
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  snapshot: Snapshot,
  progress: WorkloadProgress[],
  verdicts: ContainerVerdict[],
): Promise<Step> {
  for (const each of progress) {
    const { observation } = each;
    if (observation.phase === 'stalled') return failed(deps, record, observation.because);
    if (observation.phase === 'gone') return failed(deps, record, { code: 'workload-gone', subject: workloadKey(each.workload) });
    if (observation.phase === 'superseded') return supersede(deps, record, observation.by);
  }
  if (progress.some((each) => each.observation.phase !== 'complete')) return { again: LOOK_EVERY };
  if (awaitsEvents(memory, snapshot, verdicts)) {
    await deps.store.saveMemory(record.id, memory);
    return { again: 500 };
  }
  if (verdicts.some((verdict) => verdict.word === 'wrong image') && (await tagMoved(deps, record, plan, memory, snapshot)))
    return { again: 0 };
  return succeed(deps, record, plan, verdicts);
}

/** Events arrive after the status that they explain; a verdict without its event waits for it a moment. */
function awaitsEvents(memory: StepMemory, snapshot: Snapshot, verdicts: ContainerVerdict[]): boolean {
  const open = verdicts.some((verdict) =>
    verdict.pods.some((pod) => pod.word === 'inferred' || pod.word === 'unverifiable' || pod.evidence === undefined),
  );
  if (!open) return false;
  const mark = memory.told.find((each) => each.startsWith('complete@'));
  if (mark === undefined) {
    memory.told.push(`complete@${snapshot.at}`);
    return true;
  }
  return snapshot.at - Number(mark.slice('complete@'.length)) < LAST_EVENTS;
}

async function failed(deps: WorkerDeps, record: RequestRecord, failure: Parameters<typeof failRequest>[2]): Promise<Step> {
  await failRequest(deps, record, failure);
  return 'done';
}
