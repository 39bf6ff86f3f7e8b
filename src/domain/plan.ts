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
  /** Of those that are no digest of the image's own repository: the repository that the runtime names, or `config` (see way-back.ts). */
  shownAs?: Record<string, string>;
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
      /** `Always` for the method of that name; a rollback puts back what was there before. */
      pullPolicies: { container: string; role: ContainerRole; pullPolicy: PullPolicy }[];
    }
  | {
      action: 'evict';
      workload: WorkloadRef;
      uid: string;
      pods: { name: string; uid: string; node?: string }[];
      /** Plain delete after an eviction was refused; only where policy allows `--force-delete`. */
      forceDelete: boolean;
    }
  | {
      /** A CronJob's Job, now; its name is the footprint. */
      action: 'run-job';
      workload: WorkloadRef;
      uid: string;
      job: string;
    }
  | {
      /** An Argo Rollout's own restart: its controller evicts the pods that are older than this time. */
      action: 'restart-at';
      workload: WorkloadRef;
      uid: string;
      resourceVersion: string;
      annotations: Record<string, string>;
      /** RFC 3339, UTC, whole seconds. */
      at: string;
    };

export interface WorkloadPlan {
  workload: WorkloadRef;
  uid: string;
  method: Exclude<Method, 'auto'>;
  /** Why this method, in one sentence. */
  why: string;
  write: Write;
  /** What is written once the first write is in the cluster: pods that no controller replaces, or a CronJob's Job. */
  second?: Write;
  replicas: number;
  pods: { name: string; uid: string; node?: string; ready: boolean }[];
  budgets: { name: string; allowed: number }[];
  /** `none` | text such as "1 of 4 pods at a time" | "all pods at once". */
  downtime: string;
  owners: Owner[];
  /** How the controller replaces pods; part of what is approved. */
  strategy?: UpdateStrategy;
  /** Image volumes come back with the pods; nothing shows what they hold. */
  imageVolumes?: { name: string; reference: string }[];
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

export type Evict = Extract<Write, { action: 'evict' }>;
export type PatchTemplate = Extract<Write, { action: 'patch-template' }>;
export type RunJob = Extract<Write, { action: 'run-job' }>;
export type RestartAt = Extract<Write, { action: 'restart-at' }>;

/** Pods that repull itself asks to go; undefined where a controller replaces them. */
export const evictionOf = ({ write, second }: Pick<WorkloadPlan, 'write' | 'second'>): Evict | undefined =>
  write.action === 'evict' ? write : second?.action === 'evict' ? second : undefined;

/** The Job that repull itself starts. */
export const jobOf = ({ write, second }: Pick<WorkloadPlan, 'write' | 'second'>): RunJob | undefined =>
  write.action === 'run-job' ? write : second?.action === 'run-job' ? second : undefined;
