import type { Redis } from 'ioredis';
import { asked } from '../ops/redis-errors.ts';

/** A Lua script known to a connection. ioredis sends its hash, and its text again after a restart of Redis has forgotten it. */
export type Script = (keys: string[], args: (string | number)[]) => Promise<unknown>;

export function defineScript(redis: Redis, name: string, lua: string): Script {
  redis.defineCommand(name, { lua });
  const commands = redis as unknown as Record<string, (...all: (string | number)[]) => Promise<unknown>>;
  return (keys, args) =>
    asked(async () => {
      const command = commands[name];
      if (command === undefined) throw new Error(`the script ${name} is not defined`);
      return await command.call(redis, keys.length, ...keys, ...args);
    });
}

/** Reply of `TIME` as milliseconds. */
export function milliseconds(reply: readonly (number | string)[]): number {
  return Number(reply[0]) * 1000 + Math.floor(Number(reply[1]) / 1000);
}

/** In Lua: `now`, the server's milliseconds, as text that does not turn into 1.7e+12. */
export const LUA_NOW = `
local clock = redis.call('TIME')
local now = string.format('%.0f', tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000))
`;
