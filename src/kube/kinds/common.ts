import {
  type Condition,
  type ContainerRole,
  type ContainerSpec,
  type PullPolicy,
  type Revision,
  STAMP,
  type UpdateStrategy,
  type Workload,
} from '../../domain/workload.ts';
import type { RawCondition, RawContainer, RawManaged, RawMeta, RawPodSpec, RawStrategy, RawTemplate, RawWorkload } from '../raw.ts';
import { type Kind, templateOf } from './kind.ts';

/** Milliseconds, or undefined where the text is no time. */
export const timeOf = (text: string | null | undefined): number | undefined => {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
};

/** What is read the same way from every kind. */
export function workloadBase(kind: Kind, raw: RawWorkload): Omit<Workload, 'replicas' | 'strategy' | 'status'> {
  const { metadata } = raw;
  const template = templateOf(kind, raw);
  return {
    kind: kind.kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation ?? 0,
    observedGeneration: raw.status?.observedGeneration ?? 0,
    paused: raw.spec?.paused ?? false,
    deleting: metadata.deletionTimestamp !== undefined,
    minReadySeconds: raw.spec?.minReadySeconds ?? 0,
    templateAnnotations: template.metadata?.annotations ?? {},
    containers: containersOf(template.spec),
    imageVolumes: imageVolumesOf(template.spec),
    pullSecrets: pullSecretsOf(template.spec),
    serviceAccount: template.spec?.serviceAccountName ?? 'default',
    owners: [],
    templateManagers: templateManagersOf(metadata.managedFields, kind.templatePath),
  };
}

/** Init containers first, in the order in which the kubelet starts them. */
export const containersOf = (spec: RawPodSpec | undefined): ContainerSpec[] => [
  ...(spec?.initContainers ?? []).map((one) => containerOf(one, one.restartPolicy === 'Always' ? 'sidecar' : 'init')),
  ...(spec?.containers ?? []).map((one) => containerOf(one, 'container')),
];

const containerOf = (raw: RawContainer, role: ContainerRole): ContainerSpec => ({
  name: raw.name,
  role,
  image: raw.image ?? '',
  pullPolicy: policyOf(raw.imagePullPolicy, raw.image ?? ''),
});

/** The API server has defaulted it; the rule is repeated for objects that never went through it (a ControllerRevision of old). */
function policyOf(policy: string | undefined, image: string): PullPolicy {
  if (policy === 'Always' || policy === 'IfNotPresent' || policy === 'Never') return policy;
  const named = image.split('/').at(-1) ?? '';
  return !named.includes('@') && (!named.includes(':') || named.endsWith(':latest')) ? 'Always' : 'IfNotPresent';
}

const imageVolumesOf = (spec: RawPodSpec | undefined): Workload['imageVolumes'] =>
  (spec?.volumes ?? []).flatMap(({ name, image }) => {
    const reference = image?.reference ?? '';
    return image === undefined ? [] : [{ name, reference, pullPolicy: policyOf(image.pullPolicy, reference) }];
  });

export const pullSecretsOf = (spec: RawPodSpec | undefined): string[] =>
  (spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined || name === '' ? [] : [name]));

export const conditionsOf = (raw: RawCondition[] | undefined): Condition[] =>
  (raw ?? []).map((one) => {
    const at = timeOf(one.lastTransitionTime);
    return {
      type: one.type,
      status: one.status === 'True' || one.status === 'False' ? one.status : 'Unknown',
      ...(one.reason === undefined ? {} : { reason: one.reason }),
      ...(one.message === undefined ? {} : { message: one.message }),
      ...(at === undefined ? {} : { at }),
    };
  });

export const rollingUpdateOf = (strategy: RawStrategy | undefined): UpdateStrategy => {
  const { maxSurge, maxUnavailable, partition } = strategy?.rollingUpdate ?? {};
  return {
    type: 'RollingUpdate',
    ...(maxSurge === undefined ? {} : { maxSurge: String(maxSurge) }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable: String(maxUnavailable) }),
    ...(partition === undefined ? {} : { partition }),
  };
};

export function templateRevision(
  metadata: RawMeta,
  number: number,
  hash: string,
  template: RawTemplate | undefined,
  conditions: RawCondition[] | undefined,
): Revision {
  const stamp = template?.metadata?.annotations?.[STAMP];
  return {
    name: metadata.name,
    uid: metadata.uid,
    hash,
    number,
    createdAt: timeOf(metadata.creationTimestamp) ?? 0,
    ...(stamp === undefined ? {} : { stamp }),
    images: Object.fromEntries(containersOf(template?.spec).map(({ name, image }) => [name, image])),
    conditions: conditionsOf(conditions),
  };
}

/** Who wrote the template, newest first. A manager of the status or of the scale is none of them. */
function templateManagersOf(managed: RawManaged[] | undefined, path: readonly string[]): Workload['templateManagers'] {
  return (managed ?? [])
    .filter((entry) => (entry.subresource ?? '') === '' && owns(entry.fieldsV1, path))
    .map((entry) => ({ manager: entry.manager ?? '', at: timeOf(entry.time) ?? 0 }))
    .sort((a, b) => b.at - a.at);
}

const owns = (fields: Record<string, unknown> | undefined, path: readonly string[]): boolean =>
  path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[`f:${key}`], fields) !== undefined;
