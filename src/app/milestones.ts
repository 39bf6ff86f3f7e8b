import type { Plan } from '../domain/plan.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { WorkloadProgress } from '../domain/rollout.ts';
import type { PullEvidence } from '../domain/verdict.ts';
import { workloadKey } from '../domain/workload.ts';
import type { NewMilestone, StepMemory } from './ports.ts';

/** Pull events are told together, at most this often; API server's milliseconds. */
const BATCH_EVERY = 5_000;
/** Of one batch this many are told line by line; the rest is counted. */
const LINES = 10;

/** What the thread should hear after this look. Remembers in `memory.told` what it has said. */
export function newsOf(
  record: RequestRecord,
  plan: Plan,
  memory: StepMemory,
  progress: WorkloadProgress[],
  evidence: PullEvidence[],
  at: number,
): NewMilestone[] {
  const over = progress.every((each) => each.observation.phase === 'complete' || each.observation.phase === 'stalled');
  return [...pulls(record, memory, evidence, at, over), ...notes(record, memory, progress), ...done(record, plan, memory, progress)];
}

/** What is in the way, once per cause. A rollout that fails now says so itself, and nothing twice. */
function notes(record: RequestRecord, memory: StepMemory, progress: WorkloadProgress[]): NewMilestone[] {
  if (progress.some((each) => each.observation.phase === 'stalled')) return [];
  const said = saidBefore(record);
  return progress
    .flatMap((each) => (each.notes ?? []).filter((note) => once(memory, `note:${workloadKey(each.workload)}/${note.key}`)))
    .filter((note) => !said.has(note.text))
    .map((note) => ({ kind: 'notice' as const, text: note.text }));
}

function done(record: RequestRecord, plan: Plan, memory: StepMemory, progress: WorkloadProgress[]): NewMilestone[] {
  if (plan.workloads.length < 2) return [];
  return progress
    .filter((each) => each.observation.phase === 'complete' && once(memory, `done:${workloadKey(each.workload)}`))
    .map((each) => ({
      kind: 'workload-done' as const,
      text: `${each.workload.kind.toLowerCase()}/${each.workload.name}: all ${each.desired} pods are ready (${record.ask.environment}).`,
    }))
    .filter((each) => !saidBefore(record).has(each.text));
}

/** The kubelet's own words, but 64 hex digits are nothing to read; Details has them whole. */
const shortDigests = (text: string): string => text.replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');

/** What is in the record counts as told even where the memory of it was lost with the worker. */
const saidBefore = (record: RequestRecord): Set<string> => new Set(record.milestones.flatMap((each) => each.text.split('\n')));

function pulls(record: RequestRecord, memory: StepMemory, evidence: PullEvidence[], at: number, over: boolean): NewMilestone[] {
  const untold = evidence.filter((each) => each.what.is !== 'pulling' && !isEcho(each) && !memory.told.includes(keyOf(each)));
  if (untold.length === 0) return [];
  const last = Number(memory.told.findLast((each) => each.startsWith('pulls@'))?.slice('pulls@'.length) ?? 0);
  if (!over && at - last < BATCH_EVERY) return [];
  memory.told = [...memory.told.filter((each) => !each.startsWith('pulls@')), `pulls@${at}`, ...new Set(untold.map(keyOf))];
  const said = saidBefore(record);
  const lines = untold
    .toSorted((a, b) => a.at - b.at)
    .map((each) => `${each.pod}/${each.container}: ${shortDigests(each.message)}`)
    .filter((line) => !said.has(line));
  if (lines.length === 0) return [];
  const more = lines.length > LINES ? [`… and ${lines.length - LINES} more.`] : [];
  return [{ kind: 'pulls', text: [...lines.slice(0, LINES), ...more].join('\n') }];
}

/** The container starter repeats every failure a moment later, without its cause. */
const isEcho = ({ message }: PullEvidence): boolean => message.startsWith('Error: ');

/** Repeats of the same outcome on one container are one piece of news. */
const keyOf = (each: PullEvidence): string => `${each.podUid}/${each.container}/${each.what.is}`;

function once(memory: StepMemory, key: string): boolean {
  if (memory.told.includes(key)) return false;
  memory.told.push(key);
  return true;
}
