import type { CronJob, Job } from '../job-objects.ts';
import type { Container, DaemonSet, Deployment, PodSpec, PodTemplate, ReplicaSet, StatefulSet } from '../objects.ts';
import { parseReference } from '../registry/reference.ts';
import type { KubeObject } from '../types.ts';
import { sameJson } from './json.ts';

/** Fills in what the API server fills in. Applied on every write, so that a patch that takes a field away gets its default back. */
export function withDefaults(object: KubeObject): KubeObject {
  switch (object.kind) {
    case 'Pod':
      return {
        ...object,
        spec: admittedSpec(podSpec(object['spec'] as PodSpec)),
        status: object['status'] ?? { phase: 'Pending', qosClass: 'BestEffort' },
      };
    case 'Deployment':
      return deployment(object as Deployment);
    case 'ReplicaSet': {
      const found = object as ReplicaSet;
      return {
        ...found,
        spec: { ...found.spec, replicas: found.spec.replicas ?? 1, template: template(found.spec.template) },
        status: found.status ?? { replicas: 0 },
      };
    }
    case 'StatefulSet':
      return statefulSet(object as StatefulSet);
    case 'DaemonSet':
      return daemonSet(object as DaemonSet);
    case 'Job':
      return job(object as Job);
    case 'CronJob':
      return cronJob(object as CronJob);
    case 'PodDisruptionBudget':
      return { ...object, status: object['status'] ?? { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } };
    case 'Namespace':
      return {
        ...object,
        metadata: { ...object.metadata, labels: { 'kubernetes.io/metadata.name': object.metadata.name, ...object.metadata.labels } },
        spec: { finalizers: ['kubernetes'] },
        status: object['status'] ?? { phase: 'Active' },
      };
    case 'Secret':
      return secret(object);
    case 'ResourceQuota':
      return { ...object, status: object['status'] ?? {} };
    default:
      return object;
  }
}

function deployment(object: Deployment): Deployment {
  const { spec } = object;
  const strategy = spec.strategy ?? { type: 'RollingUpdate' };
  return {
    ...object,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: template(spec.template),
      strategy:
        strategy.type === 'Recreate'
          ? { type: 'Recreate' }
          : { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%', ...strategy.rollingUpdate } },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
    },
    status: object.status ?? {},
  };
}

function statefulSet(object: StatefulSet): StatefulSet {
  const { spec } = object;
  const strategy = spec.updateStrategy ?? { type: 'RollingUpdate' };
  return {
    ...object,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      template: template(spec.template),
      podManagementPolicy: spec.podManagementPolicy ?? 'OrderedReady',
      updateStrategy:
        strategy.type === 'OnDelete' ? strategy : { type: 'RollingUpdate', rollingUpdate: { partition: 0, ...strategy.rollingUpdate } },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
    },
    status: object.status ?? { replicas: 0, availableReplicas: 0 },
  };
}

function daemonSet(object: DaemonSet): DaemonSet {
  const { spec } = object;
  const strategy = spec.updateStrategy ?? { type: 'RollingUpdate' };
  return {
    ...object,
    spec: {
      ...spec,
      template: template(spec.template),
      updateStrategy:
        strategy.type === 'OnDelete'
          ? strategy
          : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1, ...strategy.rollingUpdate } },
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
    },
    status: object.status ?? { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  };
}

function job(object: Job): Job {
  const { spec } = object;
  return {
    ...object,
    spec: {
      ...spec,
      parallelism: spec.parallelism ?? 1,
      completions: spec.completions ?? 1,
      backoffLimit: spec.backoffLimit ?? 6,
      suspend: spec.suspend ?? false,
      selector: spec.selector ?? {},
      template: template(spec.template),
    },
    status: object.status ?? {},
  };
}

function cronJob(object: CronJob): CronJob {
  const { spec } = object;
  const inner = spec.jobTemplate.spec as { template: PodTemplate };
  return {
    ...object,
    spec: {
      ...spec,
      suspend: spec.suspend ?? false,
      jobTemplate: { ...spec.jobTemplate, spec: { ...inner, template: template(inner.template) } },
    },
    status: object.status ?? {},
  };
}

function template(before: PodTemplate): PodTemplate {
  const after = { ...before, spec: podSpec(before.spec) };
  return sameJson(before, after) ? before : after;
}

function podSpec(spec: PodSpec): PodSpec {
  const { initContainers } = spec;
  return {
    ...spec,
    containers: spec.containers.map(container),
    ...(initContainers ? { initContainers: initContainers.map(container) } : {}),
    restartPolicy: spec.restartPolicy ?? 'Always',
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: spec['dnsPolicy'] ?? 'ClusterFirst',
    schedulerName: spec['schedulerName'] ?? 'default-scheduler',
    securityContext: spec['securityContext'] ?? {},
  };
}

/** What admission adds to pods, but not to templates. */
function admittedSpec(spec: PodSpec): PodSpec {
  const account = spec['serviceAccountName'] ?? 'default';
  const toleration = (key: string) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  });
  return {
    ...spec,
    serviceAccountName: account,
    serviceAccount: account,
    enableServiceLinks: spec['enableServiceLinks'] ?? true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    tolerations: spec['tolerations'] ?? [toleration('not-ready'), toleration('unreachable')],
  };
}

function container(one: Container): Container {
  const probes = (['readinessProbe', 'livenessProbe', 'startupProbe'] as const).flatMap((kind) => {
    const probe = one[kind];
    return probe === undefined
      ? []
      : [[kind, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...probe }]];
  });
  return {
    ...one,
    // Decided once from the reference as it is now; a later change of the tag keeps what is there.
    imagePullPolicy: one.imagePullPolicy ?? defaultPullPolicy(one.image ?? ''),
    resources: one['resources'] ?? {},
    terminationMessagePath: one['terminationMessagePath'] ?? '/dev/termination-log',
    terminationMessagePolicy: one['terminationMessagePolicy'] ?? 'File',
    ...(Object.fromEntries(probes) as Partial<Container>),
  };
}

/** `:latest` and no tag at all: Always; any other tag, or a digest: IfNotPresent. An unparsable reference counts as having no tag. */
function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const reference = parseReference(image);
  if (!reference) return 'IfNotPresent';
  return !reference.digest && reference.tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function secret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object as KubeObject & { stringData?: Record<string, string>; data?: Record<string, string> };
  const encoded = Object.entries(stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { ...rest, type: rest['type'] ?? 'Opaque', data: { ...rest.data, ...Object.fromEntries(encoded) } };
}
