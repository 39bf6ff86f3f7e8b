import type { Cluster, EvictResult, Seen, WriteResult } from '../app/ports.ts';
import type { RegistryCredential } from '../app/ports-registry.ts';
import type { Failure } from '../domain/failure.ts';
import type { Write } from '../domain/plan.ts';
import type { Snapshot, Workload, WorkloadRef } from '../domain/workload.ts';
import { KubeApi, type KubeApiOptions } from './client.ts';
import { readCredentials } from './credentials.ts';
import { deletePod, evictPod } from './evict.ts';
import { findWorkloads, type Sought } from './find.ts';
import type { Kind } from './kinds/kind.ts';
import { lastLogs } from './logs.ts';
import { NodeReader } from './nodes.ts';
import { PlannedTemplates } from './planned.ts';
import type { RawWorkload } from './raw.ts';
import { readSnapshot } from './read-snapshot.ts';
import { readWorkload } from './read-workload.ts';
import type { ReflectorTimes } from './reflector.ts';
import { runJob } from './run-job.ts';
import { WatchHub } from './watch.ts';
import { patchTemplate } from './writes.ts';

export interface ClusterOptions extends KubeApiOptions {
  /** As in the policy file and `--cluster`. */
  name: string;
  /** For tests of outages. */
  watchTimes?: ReflectorTimes;
  /** Told once for each right that a watch lacks: it names the verb, the resource and the line of the Role. */
  onForbidden?: (failure: Failure) => void;
}

const READY_MS = 3000;

/** The port `Cluster` over the Kubernetes API. */
export class KubeCluster implements Cluster {
  readonly name: string;
  readonly #api: KubeApi;
  readonly #planned = new PlannedTemplates();
  readonly #nodes: NodeReader;
  readonly #hub: WatchHub;

  constructor(options: ClusterOptions) {
    this.name = options.name;
    this.#api = new KubeApi(options);
    this.#nodes = new NodeReader(this.#api);
    this.#hub = new WatchHub(this.#api, options.watchTimes, options.onForbidden);
  }

  async find(sought: Sought): Promise<Seen<WorkloadRef[]>> {
    return await findWorkloads(this.#api, sought);
  }

  async snapshot(refs: WorkloadRef[]): Promise<Seen<Snapshot>> {
    const remember = (kind: Kind, raw: RawWorkload) => {
      this.#planned.remember(kind, raw);
      this.#hub.remember({ kind: kind.kind, namespace: raw.metadata.namespace ?? '', name: raw.metadata.name }, raw);
    };
    return await readSnapshot({ cluster: this.name, api: this.#api, nodes: this.#nodes, remember }, refs);
  }

  async workload(ref: WorkloadRef): Promise<Seen<Workload>> {
    return await readWorkload(this.#api, ref);
  }

  async credentials(ref: WorkloadRef): Promise<RegistryCredential[]> {
    return await readCredentials(this.#api, ref);
  }

  async patch(write: Extract<Write, { action: 'patch-template' | 'restart-at' }>, request: string): Promise<WriteResult> {
    return await patchTemplate(this.#api, this.#planned, write, request);
  }

  async runJob(write: Extract<Write, { action: 'run-job' }>, request: string): Promise<WriteResult> {
    return await runJob(this.#api, write, request);
  }

  async evict(pod: { namespace: string; name: string; uid: string }, options: { forceDelete: boolean }): Promise<EvictResult> {
    return await evictPod(this.#api, pod, options);
  }

  async deletePod(pod: { namespace: string; name: string; uid: string }): Promise<WriteResult> {
    return await deletePod(this.#api, pod);
  }

  async lastLogs(pod: { namespace: string; name: string }, container: string): Promise<string[] | undefined> {
    return await lastLogs(this.#api, pod, container);
  }

  watch(refs: WorkloadRef[], wake: () => void): () => void {
    return this.#hub.watch(refs, wake);
  }

  async ready(): Promise<boolean> {
    return await this.#api.text({ method: 'GET', path: '/readyz', timeoutMs: READY_MS }).then(
      () => true,
      () => false,
    );
  }

  /** Ends every watch and cuts every connection. */
  async close(): Promise<void> {
    this.#hub.close();
    await this.#api.close();
  }
}

/** Throws where the kubeconfig cannot be read; an API server that is away is no reason to. */
export const connectCluster = (options: ClusterOptions): KubeCluster => new KubeCluster(options);
