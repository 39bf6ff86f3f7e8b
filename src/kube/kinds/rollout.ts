import type { ArgoFacts } from '../../domain/argo-facts.ts';
import { STAMP, type UpdateStrategy } from '../../domain/workload.ts';
import type { RawReplicaSet, RawWorkload } from '../raw.ts';
import { conditionsOf, rollingUpdateOf, templateRevision, workloadBase } from './common.ts';
import { type Kind, selectorOf } from './kind.ts';

const REVISION = 'rollout.argoproj.io/revision';
const HASH = 'rollouts-pod-template-hash';
/** Its controller fills in defaults of the template; that is nobody's change. */
const CONTROLLER = /^rollouts-controller$/;

interface RawStep {
  setWeight?: number;
  pause?: { duration?: string | number };
  analysis?: unknown;
  experiment?: unknown;
  plugin?: { name?: string };
}

/** What its CRD has beyond the built-in kinds; `resolved` is added by us: the Deployment that `workloadRef` names. */
export interface RawRollout extends Omit<RawWorkload, 'spec' | 'status'> {
  resolved?: RawWorkload;
  spec?: Omit<NonNullable<RawWorkload['spec']>, 'strategy'> & {
    restartAt?: string;
    workloadRef?: { apiVersion?: string; kind?: string; name?: string };
    strategy?: {
      canary?: { maxSurge?: string | number; maxUnavailable?: string | number; steps?: RawStep[] };
      blueGreen?: { maxUnavailable?: string | number; autoPromotionSeconds?: number };
    };
  };
  status?: Omit<NonNullable<RawWorkload['status']>, 'observedGeneration'> & {
    /** Text here, and a hash in releases before 0.10. */
    observedGeneration?: string;
    phase?: string;
    message?: string;
    abort?: boolean;
    currentPodHash?: string;
    stableRS?: string;
    currentStepIndex?: number;
    pauseConditions?: { reason?: string }[];
    restartedAt?: string;
  };
}

/** A Rollout of Argo Rollouts: a Deployment whose updates go in steps, by a controller of its own. */
export const rollout: Kind = {
  kind: 'Rollout',
  api: { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts' },
  templatePath: ['spec', 'template'],
  history: 'apps/v1 replicasets',
  optional: true,
  mergeOnly: true,
  selector: selectorOf,
  podsBelongToRevisions: true,

  read(raw) {
    const { spec, status } = raw as unknown as RawRollout;
    const base = workloadBase(this, raw);
    return {
      ...base,
      // Paused, it still restarts its pods; what that means for a change of the template is told with its other pauses.
      paused: false,
      observedGeneration: observedOf(status?.observedGeneration, base.generation),
      templateManagers: base.templateManagers.filter(({ manager }) => !CONTROLLER.test(manager)),
      replicas: spec?.replicas ?? 1,
      strategy: strategyOf(raw as unknown as RawRollout),
      // Its controller's own default; the API server writes none into a custom resource.
      progressDeadlineSeconds: spec?.progressDeadlineSeconds ?? 600,
      status: {
        replicas: status?.replicas ?? 0,
        updated: status?.updatedReplicas ?? 0,
        ready: status?.readyReplicas ?? 0,
        available: status?.availableReplicas ?? 0,
        ...(status?.currentPodHash === undefined ? {} : { updateRevision: status.currentPodHash }),
        conditions: conditionsOf(status?.conditions),
      },
      argo: factsOf(raw as unknown as RawRollout),
    };
  },

  revision(raw) {
    const set = raw as RawReplicaSet;
    const number = Number(set.metadata.annotations?.[REVISION] ?? 0);
    return templateRevision(set.metadata, number, set.metadata.labels?.[HASH] ?? '', set.spec?.template, set.status?.conditions);
  },

  planned(raw) {
    const { spec } = raw as unknown as RawRollout;
    return {
      // That of a Deployment has a version of its own.
      template: spec?.workloadRef === undefined ? spec?.template : undefined,
      from: spec?.workloadRef,
      strategy: spec?.strategy,
      paused: spec?.paused ?? false,
      restartAt: spec?.restartAt,
    };
  },
};

/** What is no number, or a number to come, is a hash of an old release, which its own tools take for observed, too. */
function observedOf(text: string | undefined, generation: number): number {
  if (text === undefined) return 0;
  const seen = /^\d+$/.test(text) ? Number(text) : generation;
  return Math.min(seen, generation);
}

function strategyOf({ spec }: RawRollout): UpdateStrategy {
  const { canary, blueGreen } = spec?.strategy ?? {};
  if (blueGreen !== undefined)
    return rollingUpdateOf({ rollingUpdate: { maxSurge: '100%', maxUnavailable: blueGreen.maxUnavailable ?? 0 } });
  return rollingUpdateOf({ rollingUpdate: { maxSurge: canary?.maxSurge ?? '25%', maxUnavailable: canary?.maxUnavailable ?? '25%' } });
}

function factsOf({ metadata, spec, status, resolved }: RawRollout): ArgoFacts {
  const { canary, blueGreen } = spec?.strategy ?? {};
  const steps = canary?.steps ?? [];
  const step = steps.length === 0 ? undefined : status?.currentStepIndex;
  const pauses = [
    ...(spec?.paused === true ? ['PausedByHand'] : []),
    ...(status?.pauseConditions ?? []).flatMap(({ reason }) => reason ?? []),
  ];
  const timed: Record<string, string | number | undefined> = {
    BlueGreenPause: blueGreen?.autoPromotionSeconds,
    CanaryPauseStep: steps[step ?? steps.length]?.pause?.duration,
  };
  const pauseFor = timed[pauses[0] ?? ''];
  const restartAt = spec?.restartAt;
  const restartedAt = status?.restartedAt;
  const stamp = metadata.annotations?.[STAMP];
  return {
    strategy: blueGreen === undefined ? 'canary' : 'blueGreen',
    ...(status?.phase === undefined ? {} : { phase: status.phase }),
    ...(status?.message === undefined ? {} : { message: status.message }),
    ...(status?.currentPodHash === undefined ? {} : { currentHash: status.currentPodHash }),
    ...(status?.stableRS === undefined ? {} : { stableHash: status.stableRS }),
    aborted: status?.abort ?? false,
    steps: steps.map(stepWords),
    ...(step === undefined ? {} : { step }),
    pauses,
    ...(pauseFor === undefined || pauseFor === 0 ? {} : { pauseFor: /^\d+$/.test(String(pauseFor)) ? `${pauseFor}s` : String(pauseFor) }),
    ...(restartAt === undefined ? {} : { restartAt }),
    ...(restartedAt === undefined ? {} : { restartedAt }),
    ...(stamp === undefined ? {} : { stamp }),
    ...(resolved === undefined ? {} : { template: templateOwner(resolved) }),
  };
}

function stepWords(step: RawStep): string {
  if (step.setWeight !== undefined) return `${step.setWeight}%`;
  if (step.pause !== undefined) return step.pause.duration === undefined ? 'pause' : `pause ${step.pause.duration}`;
  if (step.plugin !== undefined) return `plugin ${step.plugin.name ?? ''}`.trim();
  return Object.keys(step)[0] ?? 'step';
}

const templateOwner = ({ metadata, spec }: RawWorkload): NonNullable<ArgoFacts['template']> => ({
  kind: 'Deployment',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
  replicas: spec?.replicas ?? 1,
});
