import type { Candidate } from './candidate.ts';
import { commandLine } from './command-line.ts';
import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import { RESTART_AT, restartsByController } from './plan-argo.ts';
import { budgetObstacle, replacesItself, templateObstacle } from './plan-obstacle.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import type { Owner, WorkloadView } from './workload.ts';

export type Chosen = Exclude<Method, 'auto'>;
export type Choice = { method: Chosen; why: string } | { refused: Failure };

export interface MethodInput {
  ask: Ask;
  view: WorkloadView;
  /** Containers that are to fetch. */
  targets: readonly Candidate[];
  allowed: readonly Method[];
}

/** A container that a new pod alone does not make fetch. */
export const isWeak = (candidate: Candidate): boolean => candidate.policy !== 'Always';

const askedMethod = (ask: Ask): Method => {
  if (ask.pod !== undefined) return 'evict';
  return ask.tag === undefined && ask.image === undefined ? ask.via : 'set-image';
};

/** Which way really makes these containers fetch (research/kubernetes.md §7A), and why; or why none does. */
export function chooseMethod(input: MethodInput): Choice {
  const method = askedMethod(input.ask);
  if (!input.allowed.includes(method)) return { refused: notAllowed(input, [method]) };
  if (method !== 'auto') return explicit(input, method);
  const preferred = preference(input);
  if ('refused' in preferred) return preferred;
  const found = preferred.find(({ method: each }) => input.allowed.includes(each));
  if (found === undefined)
    return {
      refused: notAllowed(
        input,
        preferred.map((each) => each.method),
      ),
    };
  const stop = stopOf(input, found.method);
  return stop === undefined ? withEvictions(input, found) : { refused: stop };
}

/** What `auto` would take, best first. */
function preference(input: MethodInput): { method: Chosen; why: string }[] | { refused: Failure } {
  const { ask, view, targets } = input;
  const weak = targets.filter(isWeak);
  const operator = view.workload.owners.find(ownsTemplate);
  if (weak.length === 0) {
    const always = 'the pull policy is Always, so every new pod fetches its image';
    const evict = { method: 'evict' as const, why: `${always}; pods go one at a time, within the disruption budgets` };
    if (operator !== undefined && !ask.force)
      return [{ ...evict, why: `${evict.why}; ${named(operator)} would undo a change of the template` }];
    if (!replacesItself(view)) return [{ ...evict, why: `${evict.why}; a change of its template alone would replace none of them` }];
    const how = restartsByController(view, 'restart') ? RESTART_AT : 'only an annotation changes';
    return [{ method: 'restart', why: `${always}; ${how}` }, evict];
  }
  const reverting = operator ?? view.workload.owners.find(isGitOps);
  if (reverting !== undefined && !ask.force) return { refused: wouldBeReverted(ask, view, reverting, 'always') };
  const policies = weak.map(({ spec, policy }) => `${spec.name} has the pull policy ${policy}`).join(', ');
  const stale = `${policies}, so a restart alone could keep what a node has under this tag`;
  const always = { method: 'always' as const };
  if (reverting !== undefined) {
    return [
      {
        ...always,
        why: `${stale}; a fetched tag stays on the nodes when ${named(reverting)} takes the change back, a pinned digest does not`,
      },
    ];
  }
  const unknown = weak.find(({ answer }) => !answer.known);
  if (unknown !== undefined)
    return [{ ...always, why: `${stale}; it cannot be pinned, because the registry did not say what ${unknown.target} is now` }];
  return [
    { method: 'pin', why: `${stale}; the digest is exact on every node, and a way back` },
    { ...always, why: `${stale}; pinning is not allowed here, so the policy becomes Always` },
  ];
}

function explicit(input: MethodInput, method: Chosen): Choice {
  const { ask, view, targets } = input;
  const chosen = withEvictions(input, { method, why: `asked for with ${optionOf(ask, method)}` });
  const stop = stopOf(input, method);
  if (stop !== undefined) return { refused: stop };
  if (ask.force) return method === 'pin' ? (unpinnable(input) ?? chosen) : chosen;
  const weak = targets.filter(isWeak);
  const reverting =
    view.workload.owners.find(ownsTemplate) ?? (changesSpec(method, weak) ? view.workload.owners.find(isGitOps) : undefined);
  if (method !== 'evict' && reverting !== undefined) return { refused: wouldBeReverted(ask, view, reverting, method) };
  switch (method) {
    case 'restart':
    case 'evict':
      return weak.length > 0 ? { refused: wouldNotPull(ask, weak) } : chosen;
    case 'always':
      return chosen;
    case 'pin':
      return unpinnable(input) ?? chosen;
    case 'set-image': {
      const unknown = targets.find(({ answer }) => !answer.known);
      if (unknown !== undefined)
        return { refused: registryUnknown(unknown, `to go on without knowing: ${commandLine(ask, { force: true })}`) };
      const same = weak.filter(({ spec, target }) => spec.image === target);
      return same.length > 0 ? { refused: wouldNotPull(ask, same) } : chosen;
    }
  }
}

/** What stands in the way of this method here. */
function stopOf(input: MethodInput, method: Chosen): Failure | undefined {
  const { ask, view, targets, allowed } = input;
  if (method === 'evict' || restartsByController(view, method)) return budgetObstacle(ask, view);
  const stop = templateObstacle(ask, view, !targets.some(isWeak));
  if (stop !== undefined || replacesItself(view)) return stop;
  return allowed.includes('evict') ? budgetObstacle(ask, view) : notAllowed(input, ['evict']);
}

/** A patch alone would replace no pod: said where the method is explained. */
function withEvictions({ view }: MethodInput, chosen: { method: Chosen; why: string }): { method: Chosen; why: string } {
  if (chosen.method === 'evict' || replacesItself(view)) return chosen;
  const why = view.workload.kind === 'ReplicaSet' ? 'a ReplicaSet replaces no pod by itself' : 'its update strategy is OnDelete';
  return { ...chosen, why: `${chosen.why}; ${why}, so repull evicts its pods one at a time afterwards` };
}

const changesSpec = (method: Chosen, weak: readonly Candidate[]): boolean =>
  method === 'pin' || method === 'set-image' || (method === 'always' && weak.length > 0);

export const isGitOps = (owner: Owner): boolean => owner.by === 'argo-cd' || owner.by === 'flux';
/** A controller that writes the whole template takes even an annotation back. */
export const ownsTemplate = (owner: Owner): boolean =>
  owner.by === 'operator' ||
  owner.by === 'controller' ||
  // A UnitedDeployment writes its Deployments; Kruise Rollouts, which only marks them, does not.
  (owner.by === 'kruise' && owner.evidence.startsWith('controller owner reference'));
export const named = (owner: Owner): string => (owner.name === undefined ? owner.by : `${owner.by} (${owner.name})`);

function optionOf(ask: Ask, method: Chosen): string {
  if (ask.pod !== undefined) return '--pod';
  if (ask.image !== undefined) return '--image';
  if (ask.tag !== undefined) return '--tag';
  return method === 'pin' ? '--pin' : `--via ${method}`;
}

function unpinnable({ ask, targets }: MethodInput): { refused: Failure } | undefined {
  const unknown = targets.find(({ answer }) => !answer.known);
  if (unknown === undefined) return undefined;
  return {
    refused: registryUnknown(unknown, `a pin needs the digest; to fetch without knowing it: ${commandLine(ask, { via: 'always' })}`),
  };
}

function registryUnknown({ answer, target }: Candidate, remedy: string): Failure {
  const evidence = answer.known ? '' : `${answer.because}: ${answer.detail}`;
  return { code: 'registry-unknown', subject: target, evidence, remedy, transient: true };
}

const wouldNotPull = (ask: Ask, weak: readonly Candidate[]): Failure => ({
  code: 'would-not-pull',
  subject: weak.map(({ spec }) => spec.name).join(', '),
  evidence: weak
    .map(
      ({ spec, policy }) => `${spec.name} has the pull policy ${policy}: a node that has ${spec.image} would not ask the registry for it`,
    )
    .join('; '),
  remedy: commandLine(ask, { via: 'auto', tag: undefined, image: undefined, pod: undefined }),
});

function wouldBeReverted(ask: Ask, view: WorkloadView, owner: Owner, method: Chosen): Failure {
  const how = isGitOps(owner) ? 'change the image or imagePullPolicy in Git' : `change it where ${named(owner)} takes it from`;
  const forced = commandLine(ask, method === askedMethod(ask) ? { force: true } : { via: method, force: true });
  return {
    code: 'would-be-reverted',
    subject: shortName(view.workload),
    evidence: `${named(owner)} writes this workload too (${owner.evidence}) and would take the change back`,
    remedy: `${how}; or do it all the same: ${forced}`,
  };
}

function notAllowed({ ask, view, allowed }: MethodInput, wanted: readonly Method[]): Failure {
  const others = allowed.filter((method) => !wanted.includes(method));
  return {
    code: 'method-not-allowed',
    subject: wanted.join(' or '),
    evidence: `${shortName(view.workload)} needs ${wanted.join(' or ')} to fetch its image again`,
    remedy: others.length === 0 ? `${ask.environment} allows no method` : `${ask.environment} allows ${others.join(', ')}`,
  };
}
