import type { Policy } from '../domain/policy.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { WorkloadRef } from '../domain/workload.ts';
import type { ZonedClock } from '../domain/local-time.ts';
import type { Cluster, Queues, Registry, RequestStore, Switches } from './ports.ts';
import type { Inquiries } from './ports-slack.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What every worker-side use case stands on. */
export interface WorkerDeps {
  cluster: Cluster;
  registry: Registry;
  store: RequestStore;
  switches: Switches;
  inquiries: Inquiries;
  queues: Queues;
  policy: () => Policy;
  zoned: ZonedClock;
  /** Keeps one watch per running request; a change brings the next look forward. */
  watching: { begin(id: string, refs: WorkloadRef[]): void; end(id: string): void };
  /** Job key set: signs and verifies what may be carried out. Left out: nothing is signed or checked. */
  signer?: Signer;
  newId: (now: number) => string;
  log: Log;
}

/**
 * HMAC over (id, what was asked, the decision, plan hash). The bot signs at intake with an empty hash, and again over the approved plan's hash
 * when the last vote is in; so a record written or edited by anybody else is not carried out.
 */
export interface Signer {
  sign(record: Pick<RequestRecord, 'id' | 'ask' | 'decision'>, planHash: string): string;
  verify(record: RequestRecord, planHash: string): boolean;
}

export const WORKER = 'repull:worker';
