import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface Child {
  pid: number;
  /** What it printed, stdout and stderr. */
  output(): string;
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * Compiles a TypeScript file of the tests once, so that plain Node can run it: what is killed must be a process of its own, without vitest.
 * @returns a way to start it, and one to clear it away with every process started.
 */
export async function childProgram(entry: URL): Promise<{ start: (...args: string[]) => Child; clear: () => Promise<void> }> {
  // Inside node_modules, because packages are found from there.
  const outDir = resolve('node_modules', '.cache', 'repull-children', `${process.pid}-${process.hrtime.bigint()}`);
  mkdirSync(outDir, { recursive: true });
  const rolldownOptions = { output: { entryFileNames: 'child.mjs' } };
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: fileURLToPath(entry), outDir, target: 'node20', minify: false, rolldownOptions },
  });
  const running = new Set<{ child: ChildProcess; ended: Promise<unknown> }>();

  const start = (...args: string[]): Child => {
    const child = spawn(process.execPath, [join(outDir, 'child.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | string>((done) => child.once('exit', (code, signal) => done(code ?? signal ?? 'unknown')));
    const entry = { child, ended };
    running.add(entry);
    void ended.then(() => running.delete(entry));
    return { pid: child.pid ?? 0, output: () => said, ended, signal: (signal) => void child.kill(signal) };
  };
  const clear = async (): Promise<void> => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all([...running].map(({ ended }) => ended));
    rmSync(outDir, { recursive: true, force: true });
  };
  return { start, clear };
}
