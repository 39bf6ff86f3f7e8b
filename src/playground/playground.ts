/** `repull playground`: a Slack, a cluster, a Redis, and repull itself between them, on one machine. Started, watched and stopped in order. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnv } from '../config/env.ts';
import { EXIT } from '../config/outcome.ts';
import { CLUSTER, DANA, DEPLOYS, demoPolicy, demoWorkspace, PERSONAS, SAM } from './demo.ts';
import { commandHints } from './page-server/hints.ts';
import { Problem, wordsOf } from './page-server/problem.ts';
import { findRedis, freePort } from './page-server/redis.ts';
import { type PageServer, startPageServer } from './page-server/server.ts';
import { type ClusterStage, stageSimulated } from './page-server/stage-simulated.ts';
import { stageReal } from './page-server/stage-real.ts';
import { Supervisor } from './page-server/supervise.ts';
import { startLocalSlack } from './slack/start.ts';
import type { LocalSlack } from './slack/types.ts';

export interface PlaygroundOptions {
  /**
   * Read here: PORT (of the page: this one or the next free one after it; default 4180), REDIS_URL, KUBECONFIG, and with it
   * REPULL_TEST_REGISTRY and REPULL_TEST_APP. Everything is handed on to the processes.
   */
  env: Record<string, string | undefined>;
  /** One line for the person at the keyboard; default: standard output. */
  print?: (line: string) => void;
  /** Ends the playground like Ctrl-C does. */
  signal?: AbortSignal;
  /** `dist/main.js`; default: the one beside this file. */
  main?: string;
  /** Folder of the built page; default: beside this file. */
  page?: string;
}

const PAGE_PORT = 4180;
const READY_WITHIN_MS = 120_000;
const SAME_SIGNAL_MS = 700;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const here = path.dirname(fileURLToPath(import.meta.url));

/** Runs until Ctrl-C (SIGINT, SIGTERM, SIGHUP or `signal`). @returns the exit code: 0, 1 after a problem that was printed, 78 for a wrong environment. */
export async function runPlayground(given: PlaygroundOptions): Promise<number> {
  const print = given.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const read = readEnv(given.env, 'playground');
  if (!read.ok) {
    for (const problem of read.problems) print(problem);
    return EXIT.config;
  }
  return play({ ...given, print, port: read.value.port ?? PAGE_PORT });
}

type Settings = PlaygroundOptions & { print: (line: string) => void; port: number };

async function play(options: Settings): Promise<number> {
  const stop = new AbortController();
  const ending = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
  let since = 0;
  const onSignal = (): void => {
    // A second Ctrl-C means: now. What the processes do then is theirs to survive. npm hands the first one on, so it may come twice at once.
    if (stop.signal.aborted && Date.now() - since > SAME_SIGNAL_MS) process.exit(130);
    since ||= Date.now();
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  options.signal?.addEventListener('abort', () => stop.abort(), { once: true });
  if (options.signal?.aborted) stop.abort();

  /** What must be undone, in the order in which it was done. */
  const undo: (() => Promise<void>)[] = [];
  let code = 0;
  try {
    const running = await start(options, undo, stop.signal);
    if (running) await Promise.race([ending, running.failed]);
  } catch (error) {
    code = 1;
    options.print(error instanceof Problem ? `\n${error.message}` : `\nThe playground ended: ${wordsOf(error)}`);
  }
  if (undo.length > 0) options.print('\nStopping …');
  for (const one of undo.reverse()) await one().catch((error: unknown) => options.print(`  ${wordsOf(error)}`));
  for (const name of SIGNALS) process.off(name, onSignal);
  if (code === 0) options.print('Everything is stopped.');
  return code;
}

/** @returns `failed`, which rejects when a process ended for good; undefined when it was called off while starting. */
async function start(
  options: Settings,
  undo: (() => Promise<void>)[],
  signal: AbortSignal,
): Promise<{ failed: Promise<unknown> } | undefined> {
  const { env, print } = options;
  const folder = ownFolder();
  undo.push(async () => rmSync(folder, { recursive: true, force: true }));

  print('Starting the repull playground …');
  const redis = await findRedis(env, folder, print);
  undo.push(async () => redis.child?.stop());
  print(redis.child ? '  Redis      started for this playground' : '  Redis      the one of REDIS_URL; what happens here stays in it');
  if (signal.aborted) return undefined;

  const cluster = await stageCluster(options);
  undo.push(() => cluster.close());
  print(`  cluster    ${cluster.words}`);
  if (signal.aborted) return undefined;

  const slack = await startLocalSlack({ workspace: demoWorkspace() });
  undo.push(() => slack.close());
  print(`  Slack      local, ${slack.apiUrl}`);

  const policy = path.join(folder, 'policy.yaml');
  writeFileSync(policy, demoPolicy(cluster.places));
  print(`  policy     ${policy}`);

  const repull = await startRepull({ options, folder, policy, slack, cluster, redisUrl: redis.url, undo, signal });
  if (signal.aborted) return undefined;

  const page = await servePage(options, slack, cluster);
  undo.push(() => page.close());
  print(`\n  Open ${page.url}   (Ctrl-C stops everything)\n`);
  return { failed: Promise.race([...repull.map((one) => one.hopeless), ...(redis.child ? [redisGone(redis.child.ended)] : [])]) };
}

const FOLDER = 'repull-playground-';

/** Also takes away what playgrounds left that were killed before they could: the process id in the name says whose it was. */
function ownFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1]);
    if (pid > 0 && !isAlive(pid)) rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(path.join(tmpdir(), `${FOLDER}${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process: alive, and none of our business.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function redisGone(ended: Promise<unknown>): Promise<never> {
  await ended;
  throw new Error('redis-server ended.');
}

async function stageCluster({ env, print }: Settings): Promise<ClusterStage> {
  const kubeconfig = env['KUBECONFIG'];
  if (!kubeconfig) return stageSimulated();
  return stageReal({
    kubeconfig,
    registry: env['REPULL_TEST_REGISTRY'],
    binary: env['REPULL_TEST_APP'],
    say: (line) => print(`  ${line}`),
  });
}

interface Parts {
  options: Settings;
  folder: string;
  policy: string;
  slack: LocalSlack;
  cluster: ClusterStage;
  redisUrl: string;
  undo: (() => Promise<void>)[];
  signal: AbortSignal;
}

/** Bot and worker as the processes that they are everywhere else, each with what it may hold and nothing more. */
async function startRepull(parts: Parts): Promise<Supervisor[]> {
  const { options, folder, slack, cluster } = parts;
  const { KUBECONFIG: _cluster, REPULL_CLUSTER: _name, PORT: _port, ...env } = options.env;
  const common = { ...env, REDIS_URL: parts.redisUrl, REPULL_CONFIG: parts.policy };
  const script = options.main ?? path.join(here, '..', 'main.js');
  let kubeconfig = 'path' in cluster.kubeconfig ? cluster.kubeconfig.path : '';
  if ('text' in cluster.kubeconfig) {
    kubeconfig = path.join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, cluster.kubeconfig.text, { mode: 0o600 });
  }
  const specs = [
    {
      name: 'bot',
      args: ['bot'],
      env: { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken },
    },
    { name: 'worker', args: ['worker', '--cluster', CLUSTER], env: { KUBECONFIG: kubeconfig } },
  ];
  return Promise.all(
    specs.map(async (spec) => {
      const opsPort = await freePort();
      const log = path.join(folder, `${spec.name}.log`);
      const supervisor = new Supervisor(
        { ...spec, script, log, env: { ...common, ...spec.env, OPS_PORT: String(opsPort) } },
        options.print,
      );
      parts.undo.push(() => supervisor.stop());
      await supervisor.start();
      await Promise.race([ready(spec.name, opsPort, parts.signal), supervisor.hopeless]).catch(async (error: unknown) => {
        throw new Problem(`${wordsOf(error)}\n${await supervisor.lastWords()}`);
      });
      if (!parts.signal.aborted) options.print(`  ${spec.name.padEnd(10)} process ${supervisor.pid}, log ${log}`);
      return supervisor;
    }),
  );
}

async function ready(name: string, port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (!signal.aborted) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) });
      if (response.ok) return;
      last = await response.text();
    } catch {
      // Not listening yet.
    }
    if (Date.now() > deadline) throw new Error(`repull ${name} is not ready after ${READY_WITHIN_MS / 1000} s: ${last.slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

async function servePage(options: Settings, slack: LocalSlack, cluster: ClusterStage): Promise<PageServer> {
  const { port } = options;
  const { staging, nightly } = cluster.places;
  const environments = ['prod', ...(staging === undefined ? [] : ['staging']), ...(nightly === undefined ? [] : ['nightly'])];
  const page = await startPageServer({
    slack,
    cluster: cluster.source,
    assets: options.page ?? path.join(here, 'page'),
    port,
    stage: {
      personas: PERSONAS,
      shortcuts: [{ callbackId: 'repull_from_here', name: 'Repull from here' }],
      hints: commandHints(cluster.hints, environments),
      ...(cluster.tourRef === undefined
        ? {}
        : { tour: { channel: DEPLOYS, app: 'my-app', environment: 'prod', ref: cluster.tourRef, requester: DANA, approver: SAM } }),
    },
  }).catch((error: unknown) => {
    throw new Problem(wordsOf(error));
  });
  if (port !== 0 && page.port !== port) options.print(`  port ${port} is in use, so the page is on ${page.port}`);
  return page;
}
