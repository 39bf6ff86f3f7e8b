import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.ts';

export interface TestRedis {
  url: string;
  port: number;
  /** SIGKILL: as a machine that loses the process, not the disk. */
  kill(): Promise<void>;
  /** On the same port and directory; resolves when it answers. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

async function launch(port: number, dir: string, extra: readonly string[]): Promise<ChildProcess> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes'];
  // Always: with everysec a busy disk postpones writes by up to two seconds, and a kill -9 then loses what was confirmed (seen here).
  const durable = ['--appendfsync', 'always'];
  const limits = ['--maxmemory-policy', 'noeviction', '--loglevel', 'warning', '--daemonize', 'no'];
  const child = spawn('redis-server', [...settings, ...durable, ...limits, ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const missing = new Promise<never>((_, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ENOENT' ? 'redis-server is not installed; these tests need a real one (Debian: apt-get install redis-server)' : '';
      reject(new Error(why || error.message, { cause: error }));
    });
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${said.trim()}`)));
  });
  missing.catch(() => undefined);
  await Promise.race([missing, until(() => answers(port), { what: `redis-server answers on port ${port}`, withinMs: 10_000 })]);
  return child;
}

async function answers(port: number): Promise<boolean> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

/**
 * A test process that is killed cannot clear up. This shell reads from it, sees it end, whatever ended it, and takes the server and its
 * directory along; a signal handler in the process itself would not see SIGKILL.
 */
function guardian(server: ChildProcess, dir: string): { dismiss: () => void } {
  const script = 'read _; kill -9 "$0"; rm -rf "$1"';
  const shell = spawn('sh', ['-c', script, String(server.pid), dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.stdin.on('error', () => undefined);
  shell.unref();
  server.once('exit', () => shell.kill('SIGKILL'));
  return { dismiss: () => void shell.kill('SIGKILL') };
}

/**
 * A real redis-server of this test's own: free port, temporary directory, append-only file, noeviction.
 * @param extra more settings as on the command line, for example `['--appendonly', 'no']`; the last one given wins.
 */
export async function startRedis(extra: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'repull-redis-'));
  let child = await launch(port, dir, extra);
  let guard = guardian(child, dir);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill: () => ended(child, 'SIGKILL'),
    restart: async () => {
      guard.dismiss();
      await ended(child, 'SIGKILL');
      child = await launch(port, dir, extra);
      guard = guardian(child, dir);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      guard.dismiss();
      child.kill('SIGCONT');
      await ended(child, 'SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
