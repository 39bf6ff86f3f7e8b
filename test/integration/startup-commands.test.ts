import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runRepull } from '../support/process.ts';
import { startRedis } from '../support/redis.ts';
import { policyFor } from '../support/stories.ts';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `node dist/main.js …`, to its end. */
function repull(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env }, timeout: 40_000 };
    execFile(process.execPath, ['dist/main.js', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    );
  });
}

describe('the commands, as processes', () => {
  let dir: string;
  let policy: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'repull-startup-'));
    policy = join(dir, 'policy.yaml');
    writeFileSync(policy, policyFor('shop'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  describe('wrong configuration', () => {
    let server: Server;
    let port: number;
    let connections = 0;
    beforeAll(async () => {
      server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    const slack = [/SLACK_BOT_TOKEN must begin with xoxb-/, /SLACK_APP_TOKEN[^\n]*SLACK_SIGNING_SECRET/];
    const cluster = [/REPULL_CLUSTER is "not a name"/, /KUBECONFIG is missing/];
    it.each([
      ['bot', slack],
      ['worker', cluster],
      ['all', [...slack, ...cluster]],
    ])('ends %s with 78, names every problem at once with line and column, and connects to nothing', async (role, problems) => {
      const broken = join(dir, 'broken.yaml');
      writeFileSync(
        broken,
        policyFor('shop')
          .replace('votes: 1', 'votes: one')
          .replace('role: operator', 'role: boss')
          .replace('cluster: test', 'klaster: test'),
      );
      const ended = await repull([role, ...(role === 'bot' ? [] : ['--cluster', 'not a name'])], {
        REDIS_URL: `redis://127.0.0.1:${port}`,
        SLACK_API_URL: `http://127.0.0.1:${port}/api/`,
        SLACK_BOT_TOKEN: 'xoxp-a-user-token-9c1f',
        LOG_LEVEL: 'loud',
        OPS_PORT: '123456',
        REPULL_CONFIG: broken,
      });
      expect(ended.code).toBe(78);
      expect(ended.stdout).toBe('');
      const said = ended.stderr.split('\n');
      // Of the file: each with FILE:LINE:COLUMN.
      const at = (text: string, word: string) => {
        const lines = text.split('\n');
        const line = lines.findIndex((each) => each.includes(word));
        return line + 1;
      };
      const text = policyFor('shop')
        .replace('votes: 1', 'votes: one')
        .replace('role: operator', 'role: boss')
        .replace('cluster: test', 'klaster: test');
      expect(said.filter((line) => line.startsWith(`${broken}:${at(text, 'klaster')}:5: `) && line.includes('klaster'))).toHaveLength(1);
      expect(
        said.filter((line) => line.startsWith(`${broken}:${at(text, 'votes: one')}:24: environments.prod.approval.votes: `)),
      ).toHaveLength(1);
      expect(said.filter((line) => line.startsWith(`${broken}:${at(text, 'role: boss')}:13: bindings[1].role: `))).toHaveLength(1);
      // Of the environment.
      expect(ended.stderr).toMatch(/LOG_LEVEL is "loud"/);
      expect(ended.stderr).toMatch(/OPS_PORT is "123456"/);
      for (const problem of problems) expect(ended.stderr).toMatch(problem);
      expect(ended.stderr, 'a secret is never repeated').not.toContain('9c1f');
      expect(connections).toBe(0);
    });

    it('ends with 78 where the kubeconfig cannot be read, and says which file', async () => {
      const ended = await repull(['worker', '--cluster', 'test'], {
        REDIS_URL: `redis://127.0.0.1:${port}`,
        REPULL_CONFIG: policy,
        KUBECONFIG: join(dir, 'no-such-kubeconfig'),
        OPS_PORT: '0',
      });
      expect(ended.code).toBe(78);
      expect(ended.stderr).toContain('no-such-kubeconfig');
      expect(ended.stderr, 'words, not a stack').not.toMatch(/\n\s+at /);
      expect(connections).toBe(0);
    });

    it('ends with 78 where the policy file cannot be read', async () => {
      const file = join(dir, 'nowhere.yaml');
      const ended = await repull(['worker', '--cluster', 'test'], {
        REDIS_URL: `redis://127.0.0.1:${port}`,
        REPULL_CONFIG: file,
        KUBECONFIG: policy,
      });
      expect(ended.code).toBe(78);
      expect(ended.stderr).toContain(`${file}:1:1: `);
      expect(connections).toBe(0);
    });
  });

  it('ends with 2 on wrong usage, and says how it is used', async () => {
    const wrong = [[], ['bott'], ['bot', '--cluster', 'test'], ['worker', 'test'], ['history'], ['can-i', 'request', 'my-app', 'prod']];
    for (const ended of await Promise.all(wrong.map((args) => repull(args)))) {
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(/Usage: repull/);
    }
  });

  it('ends with 1, in words, where the health port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const redis = await startRedis();
    const kubeconfig = join(dir, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      'apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n',
    );
    try {
      const running = await runRepull(['worker', '--cluster', 'test'], {
        REDIS_URL: redis.url,
        REPULL_CONFIG: policy,
        KUBECONFIG: kubeconfig,
        OPS_PORT: String(port),
      });
      expect(await running.exited).toBe(1);
      expect(running.log()).toMatch(/EADDRINUSE|in use/);
    } finally {
      await redis.stop();
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it('prints what people may do, from the file alone', async () => {
    const who = ['can-i', '--config', policy, '--user', 'U0DEV00001', '--channel', 'C0DEPLOYS1'];
    const environment = { REPULL_CONFIG: policy };
    const [asked, allowed, denied, byEnvironment] = await Promise.all([
      repull([...who, '--json', 'request', 'myapp', 'prod']),
      repull([...who, '--json', 'request', 'my-app', 'staging']),
      repull([...who, 'approve', 'my-app', 'prod']),
      repull(['can-i', '--user', 'U0DEV00001', '--channel', 'C0DEPLOYS1', 'view', 'my-app', 'prod'], environment),
    ]);
    expect(asked.code).toBe(0);
    expect(JSON.parse(asked.stdout)).toMatchObject({ verdict: 'ask', votes: 1, rule: 'bindings[0], role developer' });
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ verdict: 'allow', votes: 0 });
    expect(denied.code).toBe(1);
    expect(denied.stdout).toMatch(/^deny: /);
    expect(byEnvironment.code).toBe(0);
  });

  it('checks a policy file, prints the manifest and the schema', async () => {
    const scopes = async (args: string[]) => {
      const printed = await repull(['manifest', ...args]);
      expect(printed.code).toBe(0);
      return (parse(printed.stdout) as { oauth_config: { scopes: { bot: string[] } } }).oauth_config.scopes.bot;
    };
    const broken = join(dir, 'one.yaml');
    writeFileSync(broken, policyFor('shop').replace('votes: 1', 'votes: -1'));
    const [fine, checked, schema, help, least, exactly] = await Promise.all([
      repull(['check-config', policy]),
      repull(['check-config', broken]),
      repull(['schema']),
      repull(['--help']),
      scopes([]),
      scopes(['--exactly-once']),
    ]);
    expect(fine).toMatchObject({ code: 0, stdout: expect.stringContaining(': fine (2 environments') });
    expect(checked).toMatchObject({ code: 78, stdout: '' });
    expect(checked.stderr).toMatch(/one\.yaml:6:24: environments\.prod\.approval\.votes: /);
    expect(least).not.toContain('channels:history');
    expect(exactly).toEqual([...least, 'channels:history', 'groups:history']);
    expect(schema.code).toBe(0);
    expect(JSON.parse(schema.stdout)).toMatchObject({ type: 'object', required: expect.arrayContaining(['environments']) });
    expect(help.stdout).toMatch(/Usage: repull COMMAND/);
  });

  it('says that Redis cannot be read, with 1, where history has none', async () => {
    const [ended, unset] = await Promise.all([
      repull(['history', '--json'], { REDIS_URL: 'redis://127.0.0.1:1' }),
      repull(['history', '--json']),
    ]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/Redis cannot be read/);
    expect(unset).toMatchObject({ code: 78 });
  });
});
