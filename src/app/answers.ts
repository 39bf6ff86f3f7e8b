import type { Failure } from '../domain/failure.ts';
import type { ContainerPlan, Plan } from '../domain/plan.ts';
import type { PolicyDecision } from '../domain/policy.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { Freeze } from './ports.ts';

/** Everything that is said to one person only. A closed union, so that `slack/render/answer.ts` has one exhaustive switch. */
export type Answer =
  | { kind: 'planning'; app: string; environment: string; id: string }
  | { kind: 'help'; text: string }
  | { kind: 'usage'; wrong: string; corrected?: string; usage?: string }
  | { kind: 'failure'; failure: Failure; id?: string; app?: string; environment?: string; containers?: ContainerPlan[]; offer?: Offer[] }
  | { kind: 'denied'; decision: PolicyDecision; id?: string; app: string; environment: string }
  | { kind: 'joined'; id: string; link?: string }
  | { kind: 'dry-run'; plan: Plan; app: string; environment: string; decision: PolicyDecision }
  | { kind: 'check'; app: string; environment: string; containers: ContainerPlan[]; warnings: string[] }
  /** `freezes`: those by hand, of what this person may see. */
  | { kind: 'status'; rows: StatusRow[]; freezes?: Freeze[] }
  /** `older`: the line that gives the next page. */
  | { kind: 'history'; records: RequestRecord[]; older?: string }
  | { kind: 'show'; record: RequestRecord }
  | { kind: 'can-i'; rows: { verb: string; app: string; environment: string; decision: PolicyDecision }[]; notes: string[] }
  | { kind: 'apps'; rows: { app: string; aliases: string[]; environments: string[] }[] }
  | { kind: 'envs'; rows: { environment: string; cluster: string; open: boolean; note: string }[] }
  | { kind: 'done'; text: string }
  /** A click that changed nothing, and why. */
  | { kind: 'click-refused'; text: string };

/** A button under a refusal: what would help, as a command that the button runs. */
export interface Offer {
  label: string;
  action: 'force' | 'schedule' | 'pin' | 'evict';
  /** Opaque: the id of the refused request. */
  id: string;
}

export interface StatusRow {
  record: RequestRecord;
  /** 1 = holds the workloads. */
  position?: number;
  holder?: string;
}
