import type { ContainerPlan, Plan, WorkloadPlan } from '../../domain/plan.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { workloadKey } from '../../domain/workload.ts';
import { oneLine } from './escape.ts';
import { first } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { NOTHING, sectionPart } from './rich.ts';
import { counted, shortDigest, shortImage } from './words.ts';

/** Old beside new, where the cluster or the registry moved after a plan was made. */
export function driftPart(record: RequestRecord, max: number): Part {
  const { outdatedPlan: old, plan } = record;
  const { status } = record.state;
  if (old === undefined || plan === undefined || old.hash === plan.hash) return NOTHING;
  if (status !== 'awaiting-approval' && status !== 'queued' && status !== 'rolling-out' && status !== 'scheduled') return NOTHING;
  const head: Line =
    status === 'awaiting-approval'
      ? [{ bold: 'The plan changed since it was approved' }, ', so it needs approval again:']
      : [{ bold: 'Planned again' }, ', because this changed before the first write:'];
  const { shown, more } = first(differences(old, plan), max);
  const lines = shown.length === 0 ? [['details of the writes; Details shows them'] as Line] : shown;
  return sectionPart([
    head,
    ...lines.map((line): Line => ['• ', ...line]),
    ...(more === 0 ? [] : [[`… and ${counted(more, 'more change')}`] as Line]),
  ]);
}

function differences(old: Plan, now: Plan): Line[] {
  return [
    ...pairs(old.workloads, now.workloads, (each) => workloadKey(each.workload), workloadChanges),
    ...pairs(old.containers, now.containers, (each) => `${workloadKey(each.workload)}/${each.container}`, containerChanges),
  ];
}

/** What is gone, what is new, and what differs in what stayed. */
function pairs<T>(old: readonly T[], now: readonly T[], keyOf: (each: T) => string, changes: (was: T, is: T) => Line[]): Line[] {
  const before = new Map(old.map((each) => [keyOf(each), each]));
  const after = new Set(now.map(keyOf));
  return [
    ...[...before.keys()].filter((key) => !after.has(key)).map((key): Line => [{ code: key }, ' is no longer part of it']),
    ...now.flatMap((each): Line[] => {
      const key = keyOf(each);
      const was = before.get(key);
      if (was === undefined) return [[{ code: key }, ' is new']];
      return changes(was, each).map((line): Line => [{ code: key }, ' ', ...line]);
    }),
  ];
}

const differs = (what: string, was: string, is: string): Line[] =>
  was === is ? [] : [[`${what}: was `, { code: was }, ', now ', { code: is }]];

const workloadChanges = (was: WorkloadPlan, is: WorkloadPlan): Line[] => [
  ...differs('method', was.method, is.method),
  ...differs('pods', String(was.replicas), String(is.replicas)),
  ...differs('downtime', oneLine(was.downtime), oneLine(is.downtime)),
  ...(was.uid === is.uid ? [] : [['was deleted and made again'] as Line]),
];

const containerChanges = (was: ContainerPlan, is: ContainerPlan): Line[] => [
  ...differs('registry', registryWord(was), registryWord(is)),
  ...differs('image', shortImage(was.imageAfter), shortImage(is.imageAfter)),
  ...differs('pull policy', was.pullPolicyAfter, is.pullPolicyAfter),
  ...differs('running', was.running.map(shortDigest).join(', '), is.running.map(shortDigest).join(', ')),
];

const registryWord = (plan: ContainerPlan): string =>
  plan.registry.known ? shortDigest(plan.registry.digest) : `unknown (${plan.registry.because})`;
