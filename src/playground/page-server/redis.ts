import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { type Child, startGuarded } from './child.ts';
import { Problem, wordsOf } from './problem.ts';

export interface FoundRedis {
  url: string;
  /** Left out: it was there already and is left alone. */
  child?: Child;
}

const HOW_TO_GET_IT = `The playground needs a real Redis, and found none. Any of these helps:
  Debian, Ubuntu   sudo apt-get install redis-server
  macOS            brew install redis
  Docker           docker run -d -p 6379:6379 redis:7, then REDIS_URL=redis://127.0.0.1:6379 npm start
Or set REDIS_URL to one that you have.`;

/**
 * REDIS_URL if it is set; else `redis-server` of the PATH, started on a free port; else, as root on Debian, installed first.
 * Rejects with a Problem where none of this works.
 */
export async function findRedis(env: Record<string, string | undefined>, folder: string, say: (line: string) => void): Promise<FoundRedis> {
  const given = env['REDIS_URL'];
  if (given) {
    await answers(given, 3).catch((error: unknown) => {
      throw new Problem(`REDIS_URL is set, but nothing usable answers there: ${wordsOf(error)}`);
    });
    return { url: given };
  }
  if (!onPath('redis-server', env) && !install(env, say)) throw new Problem(HOW_TO_GET_IT);
  const port = await freePort();
  const data = path.join(folder, 'redis');
  mkdirSync(data, { recursive: true });
  const child = await startGuarded({
    name: 'redis-server',
    log: path.join(folder, 'redis.log'),
    env,
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, '--save', '', '--appendonly', 'yes'],
  });
  const url = `redis://127.0.0.1:${port}`;
  try {
    await answers(url, 20);
  } catch (error) {
    const words = await child.lastWords();
    await child.stop();
    throw new Problem(`redis-server was started, but does not answer: ${wordsOf(error)}\n${words}`);
  }
  return { url, child };
}

function onPath(command: string, env: Record<string, string | undefined>): boolean {
  return (env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const INSTALLER = 'apt-get';

/** Only as root on Debian and its kin; elsewhere it is not ours to install anything. RUNLEVEL=1 keeps the package from starting a service. */
function install(env: Record<string, string | undefined>, say: (line: string) => void): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  say('Redis is not installed; installing redis-server with apt-get …');
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, encoding: 'utf8' } as const;
  const apt = (...args: string[]): boolean => spawnSync(INSTALLER, ['-qq', ...args], options).status === 0;
  const get = (): boolean => apt('install', '-y', '--no-install-recommends', 'redis-server');
  return (get() || (apt('update') && get())) && onPath('redis-server', env);
}

async function answers(url: string, attempts: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0, connectTimeout: 2000 });
    let last: unknown;
    client.on('error', (error: unknown) => {
      last = error;
    });
    try {
      await client.connect();
      await client.ping();
      return;
    } catch (error) {
      if (attempt === attempts) throw last ?? error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      client.disconnect();
    }
  }
}

/** Free a moment ago; nobody can promise more. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
