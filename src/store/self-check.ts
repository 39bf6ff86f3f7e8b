import type { Redis } from 'ioredis';
import { asked } from '../ops/redis-errors.ts';

export interface SelfCheck {
  version: string;
  /** With any of these a promise of ours cannot be kept; the process must not become ready. */
  refusals: string[];
  warnings: string[];
  /** Replicas that are in step now; above 0, `RedisStoreOptions.replicas` makes sense. */
  replicas: number;
}

/** XADD MINID, ZADD and LPOS as we and BullMQ use them. */
const OLDEST = [6, 2] as const;

function facts(info: string): Map<string, string> {
  return new Map(
    info
      .split(/\r?\n/)
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** Not part of INFO, and managed services forbid CONFIG: then nothing is known, and nothing is said. */
async function fsyncPolicy(redis: Redis): Promise<string> {
  const answer = await redis.config('GET', 'appendfsync').catch(() => undefined);
  return Array.isArray(answer) ? String(answer[1]) : 'always';
}

/**
 * Is this a Redis to which an accepted request can be entrusted? Judged by INFO, because managed services forbid CONFIG.
 * @throws BackendAway
 */
export async function selfCheck(redis: Redis): Promise<SelfCheck> {
  const info = facts(await asked(() => redis.info()));
  const get = (name: string): string => info.get(name) ?? 'unknown';
  const version = get('redis_version');
  const refusals: string[] = [];
  const warnings: string[] = [];

  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))) {
    refusals.push(`Redis is ${version}; repull needs ${OLDEST.join('.')} or newer, or Valkey`);
  }
  if (get('role') !== 'master') refusals.push(`Redis is a ${get('role')}; REDIS_URL must name the primary`);
  if (get('aof_enabled') !== '1') {
    refusals.push('Redis keeps no append-only file: a crash would lose accepted requests; set "appendonly yes"');
  } else if (get('aof_last_write_status') !== 'ok') {
    warnings.push(`Redis could not write its append-only file: ${get('aof_last_write_status')}`);
  }
  // Those that are still copying are counted by connected_slaves, and confirm nothing yet.
  const replicas = [...info].filter(([name, value]) => /^slave\d+$/.test(name) && value.includes('state=online')).length;
  if (get('aof_enabled') === '1' && replicas === 0 && (await fsyncPolicy(redis)) !== 'always') {
    warnings.push(
      'Redis has no replica and does not write to disk before it confirms: a crash can lose the last seconds; set "appendfsync always"',
    );
  }
  const policy = get('maxmemory_policy');
  if (policy !== 'noeviction') {
    const problem = `Redis may throw away requests when its memory is full: maxmemory-policy is ${policy}, set "noeviction"`;
    // Without a limit nothing is ever thrown away, but somebody may set one.
    (get('maxmemory') === '0' ? warnings : refusals).push(problem);
  }
  const limit = Number(get('maxmemory'));
  if (limit > 0 && Number(get('used_memory')) > 0.7 * limit) warnings.push('Redis uses more than 70 % of its memory');
  return { version, refusals, warnings, replicas };
}
