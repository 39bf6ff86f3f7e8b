import type { Move, NewRequest, RecordPatch } from '../app/ports.ts';
import { holdsPlace, isTerminal, legalPairs, STATUSES } from '../domain/lifecycle.ts';
import type { Status } from '../domain/lifecycle.ts';
import type { State } from '../domain/request.ts';
import { indexes, placeOfApp } from './keys.ts';

/** How long things are kept, milliseconds. */
export interface Retention {
  /** A request after its last word: it is the way back of a rollback, and what `history` shows. */
  recordMs: number;
  /** Which actions it has seen, after its last word: longer than Slack, BullMQ or a person repeats one. */
  actionsMs: number;
  /** The audit stream outlives the records it speaks of. */
  auditMs: number;
}

const DAY = 24 * 60 * 60 * 1000;
export const RETENTION: Retention = { recordMs: 90 * DAY, actionsMs: 8 * DAY, auditMs: 400 * DAY };

/** The audit stream is kept at least as long as the requests that it speaks of. */
export const retentionOf = (days: number): Retention => ({
  ...RETENTION,
  recordMs: days * DAY,
  auditMs: Math.max(RETENTION.auditMs, days * DAY),
});

/** What `transition.lua` is told. Strings, booleans, lists of strings and milliseconds only; field values are finished JSON. */
interface Order {
  op: 'create' | 'move';
  id: string;
  actionId: string;
  actor: string;
  because?: string;
  pairs: string[];
  holding: Status[];
  status?: Status;
  /** name, JSON, name, JSON, … */
  fields: string[];
  remove: string[];
  milestones: string[];
  lines: string[];
  claim?: string;
  mustBeFirst?: boolean;
  version?: number;
  statuses?: readonly Status[];
  notAfter?: number;
  notBefore?: number;
  afterEnd: boolean;
  quiet: boolean;
  /** Was the cluster changed by the time it ended: said by the state, or by `writing` being set. */
  changed: 'yes' | 'no' | 'writing';
  cluster?: string;
  place?: string;
  indexes?: string[];
  retentionMs: number;
  actionsMs: number;
  auditMs: number;
}

/** An action that names neither itself nor its actor could neither be repeated nor audited. */
function named(id: string, actionId: string, actor: string): void {
  for (const [what, value] of Object.entries({ id, actionId, actor })) {
    if (value === '') throw new Error(`a transition needs a non-empty ${what}`);
  }
}

const TABLE = { pairs: legalPairs(), holding: STATUSES.filter(holdsPlace) };

function changedBy(state: State | undefined): Order['changed'] {
  if (state === undefined || !isTerminal(state.status)) return 'no';
  if (state.status === 'cancelled' || state.status === 'failed') return state.changed ? 'yes' : 'no';
  return 'writing';
}

export function creation(request: NewRequest, actionId: string, retention: Retention): Order {
  const { state, ...asked } = request;
  named(request.id, actionId, request.requester);
  const fields = { ...asked, state, approvals: [], decisions: [], followers: [] };
  const { app, environment, cluster } = request.ask;
  return {
    op: 'create',
    id: request.id,
    actionId,
    actor: request.requester,
    ...TABLE,
    status: state.status,
    fields: Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, JSON.stringify(value)])),
    remove: [],
    milestones: [],
    lines: [],
    afterEnd: false,
    quiet: false,
    changed: 'no',
    cluster,
    place: placeOfApp(app, environment),
    indexes: [indexes.time, indexes.app(app), indexes.place(app, environment), indexes.requester(request.requester)],
    retentionMs: retention.recordMs,
    actionsMs: retention.actionsMs,
    auditMs: retention.auditMs,
  };
}

/** What may still be written once a request has ended: who undid it and who wants to know. Milestones too. */
const AFTER_END: readonly string[] = ['rolledBackBy', 'followers'] satisfies (keyof RecordPatch)[];
/** Looks repeat every two seconds; without this the audit would hold little else. */
const UNREMARKABLE: readonly string[] = ['progress'] satisfies (keyof RecordPatch)[];

export function movement(move: Move, retention: Retention): Order {
  named(move.id, move.actionId, move.actor);
  const patch = Object.entries(move.patch ?? {});
  const touched = patch.map(([name]) => name);
  const milestones = (move.milestones ?? []).map((milestone) => JSON.stringify(milestone));
  const written = patch.filter(([, value]) => value !== undefined);
  const fields = written.flatMap(([name, value]) => [name, JSON.stringify(value)]);
  if (move.to !== undefined) fields.push('state', JSON.stringify(move.to));
  return {
    op: 'move',
    id: move.id,
    actionId: move.actionId,
    actor: move.actor,
    ...(move.because === undefined ? {} : { because: move.because }),
    ...TABLE,
    ...(move.to === undefined ? {} : { status: move.to.status }),
    fields,
    remove: patch.filter(([, value]) => value === undefined).map(([name]) => name),
    milestones,
    lines: move.lines ?? [],
    ...(move.claim === undefined ? {} : { claim: move.claim }),
    ...(move.mustBeFirst === undefined ? {} : { mustBeFirst: move.mustBeFirst }),
    ...('version' in move.from ? { version: move.from.version } : { statuses: move.from.statuses }),
    ...(move.notAfter === undefined ? {} : { notAfter: move.notAfter }),
    ...(move.notBefore === undefined ? {} : { notBefore: move.notBefore }),
    afterEnd: touched.every((name) => AFTER_END.includes(name)),
    quiet:
      move.to === undefined &&
      milestones.length === 0 &&
      move.because === undefined &&
      touched.every((name) => UNREMARKABLE.includes(name)),
    changed: changedBy(move.to),
    retentionMs: retention.recordMs,
    actionsMs: retention.actionsMs,
    auditMs: retention.auditMs,
  };
}
