import type { Candidate } from './candidate.ts';
import { currentPods } from './candidate.ts';
import { livePods, nodeOf, runsOn } from './identity.ts';
import { digestOf } from './image-text.ts';
import { restartsByController } from './plan-argo.ts';
import { unavailableAtOnce } from './plan-downtime.ts';
import { isGitOps, isWeak, named, ownsTemplate, type Chosen } from './plan-method.ts';
import type { ContainerPlan } from './plan.ts';
import type { Ask } from './request.ts';
import { shortName } from './select.ts';
import type { NodeFacts, WorkloadView } from './workload.ts';

export interface WarningInput {
  ask: Ask;
  view: WorkloadView;
  all: readonly Candidate[];
  targets: readonly Candidate[];
  /** As planned, of this workload. */
  containers: readonly ContainerPlan[];
  method: Chosen;
  nodes: readonly NodeFacts[];
}

/** What an approver should know before saying yes; the loudest first. */
export function warningsFor(input: WarningInput): string[] {
  const subject = shortName(input.view.workload);
  return [
    ...registryWarnings(input),
    ...fetchWarnings(input),
    ...ownerWarnings(input),
    ...availabilityWarnings(input),
    ...imageWarnings(input),
  ].map((text) => `${subject}: ${text}`);
}

function registryWarnings({ all, targets }: WarningInput): string[] {
  return all.flatMap((candidate) => {
    const { answer, spec, policy, target } = candidate;
    if (answer.known) return [];
    const said = `${answer.because}: ${answer.detail}`;
    if (targets.includes(candidate)) {
      return [
        `the registry could not be asked about ${target} (${said}): whether there is anything new is unknown, and if the nodes cannot ask it either, new pods will not start`,
      ];
    }
    return policy === 'Always'
      ? [`${spec.name} restarts too and must fetch ${spec.image}, about which the registry could not be asked (${said})`]
      : [];
  });
}

function fetchWarnings({ ask, targets, all, containers, method, nodes, view }: WarningInput): string[] {
  const weak = targets.filter(isWeak);
  const names = weak.map(({ spec }) => spec.name).join(', ');
  const left = all.filter(({ standing }) => standing === 'never' || standing === 'immutable').filter((each) => !targets.includes(each));
  return [
    ...(weak.length > 0 && (method === 'restart' || method === 'evict')
      ? [
          `nodes that have the image of ${names} will not fetch it again (pull policy ${weak[0]?.policy ?? ''}); this goes on only because of --force`,
        ]
      : []),
    ...(method === 'set-image' &&
    containers.some((each) => each.concerned && each.pullPolicyAfter !== 'Always' && digestOf(each.imageAfter) === undefined)
      ? ['a node that has this tag already will not fetch it again; --pin runs the exact digest everywhere']
      : []),
    ...left.map(
      ({ spec, standing }) =>
        `${spec.name} is left as it is: ${standing === 'never' ? 'its pull policy is Never' : 'its image is a digest, which never changes'}`,
    ),
    ...(method === 'always' && weak.length > 0
      ? [`the pull policy of ${names} stays Always from now on: a pod then starts only while the registry answers`]
      : []),
    ...(method === 'pin' ? ['the next push under this tag changes nothing here until the pin is moved: --pin'] : []),
    ...(ask.forceDelete ? ['a pod that may not be evicted is deleted, past its disruption budget'] : []),
    ...platformWarnings(view, targets, nodes),
    ...view.workload.imageVolumes.map(
      (volume) =>
        `image volume ${volume.name} (${volume.reference}) comes back with the pod, but nothing shows what it holds: unverifiable`,
    ),
  ];
}

function platformWarnings(view: WorkloadView, targets: readonly Candidate[], nodes: readonly NodeFacts[]): string[] {
  return targets.flatMap(({ answer, target }) => {
    if (!answer.known) return [];
    const single = answer.identities.find(({ digest }) => digest === answer.digest)?.platform;
    const offered = answer.platforms.length > 0 ? answer.platforms : single === undefined ? [] : [single];
    const without = offered.length === 0 ? [] : hosts(view, nodes).filter((node) => !offered.some((platform) => runsOn(platform, node)));
    if (without.length === 0) return [];
    const [kinds, names] = [[...new Set(without.map((node) => `${node.os}/${node.architecture}`))].join(', '), listed(without)];
    // Nothing keeps a node from fetching a single manifest of another architecture; it fails when it starts.
    return answer.platforms.length > 0
      ? [`${target} offers no image for ${kinds} (${names})`]
      : [
          `${target} says that it was built for ${offered.join()}, its pods run on ${kinds} (${names}): it may be fetched and then not start`,
        ];
  });
}

const listed = (nodes: readonly NodeFacts[]): string => nodes.map(({ name }) => name).join(', ');

/** Nodes that run pods of this workload now. */
export function hosts(view: WorkloadView, nodes: readonly NodeFacts[]): NodeFacts[] {
  return [...new Set(livePods(view.pods).flatMap((pod) => nodeOf(pod, nodes) ?? []))];
}

function ownerWarnings({ view, method, containers }: WarningInput): string[] {
  const { owners, templateAnnotations } = view.workload;
  const changes = containers.some((each) => each.imageAfter !== each.image || each.pullPolicyAfter !== each.pullPolicy);
  return owners.flatMap((owner) => {
    if (method !== 'evict' && ownsTemplate(owner))
      return [`${named(owner)} writes this template and will probably take the change back (${owner.evidence})`];
    if (isGitOps(owner) && changes)
      return [`${named(owner)} will probably take the change back, because Git says otherwise (${owner.evidence})`];
    // https://github.com/argoproj/argo-cd/issues/28769
    if (
      owner.by === 'argo-cd' &&
      method === 'restart' &&
      view.workload.argo === undefined &&
      Object.keys(templateAnnotations).length === 0
    ) {
      return ['Argo CD may take the restart annotation back, because the template has no annotations in Git'];
    }
    if (owner.by === 'vpa') return [`${named(owner)} evicts its pods by itself when it wants other resources for them (${owner.evidence})`];
    if (owner.by === 'kruise' && method !== 'evict')
      return [`${named(owner)} decides how far a change of the template goes, and may stop at its first step (${owner.evidence})`];
    if (owner.by === 'helm' && changes)
      return [`the next upgrade of Helm release ${owner.name ?? ''} puts the chart's image and policy back`.replace('  ', ' ')];
    return [];
  });
}

function availabilityWarnings({ view, method, nodes }: WarningInput): string[] {
  const { workload, autoscaler } = view;
  const { strategy, replicas, status } = workload;
  const partition = strategy.type === 'RollingUpdate' ? (strategy.partition ?? 0) : 0;
  const away = hosts(view, nodes).filter((node) => !node.ready);
  const older = livePods(view.pods).length - currentPods(view).length;
  return [
    ...(replicas === 1 && (method === 'evict' || restartsByController(view, method) || unavailableAtOnce(workload) > 0)
      ? ['it has a single pod: nothing serves until its successor is ready']
      : []),
    ...(replicas > 1 && strategy.type === 'Recreate' && method !== 'evict'
      ? [`strategy Recreate: all ${replicas} pods stop before the new ones start`]
      : []),
    ...(autoscaler === undefined
      ? []
      : [`autoscaler ${autoscaler.name} may change the number of pods meanwhile (${autoscaler.min} to ${autoscaler.max})`]),
    ...(partition > 0 && method !== 'evict'
      ? [
          `its partition is ${partition}: only pods with an ordinal of ${partition} or more are replaced, ${replicas - partition} of ${replicas}`,
        ]
      : []),
    ...(older > 0 || status.updated < replicas - partition ? ['a rollout is not finished: some pods are not of the newest revision'] : []),
    ...(away.length > 0 ? [`${away.map((node) => node.name).join(', ')} is not ready; its pods may not be replaced`] : []),
  ];
}

function imageWarnings({ targets, containers }: WarningInput): string[] {
  const mixed = targets.filter(({ running }) => running.length > 1);
  const mutable = containers.filter((each) => each.concerned && digestOf(each.imageAfter) === undefined);
  return [
    ...mixed.map(({ spec, running }) => `its pods run ${running.length} different digests of ${spec.name}`),
    ...(mutable.length === 0
      ? []
      : [
          `${[...new Set(mutable.map((each) => each.imageAfter))].join(', ')} is a mutable tag: what it holds may change again; --pin runs the exact digest`,
        ]),
  ];
}
