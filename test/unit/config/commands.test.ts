import { describe, expect, it } from 'vitest';
import { canI } from '../../../src/config/can-i.ts';
import { checkConfig } from '../../../src/config/check-config.ts';
import { formatProblem, parsePolicy } from '../../../src/config/policy-file.ts';
import { policySchema, printSchema } from '../../../src/config/schema.ts';
import { workerLimits } from '../../../src/config/worker-limits.ts';
import { zonedClock } from '../../../src/config/zoned-clock.ts';
import { EXAMPLE } from './example.ts';

const files: Record<string, string> = {
  'policy.yaml': EXAMPLE,
  'bad.yaml': EXAMPLE.replace('votes: 1', 'votes: one').replace('role: operator', 'role: boss'),
};
const readText = (file: string): string => {
  const text = files[file];
  if (text === undefined) throw new Error(`ENOENT: no such file, open '${file}'`);
  return text;
};

describe('repull check-config', () => {
  it.each`
    args                | exitCode | stdout                                                                         | stderr
    ${['policy.yaml']}  | ${0}     | ${'policy.yaml: fine (2 environments, 1 app, 1 group, 2 roles, 2 bindings)\n'} | ${''}
    ${['bad.yaml']}     | ${78}    | ${''}                                                                          | ${'bad.yaml:5:24: environments.prod.approval.votes: expected a number, got "one"\nbad.yaml:22:13: bindings[1].role: unknown role "boss"\n'}
    ${['nowhere.yaml']} | ${78}    | ${''}                                                                          | ${"nowhere.yaml:1:1: (file): cannot be read: ENOENT: no such file, open 'nowhere.yaml'\n"}
    ${[]}               | ${2}     | ${''}                                                                          | ${'Usage: repull check-config FILE\n'}
    ${['a', 'b']}       | ${2}     | ${''}                                                                          | ${'Usage: repull check-config FILE\n'}
    ${['--fix']}        | ${2}     | ${''}                                                                          | ${'Usage: repull check-config FILE\n'}
  `('$args: $exitCode', ({ args, exitCode, stdout, stderr }) => {
    expect(checkConfig(args, readText)).toEqual({ exitCode, stdout, stderr });
  });
});

describe('repull can-i', () => {
  // A Monday at noon in Berlin: inside the window of prod.
  const ask = (line: string, env = {}, now = '2026-11-23T11:00:00Z') =>
    canI(
      line.split(' ').filter((word) => word !== ''),
      { env, now: Date.parse(now), clock: zonedClock, readText },
    );
  const who = '--config policy.yaml --user U0DEV0001 --channel C0DEPLOYS1';

  it.each`
    line                                                                                  | exitCode | json
    ${`${who} request my-app staging`}                                                    | ${0}     | ${{ verdict: 'allow', rule: 'bindings[0], role developer', votes: 0 }}
    ${`${who} request myapp prod`}                                                        | ${0}     | ${{ verdict: 'ask', rule: 'bindings[0], role developer', votes: 1 }}
    ${`${who} view my-app prod`}                                                          | ${0}     | ${{ verdict: 'allow', rule: 'bindings[0], role developer', votes: 0 }}
    ${`${who} approve my-app prod`}                                                       | ${1}     | ${{ verdict: 'deny', rule: null, votes: 0 }}
    ${`${who} --in-group S0123ABCD approve my-app prod`}                                  | ${0}     | ${{ verdict: 'allow', rule: 'bindings[1], role operator', votes: 0 }}
    ${`${who} --in-group S1 --in-group S0123ABCD rollback my-app prod`}                   | ${0}     | ${{ verdict: 'ask', rule: 'bindings[1], role operator', votes: 1 }}
    ${`${who} --in-group S0123ABCD override my-app prod`}                                 | ${0}     | ${{ verdict: 'allow', rule: 'bindings[1], role operator', votes: 0 }}
    ${'freeze my-app prod --user U0456EFGH --config=policy.yaml --channel C0OTHER01'}     | ${0}     | ${{ verdict: 'allow', rule: 'bindings[1], role operator', votes: 0 }}
    ${`${who} request my-app nowhere`}                                                    | ${1}     | ${{ verdict: 'deny', rule: null, votes: 0 }}
    ${`${who} --in-group S0123ABCD view unheard-of prod`}                                 | ${1}     | ${{ verdict: 'deny', rule: null, votes: 0 }}
    ${'--config policy.yaml --user U0DEV0001 --channel C0OTHER01 request my-app staging'} | ${1}     | ${{ verdict: 'deny', rule: null, votes: 0 }}
    ${'--config policy.yaml --user U0456EFGH --channel D0DIRECT1 request my-app staging'} | ${1}     | ${{ verdict: 'deny', rule: null, votes: 0 }}
  `('$line: $exitCode', ({ line, exitCode, json }) => {
    const result = ask(`${line} --json`);
    expect(result.exitCode).toBe(exitCode);
    const printed = JSON.parse(result.stdout) as object;
    expect(printed).toEqual({ ...json, because: expect.any(String) });
    expect(Object.keys(printed)).toEqual(['verdict', 'rule', 'votes', 'because']);
    expect(ask(line)).toMatchObject({ exitCode, stdout: expect.stringMatching(new RegExp(`^${json.verdict}: `)), stderr: '' });
  });

  it('prints windows and freezes, which do not count', () => {
    expect(ask(`${who} request my-app prod`).stdout).toBe(
      [
        'ask: U0DEV0001 may request my-app in prod with 1 approval from sre, not their own',
        'rule: bindings[0], role developer',
        'windows: Mon-Thu 09:00-16:30 (Europe/Berlin); open now',
        'freeze: 2026-12-20 to 2027-01-03 (Europe/Berlin): holiday freeze',
        '',
      ].join('\n'),
    );
    const frozen = ask(`${who} --json request my-app prod`, {}, '2026-12-24T11:00:00Z');
    expect(frozen.exitCode).toBe(0);
    expect(frozen.stderr).toContain('closed now, frozen; opens 2027-01-04T08:00:00.000Z');
    expect(ask(`${who} request my-app staging`).stdout).toContain('windows: always open; open now');
  });

  it('falls back to REPULL_CONFIG', () => {
    expect(ask('--user U0DEV0001 --channel C0DEPLOYS1 view my-app prod', { REPULL_CONFIG: 'policy.yaml' }).exitCode).toBe(0);
  });

  it.each`
    line                                                                | exitCode | stderr
    ${'--user U1 --channel C1 view my-app prod'}                        | ${2}     | ${'--config FILE is missing'}
    ${'--config policy.yaml --channel C1 view my-app prod'}             | ${2}     | ${'--user is missing'}
    ${'--config policy.yaml --user U1 view my-app prod'}                | ${2}     | ${'--channel is missing'}
    ${'--config policy.yaml --user anna --channel C1 view my-app prod'} | ${2}     | ${'--user takes a Slack user id (U…), not "anna"'}
    ${'--config policy.yaml --user U1 --channel #dep view my-app prod'} | ${2}     | ${'--channel takes a Slack channel id (C…), not "#dep"'}
    ${`${who} --in-group sre view my-app prod`}                         | ${2}     | ${'--in-group takes a Slack user-group id (S…), not "sre"'}
    ${`${who} aprove my-app prod`}                                      | ${2}     | ${'did you mean approve?'}
    ${`${who} view my-app`}                                             | ${2}     | ${'VERB, APP and ENV are needed'}
    ${`${who} view my-app prod now`}                                    | ${2}     | ${'"now" is one word too many'}
    ${`${who} --verbose view my-app prod`}                              | ${2}     | ${"Unknown option '--verbose'"}
    ${'--config bad.yaml --user U1 --channel C1 view my-app prod'}      | ${78}    | ${'bad.yaml:5:24: environments.prod.approval.votes'}
    ${'--config nowhere.yaml --user U1 --channel C1 view my-app prod'}  | ${78}    | ${'nowhere.yaml:1:1: (file): cannot be read'}
  `('$line: $exitCode', ({ line, exitCode, stderr }) => {
    expect(ask(line)).toEqual({ exitCode, stdout: '', stderr: expect.stringContaining(stderr) });
  });
});

describe('repull schema', () => {
  it('describes the file strictly, with what is needed and what has a default', () => {
    expect(policySchema()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['environments', 'roles', 'bindings'],
      properties: {
        environments: {
          additionalProperties: {
            additionalProperties: false,
            required: ['cluster', 'namespaces'],
            properties: { approval: { properties: { votes: { default: 1 }, expires: { default: '30m' } } }, deadline: { default: '1h' } },
          },
        },
      },
    });
    expect(JSON.parse(printSchema([]).stdout)).toEqual(policySchema());
    expect(printSchema(['x']).exitCode).toBe(2);
  });

  it('says something about every key', () => {
    const silent: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries((node as { properties?: object }).properties ?? {})) {
        const { description, enum: words } = value as { description?: string; enum?: unknown };
        if (description === undefined && words === undefined) silent.push(`${path}.${key}`);
      }
      for (const [key, value] of Object.entries(node)) walk(value, `${path}.${key}`);
    };
    walk(policySchema(), '');
    expect(silent).toEqual([]);
  });
});

describe('the limits of a worker', () => {
  const parsed = parsePolicy(EXAMPLE, 'policy.yaml');
  const policy = () => {
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    return parsed.policy;
  };

  it('are the environments of its cluster', () => {
    const limits = workerLimits(policy(), 'prod-eu');
    expect([...limits.environments.keys()]).toEqual(['prod']);
    expect(limits.namespaces).toEqual(['shop', 'payments']);
    expect(limits.environments.get('prod')?.methods).not.toContain('always');
  });

  it('are nothing where no environment is on its cluster', () => {
    expect(workerLimits(policy(), 'elsewhere')).toMatchObject({ environments: new Map(), namespaces: [] });
  });
});
