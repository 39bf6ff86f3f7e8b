import assert from 'node:assert/strict';
import type fc from 'fast-check';
import type { MoveResult } from '../../../src/app/ports.ts';
import { holdsPlace, isLegal, isTerminal } from '../../../src/domain/lifecycle.ts';
import type { Status } from '../../../src/domain/lifecycle.ts';
import type { RedisRequestStore } from '../../../src/store/redis-store.ts';
import { aState } from '../../support/moves.ts';
import { aRequest } from '../../support/requests.ts';

/** A second, slow and simple idea of the transition script, against which the real one is held. */
export type Command = fc.AsyncCommand<Model, RedisRequestStore>;

export const WORKLOADS = ['a', 'b', 'c'];
export const CLAIMS = ['x', 'y'];

/** What we believe of one request; nothing of it is read from Redis. */
export interface Believed {
  id: string;
  status: Status;
  version: number;
  lines: string[];
  claim?: string;
  milestones: number;
  audited: number;
}

export interface Model {
  requests: Believed[];
  /** Ids in the order in which they entered `queued`; the head of a line is the first of them that stands in it. */
  order: string[];
  actions: number;
  moved: number;
  last?: { request: number; actionId: string; result: MoveResult; move: Parameters<RedisRequestStore['transition']>[0] };
}

export const find = (model: Model, id: string): Believed => model.requests.find((one) => one.id === id) as Believed;
const headOf = (model: Model, line: string): string | undefined => model.order.find((id) => find(model, id).lines.includes(line));
const isFirst = (model: Model, one: Believed): boolean => one.lines.every((line) => headOf(model, line) === one.id);

/** One more request. */
export class Create implements Command {
  check = (model: Model): boolean => model.requests.length < 8;
  async run(model: Model, real: RedisRequestStore): Promise<void> {
    const record = await real.create(aRequest(), `create-${model.actions++}`);
    model.requests.push({ id: record.id, status: 'planning', version: 1, lines: [], milestones: 0, audited: 1 });
    assert.deepEqual([record.version, record.state], [1, { status: 'planning' }]);
  }
  toString = (): string => 'create';
}

/** Any move, legal or not, with the present version or a stale one; what must come of it is worked out beside Redis. */
export class MoveTo implements Command {
  readonly pick: number;
  readonly to: Status;
  readonly lines: string[];
  readonly stale: boolean;
  readonly claim: string | undefined;
  constructor(pick: number, to: Status, lines: string[], stale: boolean, claim: string | undefined) {
    this.pick = pick;
    this.to = to;
    this.lines = lines;
    this.stale = stale;
    this.claim = claim;
  }
  check = (model: Model): boolean => model.requests.length > 0;
  toString = (): string => `move ${this.pick} to ${this.to} lines ${this.lines.join()} claim ${this.claim}${this.stale ? ' (stale)' : ''}`;

  async run(model: Model, real: RedisRequestStore): Promise<void> {
    const request = this.pick % model.requests.length;
    const one = model.requests[request] as Believed;
    const before = { ...one };
    const actionId = `move-${model.actions++}`;
    const move = {
      id: one.id,
      from: { version: this.stale ? one.version - 1 : one.version },
      to: aState(this.to),
      lines: this.lines,
      milestones: [{ kind: 'notice' as const, text: `to ${this.to}` }],
      actor: 'model',
      actionId,
      ...(this.claim === undefined ? {} : { claim: this.claim }),
    };
    const result = await real.transition(move);
    model.last = { request, actionId, result, move };

    const holder = this.claim === undefined ? undefined : model.requests.find((other) => other.claim === this.claim && other.id !== one.id);
    const starts = this.to === 'rolling-out' && one.status !== 'rolling-out';
    const refusal = this.stale
      ? 'version'
      : !isLegal(one.status, this.to)
        ? 'illegal'
        : starts && !isFirst(model, one)
          ? 'not-first'
          : holder !== undefined
            ? 'same'
            : undefined;
    assert.equal(result.moved ? undefined : result.because, refusal);
    if (!result.moved) return;

    one.status = this.to;
    one.version += 1;
    one.milestones += 1;
    one.audited += 1;
    if (this.claim !== undefined) one.claim = this.claim;
    if (isTerminal(this.to)) delete one.claim;
    const freed = holdsPlace(before.status) && !holdsPlace(this.to) ? before.lines.filter((line) => headOf(model, line) === one.id) : [];
    if (!holdsPlace(before.status) && holdsPlace(this.to)) {
      one.lines = this.lines;
      model.order.push(one.id);
    } else if (!holdsPlace(this.to)) {
      one.lines = [];
      model.order = model.order.filter((id) => id !== one.id);
    }
    const heads = [...new Set(freed.map((line) => headOf(model, line)).filter((id) => id !== undefined))];
    const woken = heads.filter((id) => isFirst(model, find(model, id)) && find(model, id).status === 'queued');
    assert.deepEqual(new Set(result.woken), new Set(woken));
    model.moved += 1;
  }
}

/** The reply of the last move was lost, and the caller sends it again. */
export class Repeat implements Command {
  check = (model: Model): boolean => model.last !== undefined && model.last.result.moved;
  toString = (): string => 'repeat';
  async run(model: Model, real: RedisRequestStore): Promise<void> {
    const { move, result } = model.last as NonNullable<Model['last']>;
    const again = await real.transition(move);
    assert.deepEqual(again.moved && [again.replayed, again.woken], [true, result.moved && result.woken]);
  }
}

/** A command, and after it what must hold of everything. */
export class Checked implements Command {
  readonly command: Command;
  readonly holds: (model: Model) => Promise<void>;
  constructor(command: Command, holds: (model: Model) => Promise<void>) {
    this.command = command;
    this.holds = holds;
  }
  check = (model: Model): boolean => this.command.check(model);
  toString = (): string => this.command.toString();
  async run(model: Model, real: RedisRequestStore): Promise<void> {
    await this.command.run(model, real);
    await this.holds(model);
  }
}
