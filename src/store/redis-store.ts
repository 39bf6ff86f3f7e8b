import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { BackendAway } from '../app/ports.ts';
import type { Move, MoveResult, NewRequest, RequestFilter, RequestStore, StepMemory } from '../app/ports.ts';
import type { RequestRecord } from '../domain/request.ts';
import type { PullEvidence } from '../domain/verdict.ts';
import { keys } from './keys.ts';
import { listRequests, loadMany, positionOf } from './listing.ts';
import { creation, movement, RETENTION } from './order.ts';
import type { Retention } from './order.ts';
import { asked } from '../ops/redis-errors.ts';
import { defineScript, milliseconds } from './script.ts';
import type { Script } from './script.ts';
import { parseJson, parseRecord, pairsToFields } from './stored-record.ts';

const TRANSITION = readFileSync(new URL('./transition.lua', import.meta.url), 'utf8');

/** First one in wins: an event told twice is the same event. What is beyond the cap is dropped, and only the newest of a very long rollout can be. */
const ADD_EVIDENCE = `
local cap = tonumber(ARGV[1])
for i = 3, #ARGV, 2 do
  if redis.call('HLEN', KEYS[1]) < cap then redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

export const MAX_EVIDENCE = 5_000;
/** Evidence and memory serve the roll-out and its grace period; the verdicts made from them live in the record. */
const BESIDE_MS = 8 * 24 * 60 * 60 * 1000;

export interface RedisStoreOptions {
  retention?: Retention;
  /**
   * Replicas that must have a new or moved request before the caller is told so (`WAIT`); 0 for a Redis without replicas.
   * A miss is `BackendAway`: it has happened, nobody knows whether it survives, and the same action id asks again.
   */
  replicas?: number;
  waitMs?: number;
}

type Reply = [verdict: string, other: string, replayed: string, woken: string[], fields: string[], milestones: string[], card: string];

/** The record in Redis, moved by `transition.lua`. Several processes share one Redis; nothing is kept here. */
export class RedisRequestStore implements RequestStore {
  readonly #redis: Redis;
  readonly #transition: Script;
  readonly #addEvidence: Script;
  readonly #retention: Retention;
  readonly #replicas: number;
  readonly #waitMs: number;

  constructor(redis: Redis, options: RedisStoreOptions = {}) {
    this.#redis = redis;
    this.#transition = defineScript(redis, 'repullTransition', TRANSITION);
    this.#addEvidence = defineScript(redis, 'repullAddEvidence', ADD_EVIDENCE);
    this.#retention = options.retention ?? RETENTION;
    this.#replicas = options.replicas ?? 0;
    this.#waitMs = options.waitMs ?? 500;
  }

  async now(): Promise<number> {
    return milliseconds(await asked(() => this.#redis.time()));
  }

  async create(request: NewRequest, actionId: string): Promise<RequestRecord> {
    const reply = await this.#run(request.id, creation(request, actionId, this.#retention));
    const record = recordIn(request.id, reply);
    // The action is remembered longer than an ended record lives only if nobody touched it; then there is nothing to give back.
    if (record === undefined) throw new Error(`the request made by ${actionId} has expired`);
    await this.#safe();
    return record;
  }

  async load(id: string): Promise<RequestRecord | undefined> {
    return (await loadMany(this.#redis, [id]))[0];
  }

  /**
   * A refusal changed nothing and is not remembered: the same action may succeed later (`too-early`, `not-first`).
   * A replay answers with what the first one woke, and with the record as it is now.
   */
  async transition(move: Move): Promise<MoveResult> {
    const reply = await this.#run(move.id, movement(move, this.#retention));
    const [verdict, other, replayed, woken] = reply;
    const record = recordIn(move.id, reply);
    if (verdict === 'moved') {
      if (record === undefined) throw new Error(`the request ${move.id} moved and is not there`);
      if (move.to !== undefined) await this.#safe();
      return { moved: true, record, replayed: replayed === '1', woken };
    }
    return {
      moved: false,
      because: verdict as Exclude<MoveResult, { moved: true }>['because'],
      ...(record === undefined ? {} : { record }),
      ...(other === '' ? {} : { other }),
    };
  }

  async open(cluster?: string): Promise<RequestRecord[]> {
    const ids = await asked(() => this.#redis.zrange(keys.open(cluster), '0', '-1'));
    return loadMany(this.#redis, ids);
  }

  list(filter: RequestFilter): Promise<RequestRecord[]> {
    return listRequests(this.#redis, filter);
  }

  async lastChange(app: string, environment: string): Promise<RequestRecord | undefined> {
    const ids = await asked(() => this.#redis.zrevrange(keys.changed(app, environment), '0', '0'));
    return (await loadMany(this.#redis, ids))[0];
  }

  position(id: string): Promise<{ position: number; holder?: string } | undefined> {
    return positionOf(this.#redis, id);
  }

  async addEvidence(id: string, evidence: PullEvidence[]): Promise<void> {
    if (evidence.length === 0) return;
    const entries = evidence.flatMap((one) => [`${one.eventUid}/${one.count}`, JSON.stringify(one)]);
    await this.#addEvidence([keys.evidence(id)], [MAX_EVIDENCE, BESIDE_MS, ...entries]);
  }

  /** Oldest first. */
  async evidence(id: string): Promise<PullEvidence[]> {
    const stored = await asked(() => this.#redis.hgetall(keys.evidence(id)));
    const all = Object.entries(stored).map(([name, text]) => parseJson<PullEvidence>(text, `${id}.evidence.${name}`));
    return all.toSorted((a, b) => a.at - b.at || a.eventUid.localeCompare(b.eventUid) || a.count - b.count);
  }

  async saveMemory(id: string, memory: StepMemory): Promise<void> {
    await asked(() => this.#redis.set(keys.memory(id), JSON.stringify(memory), 'PX', BESIDE_MS));
  }

  async memory(id: string): Promise<StepMemory | undefined> {
    const text = await asked(() => this.#redis.get(keys.memory(id)));
    return text === null ? undefined : parseJson<StepMemory>(text, `${id}.memory`);
  }

  async #run(id: string, order: object): Promise<Reply> {
    return (await this.#transition([keys.request(id)], [JSON.stringify(order)])) as Reply;
  }

  /** On the same connection, so it covers the write that went before. */
  async #safe(): Promise<void> {
    if (this.#replicas === 0) return;
    const have = await asked(() => this.#redis.wait(this.#replicas, this.#waitMs));
    if (have < this.#replicas)
      throw new BackendAway('redis', `Redis: ${have} of ${this.#replicas} replicas have it after ${this.#waitMs} ms`);
  }
}

function recordIn(id: string, reply: Reply): RequestRecord | undefined {
  return parseRecord(id, pairsToFields(reply[4]), reply[5], reply[6]);
}
