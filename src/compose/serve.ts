import { startOps } from '../ops/health.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Log } from '../app/worker-deps.ts';
import type { Part } from './part.ts';

/** A second signal, or a drain that takes longer than this, ends the process at once: everything in hand is safe to repeat. Milliseconds. */
const DRAIN_AT_MOST = 10_000;

/** Runs until SIGTERM or SIGINT, then drains. @returns the exit code. */
export async function serve(parts: Part[], options: { opsPort: number; metrics: Metrics; log: Log }): Promise<number> {
  const { log, metrics } = options;
  const unready = async () => (await Promise.all(parts.map((part) => part.unready()))).flat();
  const ops = await startOps({
    port: options.opsPort,
    unready,
    metrics: metrics.registry,
    onReady: (ready) => metrics.ready.set(ready ? 1 : 0),
  });
  if (ops.port !== 0) log.info({ port: ops.port }, 'health and metrics are served');
  const signal = await nextSignal();
  log.info({ signal }, 'draining');
  const timer = setTimeout(() => {
    log.warn({}, 'draining took too long; what was in hand is taken up again by the next process');
    process.exit(0);
  }, DRAIN_AT_MOST);
  timer.unref();
  await Promise.all(parts.map((part) => part.close()));
  await ops.close();
  log.info({}, 'drained');
  return 0;
}

/** Everything is closed; a call that still waits for an answer (to a Slack that is away, say) must not keep the process. Has no effect where nothing waits. */
export function leaveNothingBehind(): void {
  setTimeout(() => process.exit(), 100).unref();
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const on = (signal: NodeJS.Signals) => {
      process.once('SIGTERM', () => process.exit(0));
      process.once('SIGINT', () => process.exit(0));
      resolve(signal);
    };
    process.once('SIGTERM', on);
    process.once('SIGINT', on);
  });
}
