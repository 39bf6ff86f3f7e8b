import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { leaksOf, secretsOfEnv } from './canary.ts';
import { until } from './until.ts';

export interface Running {
  readonly child: ChildProcess;
  readonly opsPort: number;
  /** Everything it wrote, stdout and stderr. */
  log(): string;
  /** Answers of /readyz: 0 while nothing listens. */
  readiness(): Promise<{ status: number; text: string }>;
  untilReady(seconds?: number): Promise<void>;
  /** SIGTERM, then its exit code. */
  stop(): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<number | null>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** `node dist/main.js …` (or another build, REPULL_TEST_DIST) as a user would run it, with nothing of our own environment but PATH and HOME. */
export async function runRepull(args: string[], env: Record<string, string>): Promise<Running> {
  const opsPort = env['OPS_PORT'] === undefined ? await freePort() : Number(env['OPS_PORT']);
  const child = spawn(process.execPath, [`${process.env['REPULL_TEST_DIST'] ?? 'dist'}/main.js`, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', OPS_PORT: String(opsPort), LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const readiness = async () => {
    try {
      const response = await fetch(`http://127.0.0.1:${opsPort}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return { status: response.status, text: await response.text() };
    } catch {
      return { status: 0, text: '' };
    }
  };
  return {
    child,
    opsPort,
    log: () => lines.join(''),
    readiness,
    async untilReady(seconds = 30) {
      let last = '';
      const look = async () => {
        if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}:\n${lines.join('')}`);
        const { status, text } = await readiness();
        last = `${status} ${text}`;
        return status === 200;
      };
      await until(look, { what: `${args.join(' ')} is ready`, withinMs: seconds * 1000, everyMs: 50 }).catch((problem: unknown) => {
        throw new Error(`${String(problem)}\nlast: ${last}\n${lines.slice(-20).join('')}`);
      });
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      const leaks = leaksOf(secretsOfEnv(env), { 'its log': lines.join('') });
      if (leaks.length > 0) throw new Error(`${args.join(' ')} wrote down ${leaks.join(', ')}`);
      return code;
    },
    kill: (signal) => void child.kill(signal),
    exited,
  };
}
