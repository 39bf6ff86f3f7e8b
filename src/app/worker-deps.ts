import type { Policy } from '../domain/policy.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { WorkloadRef } from '../domain/workload.ts';
import type { ZonedClock } from '../domain/local-time.ts';
import type { Cluster, Intake, Queues, RequestStore, Switches } from './ports.ts';
import type { Registry } from './ports-registry.ts';
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
 * HMACs by the job key, over everything that decides what is carried out; whoever can write to Redis and has no key cannot make or change a request.
 * Intake: what Slack delivered, so that nobody is made to have clicked. Signature: the request as it was asked and decided, once and for ever. Seal:
 * plan and votes on top of it, made anew by whoever changes them: `planned` until the first write, `writing` from then on.
 */
export interface Signer {
  sign(record: Asked): string;
  isSigned(record: Asked & Pick<RequestRecord, 'signature'>): boolean;
  seal(record: Agreed, step: 'planned' | 'writing'): string;
  isSealed(record: Agreed & Pick<RequestRecord, 'seal'>, step: 'planned' | 'writing'): boolean;
  signIntake(intake: Intake, key: string): string;
  isIntakeSigned(intake: Intake, key: string, signature: string | undefined): boolean;
}

type Asked = Pick<RequestRecord, 'id' | 'ask' | 'requester' | 'team' | 'channel' | 'decision'>;
type Agreed = Asked & Pick<RequestRecord, 'approvals' | 'plan'>;

export const WORKER = 'repull:worker';
