import type { Failure } from '../domain/failure.ts';
import type { Method } from '../domain/method.ts';
import { planRepull } from '../domain/plan-repull.ts';
import { imagesToRestore, planRollback, type RollbackInput } from '../domain/plan-rollback.ts';
import type { Plan, Refusal } from '../domain/plan.ts';
import type { Environment } from '../domain/policy.ts';
import type { RegistryAnswer } from '../domain/registry-answer.ts';
import type { Ask } from '../domain/request.ts';
import { imagesToResolve } from '../domain/select.ts';
import type { Snapshot } from '../domain/workload.ts';
import { withHash } from './plan-hash.ts';
import type { RegistryCredential } from './ports-registry.ts';
import { explained, imageIdsOf, platformsOf, platformsOption } from './same-content.ts';
import { isBegun } from './vouched.ts';
import type { WorkerDeps } from './worker-deps.ts';

export type Made = { ok: true; plan: Plan } | { ok: false; refusal: Refusal };

const refuse = (refused: Failure): Made => ({ ok: false, refusal: { refused, containers: [] } });

/** Looks at the cluster and the registries and plans. Changes nothing; throws BackendAway where the cluster cannot be asked. */
export async function makePlan(deps: WorkerDeps, ask: Ask, request: string, at: number): Promise<Made> {
  const environment = ownEnvironment(deps, ask);
  if (!environment.ok) return refuse(environment.failure);
  const found = await deps.cluster.find(ask);
  if (!found.ok) return refuse(found.failure);
  const seen = await deps.cluster.snapshot(found.value);
  if (!seen.ok) return refuse(seen.failure);
  const shared = { ask, request, at, snapshot: seen.value };
  const planned =
    ask.kind === 'rollback'
      ? await undo(deps, shared)
      : planRepull({
          ...shared,
          answers: await askRegistries(deps, imagesToResolve(ask, seen.value), seen.value),
          allowed: environment.value.methods,
        });
  if ('refused' in planned) return { ok: false, refusal: planned };
  return { ok: true, plan: withHash(planned.plan) };
}

async function undo(deps: WorkerDeps, shared: Omit<RollbackInput, 'undone' | 'answers'>): Promise<{ plan: Plan } | Refusal> {
  const undone = shared.ask.undoes === undefined ? undefined : await deps.store.load(shared.ask.undoes);
  if (undone?.plan === undefined) {
    const about = shared.ask.undoes === undefined ? {} : { subject: shared.ask.undoes };
    return { refused: { code: 'nothing-recorded', ...about }, containers: [] };
  }
  // What it brings back is read from that record: edited by hand, it would bring back whatever the editor likes.
  if (!isBegun(deps, undone)) return { refused: { code: 'unsigned', subject: undone.id }, containers: [] };
  const answers = await askRegistries(deps, imagesToRestore(undone.plan), shared.snapshot);
  return planRollback({ ...shared, answers, undone: { id: undone.id, plan: undone.plan } });
}

/** The worker's own limits: it carries out only what its own copy of the policy file places in its cluster. */
function ownEnvironment(deps: WorkerDeps, ask: Ask): { ok: true; value: Environment } | { ok: false; failure: Failure } {
  const environment = deps.policy().environments.get(ask.environment);
  if (environment === undefined || environment.cluster !== deps.cluster.name)
    return {
      ok: false,
      failure: {
        code: 'not-permitted',
        subject: ask.environment,
        evidence: `the worker of cluster ${deps.cluster.name} does not serve this environment`,
      },
    };
  const foreign = ask.namespaces.filter((namespace) => !environment.namespaces.includes(namespace));
  if (foreign.length > 0)
    return {
      ok: false,
      failure: {
        code: 'not-permitted',
        subject: foreign.join(', '),
        evidence: `not among the namespaces of ${ask.environment} in the worker's policy file`,
      },
    };
  // A rollback pins; whoever may write a new image may write the old one.
  const wanted: Method[] = ask.kind === 'rollback' ? ['pin', 'set-image'] : [ask.via];
  if (!wanted.some((method) => environment.methods.includes(method)))
    return {
      ok: false,
      failure: {
        code: 'method-not-allowed',
        subject: wanted.join(' or '),
        remedy: `methods allowed in ${ask.environment}: ${environment.methods.join(', ')}`,
      },
    };
  if (ask.forceDelete && !environment.forceDelete)
    return {
      ok: false,
      failure: {
        code: 'method-not-allowed',
        subject: '--force-delete',
        remedy: `${ask.environment} does not list force-delete among its methods`,
      },
    };
  return { ok: true, value: environment };
}

async function askRegistries(deps: WorkerDeps, images: string[], snapshot: Snapshot): Promise<Map<string, RegistryAnswer>> {
  const credentials = await credentialsOf(deps, snapshot);
  const platforms = platformsOf(snapshot.nodes);
  const ask = async (image: string): Promise<[string, RegistryAnswer]> => {
    const answer = await deps.registry.resolve(image, credentials, platformsOption(platforms));
    return [image, await explained(deps, image, answer, imageIdsOf(image, snapshot), credentials, platforms)];
  };
  return new Map(await Promise.all(images.map(ask)));
}

async function credentialsOf(deps: WorkerDeps, snapshot: Snapshot): Promise<RegistryCredential[]> {
  const lists = await Promise.all(snapshot.workloads.map((view) => deps.cluster.credentials(view.workload)));
  return lists.flat();
}
