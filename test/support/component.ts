import { spawn } from 'node:child_process';
import { openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { until } from './until.ts';

export interface Component {
  /** It answers nobody any more, and holds on to what it has: what a machine looks like that hangs. */
  freeze(): void;
  thaw(): void;
  /** The same program with the same arguments again, after a change of its files. */
  restart(): Promise<void>;
}

/** Where test/cluster/up keeps everything of its cluster. */
export const clusterState = (): string => dirname(process.env['KUBECONFIG'] ?? '');

/** A process of the real cluster, by the pid file that test/cluster/up wrote. */
export function component(name: string): Component {
  const file = join(clusterState(), `${name}.pid`);
  const pid = (): number => Number(readFileSync(file, 'utf8'));
  const alive = (id: number): boolean => {
    try {
      return process.kill(id, 0) && !/^State:\s+Z/m.test(readFileSync(`/proc/${id}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  return {
    freeze: () => void process.kill(pid(), 'SIGSTOP'),
    thaw: () => void process.kill(pid(), 'SIGCONT'),
    async restart() {
      const before = pid();
      const [program = '', ...args] = readFileSync(`/proc/${before}/cmdline`, 'utf8').split('\0').slice(0, -1);
      const cwd = readlinkSync(`/proc/${before}/cwd`);
      process.kill(before, 'SIGTERM');
      await until(() => !alive(before), { what: `${name} ends`, withinMs: 30_000 });
      const log = openSync(join(clusterState(), `${name}.log`), 'a');
      const next = spawn(program, args, { cwd, detached: true, stdio: ['ignore', log, log] });
      next.unref();
      writeFileSync(file, `${next.pid}\n`);
    },
  };
}
