import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RANKS, type Claim, type Paused, type SharedBudget } from '../app/ports-budget.ts';
import { asked } from '../ops/redis-errors.ts';
import { slackKeys } from './keys.ts';
import { defineScript, type Script } from './script.ts';

/** What Slack gives, less a margin. Milliseconds. */
export interface SlackLimits {
  /** chat.update in any window. Tier 3: 50 and more a minute; a call may be on its way for some seconds, and then counts later than here. */
  updates: number;
  windowMs: number;
  /** Between two progress updates of one card: at least, and at most however many others want to be seen. */
  progressEveryMs: number;
  progressLongestMs: number;
  /** Posts of one channel: one a second, with short bursts. */
  postEveryMs: number;
  postBurst: number;
  /** Posts of all channels: "several hundred a minute". */
  allPostsEveryMs: number;
  allPostsBurst: number;
}

const SLACK_LIMITS: SlackLimits = {
  updates: 47,
  windowMs: 62_000,
  progressEveryMs: 3_000,
  progressLongestMs: 60_000,
  postEveryMs: 1_000,
  postBurst: 3,
  allPostsEveryMs: 250,
  allPostsBurst: 30,
};

/** Kept in Redis and counted by its clock, so that it is one budget however many bots there are. */
export class RedisSlackBudget implements SharedBudget {
  readonly #redis: Redis;
  readonly #take: Script;
  readonly #limits: SlackLimits;

  /** @param redis of `connectProducer`: an answer is wanted now, or none. */
  constructor(redis: Redis, limits: Partial<SlackLimits> = {}) {
    this.#redis = redis;
    this.#limits = { ...SLACK_LIMITS, ...limits };
    this.#take = defineScript(redis, 'repullSlackTurn', readFileSync(new URL('slack-budget.lua', import.meta.url), 'utf8'));
  }

  takeUpdate(claim: Claim): Promise<number> {
    const { updates, windowMs, progressEveryMs, progressLongestMs } = this.#limits;
    return this.#ask('update', 'update', claim, ['moving', 'progress'], [updates, windowMs, progressEveryMs, progressLongestMs]);
  }

  takePost(channel: string, claim: Claim): Promise<number> {
    const { postEveryMs, postBurst, allPostsEveryMs, allPostsBurst } = this.#limits;
    return this.#ask('post', channel, claim, ['posts'], [postEveryMs, postBurst, allPostsEveryMs, allPostsBurst]);
  }

  /** The longest pause counts. */
  async pause(what: Paused, ms: number): Promise<void> {
    const key = slackKeys(of(what), 'paused');
    const left = await asked(() => this.#redis.pttl(key));
    if (left < ms) await asked(() => this.#redis.set(key, '1', 'PX', Math.max(1, Math.ceil(ms))));
  }

  async #ask(kind: 'update' | 'post', what: string, claim: Claim, beside: string[], limits: number[]): Promise<number> {
    const own = ['paused', 'spent', 'line', 'due'].map((name) => slackKeys(what, name));
    const shared = beside.map((name) => slackKeys('all', name));
    const rank = RANKS.indexOf(claim.rank);
    return Number(await this.#take([...own, ...shared], [kind, claim.of, rank, claim.since, randomUUID(), ...limits]));
  }
}

const of = (what: Paused): string => (what === 'update' ? 'update' : what.channel);
