import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/config/env.ts';
import { readEnv } from '../../../src/config/env.ts';

const bot = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', REDIS_URL: 'redis://localhost:6379', REPULL_CONFIG: 'policy.yaml' };
const worker = {
  REDIS_URL: 'rediss://u:p@redis:6380/2',
  REPULL_CONFIG: 'policy.yaml',
  REPULL_CLUSTER: 'prod-eu',
  KUBECONFIG: '/home/me/.kube/config',
};
const complaints = (env: Record<string, string | undefined>, role: Role): string[] => {
  const read = readEnv(env, role);
  return read.ok ? [] : read.problems;
};

describe('the environment of a process', () => {
  it('of a bot in Socket Mode', () => {
    expect(readEnv({ ...bot, PATH: '/bin' }, 'bot')).toEqual({
      ok: true,
      value: {
        slackBotToken: 'xoxb-1',
        slackAppToken: 'xapp-1',
        port: 3000,
        redisUrl: 'redis://localhost:6379',
        policyFile: 'policy.yaml',
        logLevel: 'info',
        retentionDays: 90,
        opsPort: 8080,
      },
    });
  });

  it('of a bot in HTTP mode, with everything set', () => {
    const env = {
      ...bot,
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: 's3',
      SLACK_API_URL: 'http://localhost:9000/api',
      PORT: '3001',
      OPS_PORT: '0',
      LOG_LEVEL: 'DEBUG',
      REPULL_JOB_KEY: 'key',
    };
    expect(readEnv(env, 'bot')).toEqual({
      ok: true,
      value: {
        slackBotToken: 'xoxb-1',
        slackSigningSecret: 's3',
        slackApiUrl: 'http://localhost:9000/api/',
        port: 3001,
        redisUrl: 'redis://localhost:6379',
        policyFile: 'policy.yaml',
        jobKey: 'key',
        logLevel: 'debug',
        retentionDays: 90,
        opsPort: 0,
      },
    });
  });

  it('of a worker, which needs nothing of Slack', () => {
    expect(readEnv({ ...worker, REPULL_REGISTRY_HOSTS_INSECURE: 'registry.local:5000, [::1]:5000,' }, 'worker')).toEqual({
      ok: true,
      value: {
        redisUrl: 'rediss://u:p@redis:6380/2',
        policyFile: 'policy.yaml',
        cluster: 'prod-eu',
        kubeconfig: '/home/me/.kube/config',
        insecureRegistryHosts: ['registry.local:5000', '[::1]:5000'],
        logLevel: 'info',
        retentionDays: 90,
        opsPort: 8080,
      },
    });
  });

  it('of a worker in a pod, which is given its credentials', () => {
    expect(complaints({ ...worker, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'worker')).toEqual([]);
  });

  it('of both together, of the history and of the playground', () => {
    expect(readEnv({ ...bot, ...worker }, 'all').ok).toBe(true);
    expect(readEnv({ REDIS_URL: 'redis://r' }, 'history')).toEqual({ ok: true, value: { redisUrl: 'redis://r' } });
    expect(readEnv({}, 'playground')).toEqual({ ok: true, value: { logLevel: 'info', opsPort: 8080 } });
    expect(readEnv({ PORT: '8000', REDIS_URL: 'redis://r' }, 'playground')).toMatchObject({ value: { port: 8000, redisUrl: 'redis://r' } });
  });

  it.each`
    role        | env                                                                         | problem
    ${'bot'}    | ${{ ...bot, SLACK_BOT_TOKEN: undefined }}                                   | ${'SLACK_BOT_TOKEN is missing: a Slack token that begins with xoxb-'}
    ${'bot'}    | ${{ ...bot, SLACK_BOT_TOKEN: 'xoxp-secret' }}                               | ${'SLACK_BOT_TOKEN must begin with xoxb-'}
    ${'bot'}    | ${{ ...bot, SLACK_APP_TOKEN: 'xoxb-secret' }}                               | ${'SLACK_APP_TOKEN must begin with xapp-'}
    ${'bot'}    | ${{ ...bot, SLACK_APP_TOKEN: ' ' }}                                         | ${'SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode): one of them must be set'}
    ${'bot'}    | ${{ ...bot, SLACK_API_URL: 'slack.com/api' }}                               | ${'SLACK_API_URL is not a URL that begins with https:// or http://'}
    ${'bot'}    | ${{ ...bot, REDIS_URL: 'localhost:6379' }}                                  | ${'REDIS_URL is not a URL that begins with redis:// or rediss://'}
    ${'bot'}    | ${{ ...bot, REDIS_URL: undefined }}                                         | ${'REDIS_URL is missing: a URL that begins with redis:// or rediss://'}
    ${'bot'}    | ${{ ...bot, REPULL_CONFIG: undefined }}                                     | ${'REPULL_CONFIG is missing: the path of the policy file'}
    ${'bot'}    | ${{ ...bot, OPS_PORT: '70000' }}                                            | ${'OPS_PORT is "70000", which is not a port (0 to 65535, 0 = off)'}
    ${'bot'}    | ${{ ...bot, PORT: '0' }}                                                    | ${'PORT is "0", which is not a port (1 to 65535)'}
    ${'bot'}    | ${{ ...bot, LOG_LEVEL: 'inof' }}                                            | ${'LOG_LEVEL is "inof", which is none of fatal, error, warn, info, debug, trace, silent; did you mean info?'}
    ${'bot'}    | ${{ ...bot, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 's', PORT: '8080' }} | ${'PORT and OPS_PORT: both are 8080, and each needs a port of its own'}
    ${'worker'} | ${{ ...worker, REPULL_CLUSTER: undefined }}                                 | ${'REPULL_CLUSTER is missing: the name of the cluster, as the policy file has it (or --cluster NAME)'}
    ${'worker'} | ${{ ...worker, REPULL_CLUSTER: 'prod eu' }}                                 | ${'REPULL_CLUSTER is "prod eu", which cannot be a name: one word of letters, digits, hyphens, dots and underscores'}
    ${'worker'} | ${{ ...worker, KUBECONFIG: undefined }}                                     | ${'KUBECONFIG is missing: outside a cluster it names the credentials to use'}
    ${'worker'} | ${{ ...worker, REPULL_REGISTRY_HOSTS_INSECURE: 'http://r:5000' }}           | ${'REPULL_REGISTRY_HOSTS_INSECURE: "http://r:5000" is not a host such as registry.local or registry.local:5000'}
  `('$problem', ({ role, env, problem }) => {
    expect(complaints(env, role)).toEqual([problem]);
  });

  it('is reported with all its problems at once, and without a secret', () => {
    const problems = complaints({ SLACK_BOT_TOKEN: 'xoxp-secret', REDIS_URL: 'http://u:secret@r', PORT: 'x', LOG_LEVEL: 'loud' }, 'all');
    expect(problems.map((problem) => problem.split(/[ :]/)[0]).toSorted()).toEqual(
      ['KUBECONFIG', 'LOG_LEVEL', 'PORT', 'REDIS_URL', 'REPULL_CLUSTER', 'REPULL_CONFIG', 'SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'].toSorted(),
    );
    expect(problems.join()).not.toContain('secret');
  });

  it.each(['0', '-1', '3651', 'ninety', '1.5'])('a retention of %s is wrong', (text) => {
    const read = readEnv({ REPULL_RETENTION_DAYS: text }, 'bot');
    expect(read.ok ? [] : read.problems).toContainEqual(expect.stringMatching(/^REPULL_RETENTION_DAYS is .* from 1 to 3650$/));
  });
});
