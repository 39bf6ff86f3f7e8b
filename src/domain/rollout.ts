import type { Failure } from './failure.ts';
import type { WorkloadRef } from './workload.ts';

export type PodPhase = 'waiting' | 'pulling' | 'pulled' | 'starting' | 'ready' | 'failed';

/** One pod of the new generation (or, for evict, one replacement) as the card's bar shows it. */
export interface PodProgress {
  pod: string;
  uid: string;
  node?: string;
  phase: PodPhase;
  /** `2.1 s`, `ErrImagePull`, …: what the phase cannot say. */
  detail?: string;
}

export type Observation =
  | { phase: 'unobserved' }
  | { phase: 'updating'; updated: number; desired: number }
  | { phase: 'retiring'; old: number }
  | { phase: 'settling'; available: number; desired: number }
  | { phase: 'complete' }
  | { phase: 'stalled'; because: Failure }
  | { phase: 'superseded'; by: string }
  | { phase: 'gone' };

export interface WorkloadProgress {
  workload: WorkloadRef;
  observation: Observation;
  pods: PodProgress[];
  /** Old pods still there. */
  old: number;
  desired: number;
  /** Eviction only: budget that is in the way right now. */
  blockedBy?: string;
  /** What is in the way and may still pass, or was left behind: said while it lasts, never for the first time at the end. */
  notes?: ProgressNote[];
}

/** One sentence for the card; the thread hears it once per key. Stable while nothing changes, or every look would be news. */
export interface ProgressNote {
  key: string;
  text: string;
}

/** What the last look saw. Capped: at most 100 pods are listed per workload, the counts are always whole. */
export interface RolloutProgress {
  at: number;
  workloads: WorkloadProgress[];
}

/**
 * What a step must remember between two looks, because the cluster does not say it: how often and since when a symptom was seen.
 * Keyed by symptom (`pod uid/container/code`).
 */
export type Symptoms = Record<string, { since: number; seen: number; last: number; text: string }>;
