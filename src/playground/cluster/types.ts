/** The public face of the simulated cluster and registry: what tests, the playground and its page may rely on. */

import type { RequestLog, SimulatedRegistry } from './registry-types.ts';

export type {
  RequestLog,
  RegistryAuth,
  StartRegistryOptions,
  PushOptions,
  Pushed,
  RegistryTag,
  SimulatedRegistry,
  RegistryFaults,
  RegistryRequest,
} from './registry-types.ts';

/** Any Kubernetes object, as JSON. Timestamps are RFC 3339 text with seconds, as the API server writes them. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  generateName?: string;
  managedFields?: ManagedFieldsEntry[];
}

interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Update' | 'Apply';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}

/** One right, like a rule of a Role; without `namespaces` it holds in every namespace, like a ClusterRole bound cluster-wide. */
export interface RbacRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
  namespaces?: string[];
}

export interface StartClusterOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Default: node-1 and node-2. */
  nodes?: string[];
  /**
   * 1 = about as slow as a real cluster; 0.1 = ten times as fast. It scales every duration of the cluster: starts, pulls, back-offs,
   * probes, grace periods, minReadySeconds, progress deadlines. Timestamps stay real.
   */
  timeScale?: number;
  /** Only so that `faults.registryDown()` and the page know it; kubelets ask whatever loopback host an image reference names. */
  registry?: SimulatedRegistry;
}

export interface SimulatedCluster {
  /** https://127.0.0.1:PORT */
  readonly server: string;
  /** PEM of the CA that signed the server's certificate. */
  readonly ca: string;
  readonly adminToken: string;
  readonly registry: SimulatedRegistry | undefined;
  /** YAML for @kubernetes/client-node and kubectl; with the administrator's token unless another is given. */
  kubeconfig(token?: string): string;
  /** A token of `system:serviceaccount:default:NAME` that may do what the rules say (added to its Roles, if any) and nothing else. */
  tokenFor(name: string, rules: RbacRule[]): string;
  /** Creates the object, or merges it into the one that is there (like `kubectl apply`); creates the namespace when it is missing. */
  apply(manifest: object): Promise<KubeObject>;
  /** `kind` is a kind (`Deployment`) or a plural (`deployments`); for cluster-wide kinds the namespace is ignored. */
  get(kind: string, namespace: string, name: string): KubeObject | undefined;
  list(kind: string, namespace?: string, labels?: Record<string, string>): KubeObject[];
  /** Like `kubectl delete` in the background: dependents follow. Unknown names throw. */
  delete(kind: string, namespace: string, name: string): Promise<void>;
  /** Resolves as soon as the predicate holds for the object (undefined while it does not exist); rejects after `timeoutMs` (10 000). */
  until(
    kind: string,
    namespace: string,
    name: string,
    predicate: (object: KubeObject | undefined) => boolean,
    timeoutMs?: number,
  ): Promise<KubeObject | undefined>;
  nodes(): string[];
  /** What the container runtime of that node holds. */
  images(node: string): CachedImage[];
  readonly faults: ClusterFaults;
  /** Called after every change of any object, in order. Returns the function that stops it. */
  onChange(listener: (change: ClusterChange) => void): () => void;
  /** Every API request since the start or the last `requests.clear()`, oldest first. */
  readonly requests: RequestLog<ApiRequest>;
  close(): Promise<void>;
}

export interface ClusterChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Plural, e.g. `pods`. */
  resource: string;
  object: KubeObject;
}

export interface CachedImage {
  /** Digest of the image's configuration: the image's own identity. */
  id: string;
  /** `repo:tag` names, sorted. */
  tags: string[];
  /** `repo@sha256:…` names, sorted. The first one is what pods show as imageID. */
  digests: string[];
  /** Compressed bytes. */
  size: number;
}

/** Which requests a fault concerns. Absent = any. */
export interface RequestMatch {
  /** Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection. */
  verb?: string;
  /** Plural, with `/subresource` where there is one: `pods`, `pods/eviction`. */
  resource?: string;
  namespace?: string;
  name?: string;
  /** Tested against path and query. */
  path?: RegExp;
}

export interface FaultAnswer {
  /** e.g. 429, 500, 410 */
  status: number;
  reason?: string;
  message?: string;
  /** Seconds, sent as the Retry-After header and details.retryAfterSeconds. */
  retryAfter?: number;
}

/** `times` defaults to 1; Infinity lasts until `clear()`. Every function returns one that takes the fault away again. */
export interface ClusterFaults {
  /** Answers without doing anything. */
  answer(match: RequestMatch, answer: FaultAnswer, times?: number): () => void;
  /** Does what was asked, then cuts the connection instead of answering. */
  loseReply(match: RequestMatch, times?: number): () => void;
  /** RST before anything is done. */
  reset(match: RequestMatch, times?: number): () => void;
  /** Waits (real milliseconds) before doing anything. */
  delay(match: RequestMatch, milliseconds: number, times?: number): () => void;
  /** New matching watches answer 200 with an empty body and end at once: what some API servers do to Events watches with a stale resourceVersion. */
  emptyWatch(match: RequestMatch, times?: number): () => void;
  /** Ends the watches that are open now; returns how many. `mid-line` ends after half a JSON line, `expired` sends an ERROR event 410 first. */
  endWatches(match: RequestMatch, how: 'clean' | 'mid-line' | 'reset' | 'expired'): number;
  /** Forgets the history up to now: watches and continue tokens from before get 410. */
  compact(): void;
  /**
   * The clock that every answer shows (its Date header) is so many milliseconds further from now on, so that what takes minutes is seen at once.
   * Objects keep real times.
   */
  skipTime(milliseconds: number): void;
  /** Connections are cut and refused; controllers stand still, kubelets go on. */
  apiAway(): Promise<void>;
  apiBack(): Promise<void>;
  /** The node's containers go on, but nobody reports or starts or stops any. After the grace time the node is NotReady, and pods that do not bear that are marked for deletion. */
  stopKubelet(node: string): void;
  startKubelet(node: string): void;
  /** Needs the option `registry`. */
  registryDown(): Promise<void>;
  registryUp(): Promise<void>;
  /** Takes away every fault but a stopped kubelet, an absent API and an absent registry. */
  clear(): void;
}

export interface ApiRequest {
  /** Milliseconds since the epoch. */
  at: number;
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  verb: string;
  /** As in RequestMatch; empty for non-resource paths. */
  resource: string;
  namespace: string;
  name: string;
  user: string;
  userAgent: string;
  fieldManager: string;
  contentType: string;
  /** Parsed JSON of the request body, if it had any. */
  body: unknown;
  /** 0 until answered; stays 0 when the connection was cut instead. */
  status: number;
}
