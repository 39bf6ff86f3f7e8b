import type { Failure } from '../../../src/domain/failure.ts';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import type { Right } from '../../../src/kube/required-rights.ts';
import type { ReflectorTimes } from '../../../src/kube/reflector.ts';

/** A cluster with a namespace of its own, as the contract needs it: simulated or real. */
export interface KubeSubject {
  namespace: string;
  /** HOST:PORT/PATH under which `push` puts images. */
  repository: string;
  push(tag: string, options?: { index?: boolean; crash?: boolean }): Promise<{ ref: string; digest: string }>;
  /** `kubectl apply` into the namespace. */
  apply(manifest: object): Promise<void>;
  /** A strategic merge patch by somebody else than repull; the manifest needs kind, name and what changes. */
  patch(manifest: { kind: string; metadata: { name: string }; spec: object }): Promise<void>;
  /** `kubectl delete`, waiting until it is gone. */
  remove(kind: string, name: string): Promise<void>;
  /** As administrator, or with the token. */
  connect(options?: { token?: string; watchTimes?: ReflectorTimes; onForbidden?: (failure: Failure) => void }): KubeCluster;
  /** A token of a service account with exactly these rights in the namespace (and cluster-wide where their scope says so). */
  tokenWith(name: string, rights: readonly Right[]): Promise<string>;
  /** Deletes every workload, budget and autoscaler of the namespace, without waiting. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

interface ContainerOptions {
  image: string;
  name?: string;
  policy?: 'Always' | 'IfNotPresent' | 'Never';
}
export interface WorkloadOptions extends ContainerOptions {
  replicas?: number;
  labels?: Record<string, string>;
  init?: (ContainerOptions & { sidecar?: boolean })[];
  pullSecrets?: string[];
  serviceAccount?: string;
}

const container = ({ image, name = 'app', policy = 'IfNotPresent' }: ContainerOptions) => ({ name, image, imagePullPolicy: policy });

const template = (name: string, options: WorkloadOptions) => ({
  metadata: { labels: { run: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    ...(options.serviceAccount === undefined ? {} : { serviceAccountName: options.serviceAccount }),
    ...(options.pullSecrets === undefined ? {} : { imagePullSecrets: options.pullSecrets.map((secret) => ({ name: secret })) }),
    ...(options.init === undefined
      ? {}
      : { initContainers: options.init.map((one) => ({ ...container(one), ...(one.sidecar ? { restartPolicy: 'Always' } : {}) })) }),
    containers: [container(options)],
  },
});

const workload = (kind: string, name: string, options: WorkloadOptions, spec: object) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, ...(options.labels === undefined ? {} : { labels: options.labels }) },
  spec: { selector: { matchLabels: { run: name } }, template: template(name, options), ...spec },
});

export const aDeployment = (name: string, options: WorkloadOptions) =>
  workload('Deployment', name, options, { replicas: options.replicas ?? 1 });
export const aStatefulSet = (name: string, options: WorkloadOptions) =>
  workload('StatefulSet', name, options, { replicas: options.replicas ?? 1, serviceName: name });
export const aDaemonSet = (name: string, options: WorkloadOptions) => workload('DaemonSet', name, options, {});

export const aBudget = (name: string, run: string, minAvailable: number) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name },
  spec: { minAvailable, selector: { matchLabels: { run } } },
});
