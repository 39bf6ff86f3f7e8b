import { parseArgs } from 'node:util';
import { canI } from '../config/can-i.ts';
import { checkConfig } from '../config/check-config.ts';
import { readEnv } from '../config/env.ts';
import { loadPolicy } from '../config/load.ts';
import { EXIT, wrongUsage, type Outcome } from '../config/outcome.ts';
import { formatProblem } from '../config/policy-file.ts';
import { printSchema } from '../config/schema.ts';
import { zonedClock } from '../config/zoned-clock.ts';
import { createLog } from '../ops/log.ts';
import { createMetrics } from '../ops/metrics.ts';
import { connectCluster } from '../kube/kube-cluster.ts';
import { manifest } from '../slack/manifest.ts';
import { startBot } from './bot.ts';
import { printHistory } from './history.ts';
import { HISTORY_USAGE, historyFilter } from './history-filter.ts';
import { keepLive } from './live-policy.ts';
import { leaveNothingBehind, serve } from './serve.ts';
import { startWorker } from './worker.ts';

type Env = Record<string, string | undefined>;
/** The playground is handed in by main.ts, the only one that may import it. */
type Playground = (env: Env) => Promise<number>;

const USAGE = `Usage: repull COMMAND

  bot                        the Slack side: Slack tokens and Redis
  worker --cluster NAME      one cluster's worker: that cluster's credentials and Redis
  all                        both in one process
  playground                 a local Slack and a simulated cluster in the browser
  check-config FILE          every problem of a policy file, with line and column
  can-i --config FILE …      what a person may do, answered from the file alone
  schema                     JSON Schema of the policy file
  manifest [--exactly-once]  the Slack app manifest, least scopes
  history --json [filters]   every request, newest first, one JSON object per line;
                             filters: --app A --environment E --user ID --result STATE --since DATE --until DATE;
                             --audit: every single event instead, oldest first; --summary: count and checksum on stderr`;

/** argv → exit code. */
export async function run(args: readonly string[], env: Env, playground: Playground): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'bot':
    case 'worker':
    case 'all':
      return serveRole(command, rest, env);
    case 'playground':
      return rest.length === 0 ? playground(env) : print(wrongUsage('Usage: repull playground'));
    case 'check-config':
      return print(checkConfig(rest));
    case 'can-i':
      return print(canI(rest, { env, now: Date.now(), clock: zonedClock }));
    case 'schema':
      return print(printSchema(rest));
    case 'manifest':
      return print(manifest(rest));
    case 'history':
      return history(rest, env);
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(`${USAGE}\n`);
      return EXIT.fine;
    default:
      return print(
        wrongUsage([command === undefined ? 'repull: a command is missing' : `repull: there is no command "${command}"`, USAGE]),
      );
  }
}

function print({ exitCode, stdout, stderr }: Outcome): number {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return exitCode;
}

async function history(args: readonly string[], env: Env): Promise<number> {
  const asked = historyFilter(args);
  if ('wrong' in asked) return print(wrongUsage([asked.wrong, HISTORY_USAGE]));
  const read = readEnv(env, 'history');
  if (!read.ok) return misconfigured(read.problems);
  return printHistory(
    read.value.redisUrl,
    asked,
    (line) => process.stdout.write(`${line}\n`),
    (line) => process.stderr.write(`${line}\n`),
  );
}

function misconfigured(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return EXIT.config;
}

/** Wrong configuration: every problem of environment and policy file at once, nothing connected to. */
async function serveRole(role: 'bot' | 'worker' | 'all', args: readonly string[], env: Env): Promise<number> {
  const named = clusterArgument(role, args);
  if ('wrong' in named) return print(wrongUsage([named.wrong, USAGE]));
  const full = named.cluster === undefined ? env : { ...env, REPULL_CLUSTER: named.cluster };
  const read = readEnv(full, role);
  const file = env['REPULL_CONFIG']?.trim() ?? '';
  const policy = file === '' ? undefined : await loadPolicy(file);
  const problems = [
    ...(read.ok ? [] : read.problems),
    ...(role === 'bot' ? [] : kubeconfigProblems(full['KUBECONFIG']?.trim() ?? '')),
    ...(policy === undefined || policy.ok ? [] : policy.problems.map(formatProblem)),
  ];
  if (!read.ok || policy === undefined || !policy.ok || problems.length > 0) return misconfigured(problems);

  const log = createLog(read.value.logLevel, role);
  const metrics = createMetrics(role);
  process.on('unhandledRejection', (problem) => {
    log.fatal({ err: problem }, 'that is a bug; ending, so that a fresh process takes over');
    process.exit(1);
  });
  const live = keepLive(read.value.policyFile, policy, log, metrics);
  const bot = role === 'worker' ? undefined : readEnv(full, 'bot');
  const worker = role === 'bot' ? undefined : readEnv(full, 'worker');
  const parts = [
    ...(bot?.ok === true ? [startBot(bot.value, live, log, metrics)] : []),
    ...(worker?.ok === true ? [startWorker(worker.value, live, log, metrics)] : []),
  ];
  try {
    return await serve(parts, { opsPort: read.value.opsPort, metrics, log });
  } catch (problem) {
    log.fatal({ problem: problem instanceof Error ? problem.message : String(problem) }, 'could not start');
    await Promise.all(parts.map((part) => part.close()));
    return 1;
  } finally {
    live.close();
    leaveNothingBehind();
  }
}

/** Read once before anything is connected to: a file that is not there, or names no cluster, is a wrong configuration and no outage. */
function kubeconfigProblems(file: string): string[] {
  if (file === '') return [];
  try {
    void connectCluster({ name: 'to-be-read', kubeconfigFile: file }).close();
    return [];
  } catch (problem) {
    return [`KUBECONFIG cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`];
  }
}

function clusterArgument(role: string, args: readonly string[]): { cluster?: string } | { wrong: string } {
  try {
    const options = role === 'bot' ? {} : { cluster: { type: 'string' as const } };
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    const cluster = (values as { cluster?: string }).cluster;
    return cluster === undefined ? {} : { cluster };
  } catch (problem) {
    return { wrong: `repull ${role}: ${problem instanceof Error ? problem.message : String(problem)}` };
  }
}
