/** Processes that end with us: when we ask them to, and also when we die without a word. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';

/** How long a process may take to end after SIGTERM before it is killed. Milliseconds; repull itself drains within 10 s. */
const END_WITHIN_MS = 12_000;

/**
 * Loaded into Node children before their own code. The channel closes when this process is gone, however it went, and no signal of
 * the terminal reaches them: they are in a process group of their own, so that Ctrl-C stops them in order instead of all at once.
 */
const FOLLOW = `
process.on('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${END_WITHIN_MS}).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
`;

/** Runs a program that is not Node for us, and ends it when we are gone. */
const GUARD = `
const { spawn } = require('node:child_process');
const [command, ...args] = process.argv.slice(1);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
const end = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ${END_WITHIN_MS}).unref();
};
process.on('disconnect', end);
process.on('SIGTERM', end);
child.on('error', (error) => { console.error(error.message); process.exit(127); });
child.on('exit', (code) => process.exit(code ?? 1));
`;

export interface ChildEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class Child {
  readonly name: string;
  readonly log: string;
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;

  constructor(name: string, log: string, child: ChildProcess) {
    this.name = name;
    this.log = log;
    this.pid = child.pid ?? 0;
    this.#process = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', () => resolve({ code: 127, signal: null }));
    });
  }

  /** SIGTERM, then SIGKILL for who does not listen. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), END_WITHIN_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** The end of what it said. */
  async lastWords(lines = 12): Promise<string> {
    const text = await readFile(this.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines).join('\n');
  }
}

interface ChildOptions {
  name: string;
  /** File that gets everything it says. */
  log: string;
  env: Record<string, string | undefined>;
}

export async function startNode(options: ChildOptions & { script: string; args: string[] }): Promise<Child> {
  const follow = `data:text/javascript,${encodeURIComponent(FOLLOW)}`;
  return start(options, ['--import', follow, options.script, ...options.args]);
}

export async function startGuarded(options: ChildOptions & { command: string; args: string[] }): Promise<Child> {
  return start(options, ['-e', GUARD, '--', options.command, ...options.args]);
}

async function start(options: ChildOptions, args: string[]): Promise<Child> {
  const log = createWriteStream(options.log, { flags: 'a' });
  await once(log, 'open');
  const child = spawn(process.execPath, args, { env: options.env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  log.end();
  return new Child(options.name, options.log, child);
}
