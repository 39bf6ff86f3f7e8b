import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { until } from '../../support/until.ts';

export interface PlaygroundProcess {
  child: ChildProcess;
  output(): string;
  /** Resolves with the exit code, or the name of the signal. */
  ended: Promise<number | string>;
  url(): Promise<string>;
  /** Process ids of bot and worker, as it printed them. */
  pids(): number[];
  /** Its temporary folder. */
  folder(): string;
}

/** `node dist/main.js playground` (or another build, REPULL_TEST_DIST), as `npm start` runs it. The environment holds PATH and HOME and what is given. */
export function startPlayground(env: Record<string, string> = {}): PlaygroundProcess {
  const main = `${process.env['REPULL_TEST_DIST'] ?? 'dist'}/main.js`;
  if (!existsSync(main)) throw new Error(`${main} is missing: npm run build (npm test does that first)`);
  const child = spawn(process.execPath, [main, 'playground'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | string>((done) => child.once('exit', (code, signal) => done(code ?? signal ?? 'unknown')));
  return {
    child,
    output: () => said,
    ended,
    url: () =>
      until(
        () => {
          if (child.exitCode !== null) throw new Error(`the playground ended with ${child.exitCode}:\n${said}`);
          return /Open (http:\S+)/.exec(said)?.[1];
        },
        { what: 'the playground opens its page', withinMs: 80_000, everyMs: 50 },
      ),
    pids: () => [...said.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid)),
    folder: () => /policy\s+(\S+)\/policy\.yaml/.exec(said)?.[1] ?? '',
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Running processes (Linux: of /proc) whose command line, environment or working directory holds this text. */
export function processesWith(text: string): number[] {
  const look = (read: () => string): string => {
    try {
      return read();
    } catch {
      // Gone meanwhile, or somebody else's.
      return '';
    }
  };
  const marks = (pid: string): string[] => [
    look(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
    look(() => readFileSync(`/proc/${pid}/environ`, 'utf8')),
    // Redis writes a title over the other two.
    look(() => readlinkSync(`/proc/${pid}/cwd`)),
  ];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => marks(pid).some((mark) => mark.includes(text))).map(Number);
}

/** Takes a port, so that nobody else can have it. */
export async function occupyPort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return { port: address.port, server };
}
