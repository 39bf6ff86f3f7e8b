import type { Redis } from 'ioredis';
import type { Freeze, Incident, Switches } from '../app/ports.ts';
import { keys } from './keys.ts';
import { asked } from '../ops/redis-errors.ts';
import { defineScript, LUA_NOW, milliseconds } from './script.ts';
import type { Script } from './script.ts';
import { parseJson } from './stored-record.ts';

/** Longer than Slack, BullMQ or a person repeats one action. */
const REMEMBERED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * KEYS: the hash of switches, the memory of this action, the audit stream. ARGV: name, JSON without its time (empty: switch off), what is
 * audited (word, actor, reason), action id, and the time of the one that is switched off, if only that one is. The time is put in here, because only Redis knows it; the same action id returns the first result.
 */
const SWITCH = `${LUA_NOW}
local name, value, word, actor, because, action, of = unpack(ARGV, 1, 7)
local first = redis.call('GET', KEYS[2])
if first then return first end
local result
local stored = redis.call('HGET', KEYS[1], name)
if value == '' and of ~= '' and stored and not string.find(stored, '{"at":' .. of .. ',', 1, true) then
  result = 'was-off'
elseif value == '' then
  result = redis.call('HDEL', KEYS[1], name) == 1 and 'off' or 'was-off'
else
  result = '{"at":' .. now .. ',' .. string.sub(value, 2)
  redis.call('HSET', KEYS[1], name, result)
end
redis.call('SET', KEYS[2], result, 'PX', ${REMEMBERED_MS})
-- Not trimmed here: how long the stream is kept is known where requests are moved.
redis.call('XADD', KEYS[3], '*', 'id', name, 'at', now, 'from', '', 'to', word, 'actor', actor, 'because', because, 'actionId', action, 'version', '0')
return result
`;

/** KEYS: the memory of this action, the audit stream. ARGV: what it is about, actor, reason, action id. */
const DENIED = `${LUA_NOW}
local about, actor, because, action = unpack(ARGV, 1, 4)
if redis.call('SET', KEYS[1], 'denied', 'NX', 'PX', ${REMEMBERED_MS}) then
  redis.call('XADD', KEYS[2], '*', 'id', about, 'at', now, 'from', '', 'to', '', 'actor', actor, 'because', because, 'actionId', action, 'version', '0')
end
`;

/** Freezes by hand and incident channels. One per environment or channel: a second one replaces the first. */
export class RedisSwitches implements Switches {
  readonly #redis: Redis;
  readonly #switch: Script;
  readonly #denied: Script;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#switch = defineScript(redis, 'repullSwitch', SWITCH);
    this.#denied = defineScript(redis, 'repullDenied', DENIED);
  }

  freezes(): Promise<Freeze[]> {
    return this.#inForce<Freeze>(keys.freezes);
  }

  async freeze(freeze: Omit<Freeze, 'at'>, actionId: string): Promise<Freeze> {
    const result = await this.#flip(keys.freezes, freeze.environment, freeze, 'freeze', freeze.by, freeze.reason, actionId);
    return parseJson<Freeze>(result, `freeze ${freeze.environment}`);
  }

  async unfreeze(environment: string, by: string, actionId: string): Promise<boolean> {
    return (await this.#flip(keys.freezes, environment, undefined, 'unfreeze', by, '', actionId)) === 'off';
  }

  incidents(): Promise<Incident[]> {
    return this.#inForce<Incident>(keys.incidents);
  }

  async bind(incident: Omit<Incident, 'at'>, actionId: string): Promise<Incident> {
    const result = await this.#flip(keys.incidents, incident.channel, incident, 'incident-on', incident.by, '', actionId);
    return parseJson<Incident>(result, `incident ${incident.channel}`);
  }

  async unbind(channel: string, by: string, actionId: string, at?: number): Promise<boolean> {
    return (await this.#flip(keys.incidents, channel, undefined, 'incident-off', by, '', actionId, at)) === 'off';
  }

  overdueIncidents(): Promise<Incident[]> {
    return this.#all<Incident>(keys.incidents, (one, now) => one.until <= now);
  }

  async denied({ about, by, because }: { about: string; by: string; because: string }, actionId: string): Promise<void> {
    await this.#denied([keys.switched(`denied-${actionId}`), keys.audit], [about, by, because, actionId]);
  }

  async #flip(
    hash: string,
    name: string,
    value: object | undefined,
    word: string,
    by: string,
    because: string,
    actionId: string,
    at?: number,
  ) {
    const json = value === undefined ? '' : JSON.stringify(value);
    return (await this.#switch(
      [hash, keys.switched(actionId), keys.audit],
      [name, json, word, by, because, actionId, at === undefined ? '' : String(at)],
    )) as string;
  }

  /** What has run out by Redis' clock is not in force, whether or not anybody has cleared it away. */
  #inForce<T extends { at: number; until?: number }>(hash: string): Promise<T[]> {
    return this.#all<T>(hash, (one, now) => one.until === undefined || one.until > now);
  }

  async #all<T extends { at: number }>(hash: string, is: (one: T, now: number) => boolean): Promise<T[]> {
    const replies = await asked(() => this.#redis.multi().time().hgetall(hash).exec());
    if (replies === null) throw new Error('a MULTI without WATCH was aborted');
    const [time, stored] = replies.map(([error, value]) => {
      if (error !== null) throw error;
      return value;
    });
    const now = milliseconds(time as number[]);
    return Object.entries(stored as Record<string, string>)
      .map(([name, text]) => parseJson<T>(text, `${hash}.${name}`))
      .filter((one) => is(one, now))
      .toSorted((a, b) => a.at - b.at);
  }
}
