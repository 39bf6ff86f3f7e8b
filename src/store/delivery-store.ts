import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Delivery, DeliveryStore } from '../app/ports-slack.ts';
import type { CardPlace } from '../domain/request.ts';
import { keys } from './keys.ts';
import { asked } from '../ops/redis-errors.ts';
import { defineScript, LUA_NOW } from './script.ts';
import type { Script } from './script.ts';
import { parseJson } from './stored-record.ts';

/** The key under which a card is posted; every other key is a milestone's sequence number. */
export const CARD_KEY = 'card';

/** Longer than a record lives, counted from the last word to Slack; `card` alone is read together with the record. */
const KEPT_MS = 100 * 24 * 60 * 60 * 1000;

const EXPIRE = `redis.call('PEXPIRE', KEYS[1], ${KEPT_MS})`;

/** The marker carries a token of the call that set it: a call that ioredis sends twice finds its own marker and is still the one that set it. */
const INTEND = `${LUA_NOW}
local field, token = ARGV[1], ARGV[2]
local set = redis.call('HSETNX', KEYS[1], field, '{"at":' .. now .. ',"by":"' .. token .. '"}')
${EXPIRE}
if set == 1 then return 1 end
return string.find(redis.call('HGET', KEYS[1], field), token, 1, true) and 1 or 0
`;

const WRITE = `
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[1] ~= '' then redis.call('HDEL', KEYS[1], ARGV[1]) end
${EXPIRE}
`;

/** Never backwards; the dirty mark goes only if the record has not moved on since it was rendered, or is gone. */
const SYNCED = `
local version = tonumber(ARGV[2])
local before = tonumber(redis.call('HGET', KEYS[1], 'syncedVersion') or '0')
if version > before then redis.call('HSET', KEYS[1], 'syncedVersion', ARGV[2]) end
${EXPIRE}
local current = tonumber(redis.call('HGET', KEYS[2], 'version') or '0')
if current <= math.max(version, before) then redis.call('ZREM', KEYS[3], ARGV[1]) end
`;

/** What Slack has been shown. All of it is about one message each, so a hash per request is enough. */
export class RedisDeliveryStore implements DeliveryStore {
  readonly #redis: Redis;
  readonly #intend: Script;
  readonly #write: Script;
  readonly #synced: Script;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#intend = defineScript(redis, 'repullIntend', INTEND);
    this.#write = defineScript(redis, 'repullDeliver', WRITE);
    this.#synced = defineScript(redis, 'repullSynced', SYNCED);
  }

  async delivery(id: string): Promise<Delivery> {
    const fields = await asked(() => this.#redis.hgetall(keys.delivery(id)));
    const delivery: Delivery = { posted: {}, intents: {}, syncedVersion: Number(fields['syncedVersion'] ?? 0) };
    for (const [name, text] of Object.entries(fields)) {
      const where = `${id}.delivery.${name}`;
      if (name.startsWith('posted:')) delivery.posted[name.slice('posted:'.length)] = text;
      else if (name.startsWith('intent:')) delivery.intents[name.slice('intent:'.length)] = parseJson<{ at: number }>(text, where).at;
    }
    if (fields['card'] !== undefined) delivery.card = parseJson<CardPlace>(fields['card'], `${id}.delivery.card`);
    if (fields['cardHash'] !== undefined) delivery.cardHash = fields['cardHash'];
    if (fields['answered'] !== undefined) delivery.answered = true;
    if (fields['dead'] !== undefined) delivery.dead = fields['dead'];
    return delivery;
  }

  async intend(id: string, key: string): Promise<boolean> {
    return (await this.#intend([keys.delivery(id)], [`intent:${key}`, randomUUID()])) === 1;
  }

  async clearIntent(id: string, key: string): Promise<void> {
    await this.#write([keys.delivery(id)], [`intent:${key}`]);
  }

  /** `CARD_KEY` stores the place of the card and its hash; any other key the ts of a thread entry. The marker goes in the same step. */
  async posted(id: string, key: string, place: CardPlace, hash?: string): Promise<void> {
    const fields = key === CARD_KEY ? ['card', JSON.stringify(place)] : [`posted:${key}`, place.ts];
    if (hash !== undefined) fields.push('cardHash', hash);
    await this.#write([keys.delivery(id)], [`intent:${key}`, ...fields]);
  }

  async answered(id: string): Promise<void> {
    await this.#write([keys.delivery(id)], ['', 'answered', '1']);
  }

  async dead(id: string, because: string): Promise<void> {
    await this.#write([keys.delivery(id)], ['', 'dead', because]);
  }

  async synced(id: string, version: number): Promise<void> {
    await this.#synced([keys.delivery(id), keys.request(id), keys.dirty], [id, version]);
  }

  async dirty(limit: number): Promise<{ id: string; since: number }[]> {
    if (limit <= 0) return [];
    const flat = await asked(() => this.#redis.zrangebyscore(keys.dirty, '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, limit));
    const found: { id: string; since: number }[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) found.push({ id: flat[i] as string, since: Number(flat[i + 1]) });
    return found;
  }
}
