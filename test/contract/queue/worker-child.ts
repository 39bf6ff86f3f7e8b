import { connectWorker } from '../../../src/store/connect.ts';
import { startClusterWorker } from '../../../src/queue/workers.ts';

/**
 * A worker process for the fault tests: each look at a request is written down in Redis, `begin` and `end`, with this process's name.
 * Arguments: Redis URL, name, how long a look takes, lock and stall interval (ms). A request is done after as many looks as `looks:<id>` says.
 */
const [url = '', name = '', takes = '10', lock = '1000', interval = '500'] = process.argv.slice(2);
const redis = connectWorker(url);
const log = connectWorker(url);

let looks = 0;
/** As a member of a sorted set, so that a note whose reply was lost and that is sent again is one note. */
const note = (id: string, look: number, what: string): Promise<unknown> =>
  log.zadd(`looks-at:${id}`, Date.now(), JSON.stringify({ name, look, what, at: Date.now() }));

const rollOut = async (id: string, signal: AbortSignal): Promise<'done' | { again: number }> => {
  const look = ++looks;
  await note(id, look, 'begin');
  // Ends with the look or with its signal, whichever comes first: as every real step must.
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Number(takes));
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()));
  });
  if (signal.aborted) {
    // The log may be as unreachable as everything else; what it shows is when this process stopped.
    void note(id, look, 'stopped');
    throw new Error('stopped');
  }
  await note(id, look, 'end');
  const [wanted, all] = await Promise.all([log.get(`looks:${id}`), log.zrange(`looks-at:${id}`, '0', '-1')]);
  return all.filter((one) => one.includes('"end"')).length >= Number(wanted) ? 'done' : { again: 50 };
};
const none = async (): Promise<void> => undefined;
const settings = { lockDuration: Number(lock), stalledInterval: Number(interval) };
const worker = startClusterWorker(redis, 'prod-eu', { plan: none, inquire: none, grace: none, rollOut }, { settings });

// A socket to a Redis that hangs never closes, so the process ends itself, as ours does after its drain.
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)));
process.stdout.write('started\n');
