import type { Failure } from './failure.ts';
import type { Method } from './method.ts';
import type { RegistryAnswer } from './registry-answer.ts';
import type { ContainerRole, Owner, PullPolicy, UpdateStrategy, WorkloadRef } from './workload.ts';

/** One container of one workload, before anything is touched. */
export interface ContainerPlan {
  workload: WorkloadRef;
  container: string;
  role: ContainerRole;
  /** As written in the template now. */
  image: string;
  /** As it will be written; equal to `image` where the template keeps it. */
  imageAfter: string;
  /** Effective policy: of the running pods where there are any (admission may change it), else of the template. */
  pullPolicy: PullPolicy;
  pullPolicyAfter: PullPolicy;
  /** Digests its running pods show now, most frequent first, as normalised `sha256:…`; the recorded way back. */
  running: string[];
  registry: RegistryAnswer;
  /** True where this plan makes the container fetch; false for its neighbours that merely restart. */
  concerned: boolean;
}

/** The exact writes. A patch is a pure function of the request, so that sending it twice changes nothing the second time. */
export type Write =
  | {
      action: 'patch-template';
      workload: WorkloadRef;
      uid: string;
      /** Precondition of the first send. */
      resourceVersion: string;
      annotations: Record<string, string>;
      images: { container: string; role: ContainerRole; image: string }[];
      pullPolicies: { container: string; role: ContainerRole; pullPolicy: 'Always' }[];
    }
  | {
      action: 'evict';
      workload: WorkloadRef;
      uid: string;
      pods: { name: string; uid: string; node?: string }[];
      /** Plain delete after an eviction was refused; only where policy allows `--force-delete`. */
      forceDelete: boolean;
    };

export interface WorkloadPlan {
  workload: WorkloadRef;
  uid: string;
  method: Exclude<Method, 'auto'>;
  /** Why this method, in one sentence. */
  why: string;
  write: Write;
  replicas: number;
  pods: { name: string; uid: string; node?: string; ready: boolean }[];
  budgets: { name: string; allowed: number }[];
  /** `none` | text such as "1 of 4 pods at a time" | "all pods at once". */
  downtime: string;
  owners: Owner[];
  /** How the controller replaces pods; part of what is approved. */
  strategy?: UpdateStrategy;
}

export interface Plan {
  /** SHA-256 (hex, first 16) over everything that matters; an approval is for this hash. Computed by the caller from `planFingerprint`. */
  hash: string;
  cluster: string;
  /** Of the snapshot, API server's clock. */
  at: number;
  workloads: WorkloadPlan[];
  containers: ContainerPlan[];
  warnings: string[];
}

/** A plan we would not make, with a remedy. */
export interface Refusal {
  refused: Failure;
  /** What was seen, for the answer: per container running and registry digest. */
  containers: ContainerPlan[];
}
