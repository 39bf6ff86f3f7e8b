/**
 * The JSON of the API server, as far as repull reads it. Our own types over raw JSON, because client-node's typed reads drop fields
 * that are newer than its model. Everything is optional: a field that is missing is missing, never an exception.
 */

export interface RawMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp?: string;
  /** The time of the request plus the grace period. */
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: RawOwner[];
  managedFields?: RawManaged[];
}

interface RawOwner {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
}

export interface RawManaged {
  manager?: string;
  operation?: string;
  time?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

export interface RawCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
}

export interface RawContainer {
  name: string;
  image?: string;
  imagePullPolicy?: string;
  /** `Always` on an init container makes it a sidecar (KEP-753). */
  restartPolicy?: string;
}

export interface RawPodSpec {
  nodeName?: string;
  containers?: RawContainer[];
  initContainers?: RawContainer[];
  imagePullSecrets?: { name?: string }[];
  serviceAccountName?: string;
  volumes?: { name: string; image?: { reference?: string; pullPolicy?: string } }[];
}

export interface RawTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: RawPodSpec;
}

export interface RawSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface RawWorkload {
  apiVersion?: string;
  kind?: string;
  metadata: RawMeta;
  spec?: {
    replicas?: number;
    paused?: boolean;
    minReadySeconds?: number;
    progressDeadlineSeconds?: number;
    podManagementPolicy?: string;
    selector?: RawSelector;
    strategy?: RawStrategy;
    updateStrategy?: RawStrategy;
    template?: RawTemplate;
    /** CronJob. */
    schedule?: string;
    timeZone?: string;
    suspend?: boolean;
    jobTemplate?: { spec?: { template?: RawTemplate } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    desiredNumberScheduled?: number;
    currentNumberScheduled?: number;
    updatedNumberScheduled?: number;
    numberReady?: number;
    numberAvailable?: number;
    conditions?: RawCondition[];
  };
}

export interface RawStrategy {
  type?: string;
  rollingUpdate?: { maxSurge?: string | number; maxUnavailable?: string | number; partition?: number };
}

export interface RawState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode?: number; reason?: string; message?: string; finishedAt?: string };
}

export interface RawContainerStatus {
  name: string;
  imageID?: string;
  containerID?: string;
  ready?: boolean;
  restartCount?: number;
  state?: RawState;
  lastState?: RawState;
}

export interface RawPod {
  metadata: RawMeta;
  spec?: RawPodSpec;
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: RawCondition[];
    containerStatuses?: RawContainerStatus[];
    initContainerStatuses?: RawContainerStatus[];
  };
}

export interface RawReplicaSet {
  metadata: RawMeta;
  spec?: { template?: RawTemplate };
  status?: { conditions?: RawCondition[] };
}

export interface RawControllerRevision {
  metadata: RawMeta;
  revision?: number;
  /** A strategic merge patch that carries the template. */
  data?: { spec?: { template?: RawTemplate } };
}

export interface RawJob {
  metadata: RawMeta;
  spec?: { template?: RawTemplate };
  status?: { active?: number; succeeded?: number; failed?: number; completionTime?: string; conditions?: RawCondition[] };
}

export interface RawBudget {
  metadata: RawMeta;
  spec?: { selector?: RawSelector };
  status?: { disruptionsAllowed?: number; currentHealthy?: number; desiredHealthy?: number; expectedPods?: number };
}

export interface RawAutoscaler {
  metadata: RawMeta;
  spec?: { scaleTargetRef?: { kind?: string; name?: string }; minReplicas?: number; maxReplicas?: number };
}

export interface RawEvent {
  metadata: RawMeta;
  involvedObject?: { kind?: string; name?: string; namespace?: string; uid?: string; fieldPath?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string } | null;
  source?: { component?: string };
  reportingComponent?: string;
}

export interface RawNode {
  metadata: RawMeta;
  spec?: { unschedulable?: boolean };
  status?: { nodeInfo?: { operatingSystem?: string; architecture?: string }; conditions?: RawCondition[] };
}

export interface RawSecret {
  metadata: RawMeta;
  type?: string;
  data?: Record<string, string>;
}

/** `metav1.Status`, the body of every error. */
export interface RawStatus {
  kind?: string;
  code?: number;
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}
