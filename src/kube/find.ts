import type { Seen } from '../app/ports.ts';
import type { Failure } from '../domain/failure.ts';
import type { Ask } from '../domain/request.ts';
import { formatWorkloadName, parseWorkloadName } from '../domain/workload-name.ts';
import { type WorkloadRef, workloadKey } from '../domain/workload.ts';
import { unsupported } from '../domain/unsupported.ts';
import { type Candidate, FIRST, LAST, listCandidates } from './candidates.ts';
import type { KubeApi } from './client.ts';
import { failureOf, StatusError } from './errors.ts';
import { KINDS } from './kinds/all.ts';

export type Sought = Pick<Ask, 'app' | 'namespaces' | 'workloads' | 'workload'>;

/** In this order: the first that has a hit decides. */
const LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app'] as const;
const SHOWN = 10;

/** The app's workloads in its namespaces, or why they cannot be told. */
export async function findWorkloads(api: KubeApi, sought: Sought): Promise<Seen<WorkloadRef[]>> {
  try {
    const first = await listCandidates(api, FIRST, sought.namespaces);
    const chosen = choose(sought, first.found);
    if (chosen.ok || chosen.failure.code !== 'unknown-workload') return chosen;
    const last = await listCandidates(api, LAST, sought.namespaces);
    const found = choose(sought, [...first.found, ...last.found]);
    const unseen = [...first.unseen, ...last.unseen];
    return found.ok || found.failure.code !== 'unknown-workload' || unseen.length === 0 ? found : withUnseen(found.failure, unseen);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { ok: false, failure: failureOf(error, sought.app, 'unknown-workload') };
  }
}

/** What was not found may be among what could not be looked at: that is said. */
const withUnseen = (failure: Failure, unseen: readonly string[]): Seen<never> => ({
  ok: false,
  failure: { ...failure, evidence: `${failure.evidence ?? ''}; the worker may not list ${unseen.join(', ')}`.replace(/^; /, '') },
});

/** Pure: which of the candidates are meant. Several hits for one name are listed, never guessed. */
export function choose(sought: Sought, candidates: Candidate[]): Seen<WorkloadRef[]> {
  const listed = sought.workloads.length > 0;
  const entries = listed ? sought.workloads : [];
  if (sought.workload !== undefined) return chooseNamed(sought, entries, sought.workload, candidates);
  if (!listed) return discover(sought, candidates);
  const found: WorkloadRef[] = [];
  for (const entry of entries) {
    const one = only(sought, entry, candidates);
    if (!one.ok) return one;
    found.push(one.value);
  }
  return { ok: true, value: found };
}

function chooseNamed(sought: Sought, entries: string[], wanted: string, candidates: Candidate[]): Seen<WorkloadRef[]> {
  const name = canonical(wanted);
  const isOurs =
    entries.length === 0
      ? tiers(sought.app, candidates)
          .flat()
          .some((one) => formatWorkloadName(one) === name)
      : entries.some((entry) => canonical(entry) === name);
  if (!isOurs) {
    const ours = entries.length > 0 ? entries : [...new Set(tiers(sought.app, candidates).flat().map(formatWorkloadName))];
    const remedy = ours.length === 0 ? undefined : `--workload ${ours[0]}`;
    const evidence =
      ours.length === 0
        ? `no workload of ${sought.app} is in ${sought.namespaces.join(', ')}`
        : `${sought.app} has ${ours.slice(0, SHOWN).join(', ')}`;
    return { ok: false, failure: { code: 'unknown-workload', subject: wanted, evidence, ...(remedy === undefined ? {} : { remedy }) } };
  }
  const one = only(sought, wanted, candidates);
  return one.ok ? { ok: true, value: [one.value] } : one;
}

const canonical = (entry: string): string => {
  const parsed = parseWorkloadName(entry);
  return 'problem' in parsed ? entry : formatWorkloadName(parsed);
};

/** The one workload with this `kind/name` in the namespaces. */
function only(sought: Sought, entry: string, candidates: Candidate[]): Seen<WorkloadRef> {
  const parsed = parseWorkloadName(entry);
  if ('problem' in parsed) return { ok: false, failure: { code: 'unknown-workload', subject: entry, evidence: parsed.problem } };
  const hits = candidates.filter(({ kind, name }) => kind === parsed.kind && name === parsed.name);
  const [hit] = hits;
  if (hit === undefined)
    return unknown(
      sought,
      entry,
      parsed.name,
      candidates.filter(({ kind }) => kind === parsed.kind),
    );
  return hits.length > 1 ? ambiguous(sought, hits) : settle(hit, candidates);
}

function discover(sought: Sought, candidates: Candidate[]): Seen<WorkloadRef[]> {
  const hits = tiers(sought.app, candidates).find((tier) => tier.length > 0);
  const [hit] = hits ?? [];
  if (hits === undefined || hit === undefined) return unknown(sought, sought.app, sought.app, candidates);
  if (hits.length > 1) return ambiguous(sought, hits);
  const one = settle(hit, candidates);
  return one.ok ? { ok: true, value: [one.value] } : one;
}

/** A pod's ReplicaSet says little to a person; its Deployment is what they know. */
function rootOwner({ namespace, owner }: Candidate, candidates: Candidate[]): Candidate['owner'] {
  const parent = candidates.find((one) => one.namespace === namespace && one.kind === owner?.kind && one.name === owner.name);
  return parent?.owner ?? owner;
}

/** What belongs to another object, or is brought back by nobody, is known and refused with the way out. */
function settle(hit: Candidate, candidates: Candidate[]): Seen<WorkloadRef> {
  const known = KINDS.find(({ kind }) => kind === hit.kind);
  const isOwned = hit.owner !== undefined && (known === undefined || known.last === true);
  return known === undefined || isOwned
    ? { ok: false, failure: unsupported(refOf(hit), rootOwner(hit, candidates)) }
    : { ok: true, value: refOf(hit) };
}

/** By label only what stands for itself is meant: the pods of a Deployment carry its labels. */
const tiers = (app: string, candidates: Candidate[]): Candidate[][] => [
  candidates.filter(({ name }) => name === app),
  ...LABELS.map((label) =>
    candidates.filter((one) => one.labels[label] === app && (settle(one, candidates).ok || one.owner === undefined)),
  ),
];

const refOf = ({ kind, namespace, name }: Candidate): WorkloadRef => ({ kind, namespace, name });

function ambiguous(
  sought: Sought,
  hits: Candidate[],
): { ok: false; failure: { code: 'ambiguous-workload'; subject: string; evidence: string; remedy: string } } {
  const evidence = hits.slice(0, SHOWN).map(workloadKey).join(', ') + (hits.length > SHOWN ? ` and ${hits.length - SHOWN} more` : '');
  const names = new Set(hits.map(formatWorkloadName));
  const [first] = names;
  // The same kind and name in two namespaces: only the policy file can tell them apart.
  const remedy = names.size === hits.length ? `--workload ${first ?? ''}` : 'name one namespace for this environment in the policy file';
  return { ok: false, failure: { code: 'ambiguous-workload', subject: sought.app, evidence, remedy } };
}

function unknown(sought: Sought, subject: string, name: string, candidates: Candidate[]): Seen<never> {
  const close = closest(name, [...new Set(candidates.map((one) => one.name))]);
  const where = `no such workload in ${sought.namespaces.join(', ')}`;
  const evidence = close.length === 0 ? where : `${where}; close to it: ${close.join(', ')}`;
  return { ok: false, failure: { code: 'unknown-workload', subject, evidence, ...(close[0] === undefined ? {} : { remedy: close[0] }) } };
}

/** At most three names that a typo would explain. */
function closest(name: string, names: string[]): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  return names
    .map((other) => ({ other, far: other.includes(name) || name.includes(other) ? 1 : distance(name, other) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far || (a.other < b.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other);
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
