import type { ArgoFacts } from './argo-facts.ts';

/** What the worker saw in the cluster, in our words: plain values, no SDK types. Times are milliseconds of the API server's clock. */

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'CronJob', 'Job', 'Pod', 'Rollout'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export interface WorkloadRef {
  kind: WorkloadKind;
  namespace: string;
  name: string;
}

/** `deployment/shop/my-app`: the name of a workload in locks, logs and cards. */
export const workloadKey = (ref: WorkloadRef): string => `${ref.kind.toLowerCase()}/${ref.namespace}/${ref.name}`;
export const sameWorkload = (a: WorkloadRef, b: WorkloadRef): boolean => workloadKey(a) === workloadKey(b);

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';
export type ContainerRole = 'container' | 'init' | 'sidecar';

export interface ContainerSpec {
  name: string;
  role: ContainerRole;
  image: string;
  /** As the API server stored it; the default has been applied there. */
  pullPolicy: PullPolicy;
}

/** Who else writes this object: a controller owner, a GitOps tool, Helm, an operator, an autoscaler. */
export interface Owner {
  by: 'argo-cd' | 'flux' | 'helm' | 'operator' | 'hpa' | 'vpa' | 'kruise' | 'controller';
  /** Application, release or object name, as far as it is known. */
  name?: string;
  /** Where it was seen: label, annotation, owner reference, or field manager. */
  evidence: string;
}

export type UpdateStrategy =
  | { type: 'RollingUpdate'; maxSurge?: string; maxUnavailable?: string; partition?: number }
  | { type: 'Recreate' }
  | { type: 'OnDelete' }
  /** CronJob: a change of its template is for its next run. */
  | { type: 'NextRun' };

/** When a CronJob runs next, in the API server's words and as a time (milliseconds); undefined where the words cannot be read. */
export interface Schedule {
  cron: string;
  timeZone?: string;
  suspended: boolean;
  nextAt?: number;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  at?: number;
}

export interface Workload extends WorkloadRef {
  uid: string;
  resourceVersion: string;
  generation: number;
  observedGeneration: number;
  paused: boolean;
  deleting: boolean;
  /** Desired pods: `spec.replicas`; for a DaemonSet `status.desiredNumberScheduled`. */
  replicas: number;
  strategy: UpdateStrategy;
  podManagement?: 'OrderedReady' | 'Parallel';
  minReadySeconds: number;
  /** CronJob only. */
  schedule?: Schedule;
  /** Rollout only. */
  argo?: ArgoFacts;
  progressDeadlineSeconds?: number;
  templateAnnotations: Record<string, string>;
  containers: ContainerSpec[];
  /** Image volumes: nothing in the status shows what they hold, so a verdict on them is `unverifiable`. */
  imageVolumes: { name: string; reference: string; pullPolicy: PullPolicy }[];
  pullSecrets: string[];
  serviceAccount: string;
  status: {
    replicas: number;
    updated: number;
    ready: number;
    available: number;
    currentRevision?: string;
    updateRevision?: string;
    conditions: Condition[];
  };
  owners: Owner[];
  /** Field managers that wrote the template, newest first; names who reverted or superseded a change. */
  templateManagers: { manager: string; at: number }[];
}

export type ContainerState =
  | { is: 'waiting'; reason?: string; message?: string }
  | { is: 'running'; startedAt: number }
  | { is: 'terminated'; exitCode: number; reason?: string; message?: string; finishedAt?: number };

export interface PodContainer {
  name: string;
  role: ContainerRole;
  image: string;
  /** Of the pod, not of the template: admission (AlwaysPullImages) may have changed it. */
  pullPolicy: PullPolicy;
  /** `status.imageID`, untouched; empty until the image is there. */
  imageId?: string;
  containerId?: string;
  ready: boolean;
  restartCount: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface Pod {
  namespace: string;
  name: string;
  uid: string;
  node?: string;
  createdAt: number;
  deleting: boolean;
  /** When its grace period ends; only where it is deleting. */
  dueAt?: number;
  /** Whatever keeps a deleted pod in the API until somebody takes it off. */
  finalizers?: string[];
  mirror: boolean;
  phase: string;
  /** Why the whole pod is in that phase: `Evicted`, with the kubelet's words. */
  reason?: string;
  message?: string;
  ready: boolean;
  /** When the Ready condition last changed. */
  readySince?: number;
  /** `pod-template-hash` or `controller-revision-hash`. */
  revision?: string;
  /** StatefulSet ordinal. */
  ordinal?: number;
  ownerUid?: string;
  conditions: Condition[];
  containers: PodContainer[];
}

/** A ReplicaSet or ControllerRevision of a workload. */
export interface Revision {
  name: string;
  uid: string;
  /** The label value that its pods carry. */
  hash: string;
  number: number;
  createdAt: number;
  /** `repull.dev/request` on its template, if any. */
  stamp?: string;
  images: Record<string, string>;
  conditions: Condition[];
}

export interface Budget {
  name: string;
  allowed: number;
  currentHealthy: number;
  desiredHealthy: number;
  expectedPods: number;
  /** Pod names it selects, of this workload. */
  pods: string[];
}

export interface Autoscaler {
  name: string;
  min: number;
  max: number;
}

/** A core/v1 Event about a pod or about the workload and its revisions, untouched but for its clock. */
export interface ClusterEvent {
  uid: string;
  /** `count`, or `series.count`; an exact repeat raises it on the same uid. */
  count: number;
  objectKind: string;
  objectUid: string;
  objectName: string;
  /** `spec.containers{NAME}` gives `NAME`. */
  container?: string;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  at: number;
  source: string;
}

export interface NodeFacts {
  name: string;
  os: string;
  architecture: string;
  ready: boolean;
  /** Where it is not ready: since when, and in whose words. */
  since?: number;
  why?: string;
  /** What its kubelet says it is short of: `disk`, `memory`, `processes`. It takes no new pods then, and throws some out. */
  short?: string[];
  unschedulable: boolean;
}

export interface WorkloadView {
  workload: Workload;
  pods: Pod[];
  /** Newest first. */
  revisions: Revision[];
  budgets: Budget[];
  autoscaler?: Autoscaler;
  events: ClusterEvent[];
}

export interface Snapshot {
  cluster: string;
  /** The API server's own `Date`, milliseconds. */
  at: number;
  workloads: WorkloadView[];
  nodes: NodeFacts[];
  /** Nodes that pods name and the cluster no longer has. */
  lostNodes?: string[];
}

/** The annotation that every write of ours carries, on the template or on the object; its value is the request id. */
export const STAMP = 'repull.dev/request';
/** kubectl's own restart annotation: other tools read it, so a restart of ours sets it too. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
