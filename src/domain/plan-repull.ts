import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import { planWorkload, type WorkloadOutcome } from './plan-workload.ts';
import type { Plan, Refusal } from './plan.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { Ask } from './request.ts';
import { concernedWorkloads, shortName } from './select.ts';
import type { Snapshot, WorkloadView } from './workload.ts';

export interface PlanInput {
  ask: Ask;
  /** Request id: the stamp. */
  request: string;
  /** Milliseconds, the record's `createdAt`: the patch must be the same however often it is made. */
  at: number;
  snapshot: Snapshot;
  /** By image text, as `imagesToResolve` gave it. */
  answers: ReadonlyMap<string, RegistryAnswer>;
  allowed: readonly Method[];
}

/** A plan whose hash the caller has yet to compute from `planFingerprint`. */
export type UnhashedPlan = Omit<Plan, 'hash'> & { hash: '' };

/** Decides what we would change, or why we would not. Reads no clock and no cluster, so the answer to `--dry-run` and the plan always agree. */
export function planRepull(input: PlanInput): { plan: UnhashedPlan } | Refusal {
  const { ask, snapshot } = input;
  const views = concernedWorkloads(ask, snapshot);
  if (!views.ok) return { refused: views.failure, containers: [] };
  if (ask.via === 'set-image' && ask.tag === undefined && ask.image === undefined && ask.pod === undefined) {
    return {
      refused: {
        code: 'bad-usage',
        subject: '--via set-image',
        evidence: 'it needs --tag or --image',
        remedy: commandLine(ask, { via: 'auto' }),
      },
      containers: [],
    };
  }
  const outcomes = views.value.map((view) => ({ view, outcome: planWorkload(input, view) }));
  const seen = outcomes.flatMap(({ outcome }) => ('containers' in outcome ? outcome.containers : []));
  const refused = outcomes.find(({ outcome }) => outcome.outcome === 'refused');
  if (refused?.outcome.outcome === 'refused')
    return {
      refused: about(ask, refused.outcome.because, shortName(refused.view.workload), other(refused.view, views.value)),
      containers: seen,
    };
  const planned = outcomes.flatMap(({ outcome }) => (outcome.outcome === 'planned' ? [outcome] : []));
  if (planned.length === 0) return { refused: idleBecause(outcomes.map(({ outcome }) => outcome)), containers: seen };
  const left = outcomes.flatMap(({ view, outcome }) =>
    outcome.outcome === 'idle' ? [`${shortName(view.workload)} is left alone: ${outcome.because.evidence ?? outcome.because.code}`] : [],
  );
  return {
    plan: {
      hash: '',
      cluster: snapshot.cluster,
      at: snapshot.at,
      workloads: planned.map((each) => each.plan),
      containers: planned.flatMap((each) => each.containers),
      warnings: [...new Set([...planned.flatMap((each) => each.warnings), ...left])],
    },
  };
}

/** Another workload of the app, to go on with alone. */
const other = (refused: WorkloadView, views: readonly WorkloadView[]): string | undefined => {
  const found = views.find((view) => view !== refused);
  return found === undefined ? undefined : shortName(found.workload);
};

/** One workload of several is in the way: the answer names it, and how to go on without it. */
function about(ask: Ask, because: Failure, name: string, rest: string | undefined): Failure {
  if (rest === undefined) return because;
  const others = `without it: ${commandLine(ask, { workload: rest })}`;
  const evidence = because.evidence === undefined ? name : `${name}: ${because.evidence}`;
  return { ...because, evidence, remedy: because.remedy === undefined ? others : `${because.remedy}; ${others}` };
}

/** "Nothing new" is the best news among several; a container that no workload has is an error of the asker. */
function idleBecause(outcomes: readonly WorkloadOutcome[]): Failure {
  const idle = outcomes.flatMap((outcome) => (outcome.outcome === 'idle' ? [outcome.because] : []));
  const best = idle.find(({ code }) => code === 'nothing-new') ?? idle[0];
  if (best !== undefined) return best;
  const unknown = outcomes.flatMap((outcome) =>
    outcome.outcome === 'elsewhere' && outcome.because !== undefined ? [outcome.because] : [],
  );
  const remedies = [...new Set(unknown.flatMap(({ remedy }) => remedy ?? []))].join('; ');
  const first = unknown[0] ?? { code: 'unknown-workload' };
  return remedies === '' ? first : { ...first, remedy: remedies };
}
