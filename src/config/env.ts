import { readers, type Environment } from './env-readers.ts';

/** What every process reads. */
interface Common {
  logLevel: LogLevel;
  /** 0: no health and metrics port. */
  opsPort: number;
}

export interface BotEnv extends Common {
  slackBotToken: string;
  /** Set: Socket Mode. */
  slackAppToken?: string;
  /** HTTP mode; one of the two is set. */
  slackSigningSecret?: string;
  /** With a slash at its end; left out: Slack's own. */
  slackApiUrl?: string;
  /** HTTP mode. */
  port: number;
  redisUrl: string;
  policyFile: string;
  jobKey?: string;
  /** How long a request is kept after its end; the same for bots and workers. */
  retentionDays: number;
}

export interface WorkerEnv extends Common {
  redisUrl: string;
  policyFile: string;
  cluster: string;
  /** As kubectl reads it: one file or several; left out: the credentials that a pod is given. */
  kubeconfig?: string;
  jobKey?: string;
  retentionDays: number;
  /** Hosts, with port where one is named, that are spoken to in plain HTTP. */
  insecureRegistryHosts: string[];
  /** `config.json` of Docker, whose credentials count where the workload brings none. */
  dockerConfigPath?: string;
}

interface HistoryEnv {
  redisUrl: string;
}

/** The playground starts whatever is not named here. */
interface PlaygroundEnv extends Common {
  redisUrl?: string;
  kubeconfig?: string;
  /** Of the page; left out: one that is free. */
  port?: number;
}

interface Envs {
  bot: BotEnv;
  worker: WorkerEnv;
  all: BotEnv & WorkerEnv;
  history: HistoryEnv;
  playground: PlaygroundEnv;
}
export type Role = keyof Envs;
export type ReadEnv<R extends Role> = { ok: true; value: Envs[R] } | { ok: false; problems: string[] };

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** The one place where the environment of the process is touched. */
export const processEnv = (): Environment => process.env;

/** Validates what this role needs, and reports every problem at once. An empty variable counts as unset; a secret is never repeated in a problem. */
export function readEnv<R extends Role>(env: Environment, role: R): ReadEnv<R> {
  const problems: string[] = [];
  const value = parts[role](env, problems);
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

type Part<T> = (env: Environment, problems: string[]) => T;

const parts: { [R in Role]: Part<Envs[R]> } = {
  bot: (env, problems) => ({ ...commonOf(env, problems), ...sharedOf(env, problems), ...slackOf(env, problems) }),
  worker: (env, problems) => ({ ...commonOf(env, problems), ...sharedOf(env, problems), ...clusterOf(env, problems) }),
  all: (env, problems) => ({
    ...commonOf(env, problems),
    ...sharedOf(env, problems),
    ...slackOf(env, problems),
    ...clusterOf(env, problems),
  }),
  history: (env, problems) => ({ redisUrl: readers(env, problems).url('REDIS_URL', ['redis:', 'rediss:']) ?? '' }),
  playground: (env, problems) => {
    const read = readers(env, problems);
    return {
      ...commonOf(env, problems),
      ...given('redisUrl', read.text('REDIS_URL') === undefined ? undefined : read.url('REDIS_URL', ['redis:', 'rediss:'])),
      ...given('kubeconfig', read.text('KUBECONFIG')),
      ...given('port', read.text('PORT') === undefined ? undefined : read.port('PORT', 0, 1)),
    };
  },
};

const given = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });

function commonOf(env: Environment, problems: string[]): Common {
  const read = readers(env, problems);
  return { logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'), opsPort: read.port('OPS_PORT', 8080, 0) };
}

function sharedOf(env: Environment, problems: string[]): Pick<BotEnv, 'redisUrl' | 'policyFile' | 'jobKey' | 'retentionDays'> {
  const read = readers(env, problems);
  return {
    redisUrl: read.url('REDIS_URL', ['redis:', 'rediss:']) ?? '',
    policyFile: read.needed('REPULL_CONFIG', 'the path of the policy file') ?? '',
    ...given('jobKey', read.text('REPULL_JOB_KEY')),
    // A rollback needs what was recorded before: a day is the least that makes sense.
    retentionDays: read.count('REPULL_RETENTION_DAYS', 90, 1, 3650),
  };
}

type SlackPart = Pick<BotEnv, 'slackBotToken' | 'slackAppToken' | 'slackSigningSecret' | 'slackApiUrl' | 'port'>;

function slackOf(env: Environment, problems: string[]): SlackPart {
  const read = readers(env, problems);
  const slackBotToken = read.token('SLACK_BOT_TOKEN', 'xoxb-', true) ?? '';
  const slackAppToken = read.token('SLACK_APP_TOKEN', 'xapp-', false);
  const slackSigningSecret = read.text('SLACK_SIGNING_SECRET');
  if (read.text('SLACK_APP_TOKEN') === undefined && slackSigningSecret === undefined) {
    problems.push('SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode): one of them must be set');
  }
  const port = read.port('PORT', 3000, 1);
  const ops = read.text('OPS_PORT') ?? '8080';
  if (slackAppToken === undefined && String(port) === ops)
    problems.push(`PORT and OPS_PORT: both are ${port}, and each needs a port of its own`);
  const apiUrl = read.text('SLACK_API_URL') === undefined ? undefined : read.url('SLACK_API_URL', ['https:', 'http:']);
  return {
    slackBotToken,
    ...given('slackAppToken', slackAppToken),
    ...given('slackSigningSecret', slackSigningSecret),
    ...given('slackApiUrl', apiUrl?.replace(/\/*$/, '/')),
    port,
  };
}

function clusterOf(
  env: Environment,
  problems: string[],
): Pick<WorkerEnv, 'cluster' | 'kubeconfig' | 'insecureRegistryHosts' | 'dockerConfigPath'> {
  const read = readers(env, problems);
  const kubeconfig = read.text('KUBECONFIG');
  // Kubernetes sets this in every pod; without it there are no in-cluster credentials to find.
  if (kubeconfig === undefined && read.text('KUBERNETES_SERVICE_HOST') === undefined) {
    problems.push('KUBECONFIG is missing: outside a cluster it names the credentials to use');
  }
  return {
    cluster: read.name('REPULL_CLUSTER', 'the name of the cluster, as the policy file has it (or --cluster NAME)') ?? '',
    ...given('kubeconfig', kubeconfig),
    insecureRegistryHosts: read.hosts('REPULL_REGISTRY_HOSTS_INSECURE'),
    // Docker's own variable: a folder that holds config.json.
    ...given('dockerConfigPath', read.text('DOCKER_CONFIG') === undefined ? undefined : `${read.text('DOCKER_CONFIG')}/config.json`),
  };
}
