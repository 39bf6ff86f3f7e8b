import { describe, expect, it } from 'vitest';
import { formatProblem, parsePolicy } from '../../../src/config/policy-file.ts';
import { METHODS } from '../../../src/domain/method.ts';
import type { Policy } from '../../../src/domain/policy.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';
import { EXAMPLE } from './example.ts';

const trusted = (text: string): Policy => {
  const parsed = parsePolicy(text, 'policy.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.policy;
};
const problems = (text: string): string[] => {
  const parsed = parsePolicy(text, 'policy.yaml');
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
};

describe('the policy file of the specification', () => {
  it('is read as trusted values', () => {
    const policy = trusted(EXAMPLE);
    expect(policy.environments.get('prod')).toEqual({
      name: 'prod',
      cluster: 'prod-eu',
      namespaces: ['shop', 'payments'],
      approval: { votes: 1, from: ['sre'], self: false, expiresMs: 1_800_000 },
      zone: 'Europe/Berlin',
      windows: [{ text: 'Mon-Thu 09:00-16:30', days: [1, 2, 3, 4], from: 540, to: 990 }],
      freezes: [{ from: { date: '2026-12-20' }, to: { date: '2027-01-03' }, reason: 'holiday freeze' }],
      methods: ['auto', 'restart', 'pin', 'evict', 'set-image'],
      forceDelete: false,
      onFailure: 'ask',
      deadlineMs: 3_600_000,
    });
    expect(policy.apps.get('my-app')).toEqual({
      name: 'my-app',
      workloads: ['deployment/my-app', 'statefulset/my-app-cache'],
      aliases: ['myapp'],
    });
    expect(policy.groups.get('sre')).toEqual({ name: 'sre', userGroups: ['S0123ABCD'], users: ['U0456EFGH'] });
    expect(policy.roles.get('operator')?.verbs).toEqual(POLICY_VERBS);
    expect(policy.bindings[1]).toEqual({ role: 'operator', groups: ['sre'], channels: ['*'] });
    expect(policy.incidents).toEqual({ bind: ['sre'], votes: 0, ignoreWindows: true, reasonRequired: true, announce: 'C0AUDIT001' });
  });

  it('fills in every default', () => {
    expect(trusted(EXAMPLE).environments.get('staging')).toEqual({
      name: 'staging',
      cluster: 'staging-eu',
      namespaces: ['shop'],
      approval: { votes: 0, self: false, expiresMs: 1_800_000 },
      zone: 'UTC',
      freezes: [],
      methods: [...METHODS],
      forceDelete: false,
      onFailure: 'ask',
      deadlineMs: 3_600_000,
    });
    expect(trusted(EXAMPLE.replace(/approval: .*/, 'approval: {}')).environments.get('prod')?.approval).toEqual({
      votes: 1,
      self: false,
      expiresMs: 1_800_000,
    });
    expect(trusted(EXAMPLE.replace(/incidents: .*/, '')).incidents).toBeUndefined();
    expect(trusted(EXAMPLE.replace(/incidents: .*/, 'incidents: { bind: [sre], announce: C1 }')).incidents).toEqual({
      bind: ['sre'],
      ignoreWindows: false,
      reasonRequired: true,
      announce: 'C1',
    });
  });

  it('may leave apps and groups out, be in JSON, begin with a byte order mark and hold anchors', () => {
    const small = { environments: { prod: { cluster: 'c', namespaces: ['n'] } }, roles: {}, bindings: [] };
    expect(trusted(`\ufeff${JSON.stringify(small)}`).apps.size).toBe(0);
    expect(
      trusted(
        EXAMPLE.replace('namespaces: [shop, payments]', 'namespaces: &all [shop, payments]').replace(
          'namespaces: [shop]',
          'namespaces: *all',
        ),
      ).environments.get('staging')?.namespaces,
    ).toEqual(['shop', 'payments']);
  });

  it('reads votes: 0, times in freezes, short kinds, force-delete and an alias in a role', () => {
    const policy = trusted(
      EXAMPLE.replace('votes: 1', 'votes: 0')
        .replace('from: 2026-12-20, to: 2027-01-03', 'from: 2026-12-20 18:00, to: "2027-01-03 06:00"')
        .replace('deployment/my-app,', 'Deploy/my-app,')
        .replace('methods:  [auto,', 'methods: [force-delete, auto,')
        .replace('apps: ["*"] }\n  operator', 'apps: [myapp, "shop-*"] }\n  operator'),
    );
    expect(policy.environments.get('prod')).toMatchObject({
      approval: { votes: 0 },
      freezes: [{ from: { date: '2026-12-20', minutes: 1080 }, to: { date: '2027-01-03', minutes: 360 } }],
      forceDelete: true,
      methods: ['auto', 'restart', 'pin', 'evict', 'set-image'],
    });
    expect(policy.apps.get('my-app')?.workloads[0]).toBe('deployment/my-app');
    expect(policy.roles.get('developer')?.apps).toEqual(['my-app', 'shop-*']);
  });

  it('has a hash that changes with every letter', () => {
    const hash = (text: string): unknown => (parsePolicy(text, 'policy.yaml') as { hash?: string }).hash;
    expect(hash(EXAMPLE)).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(EXAMPLE)).not.toBe(hash(`${EXAMPLE}# \n`));
  });
});

describe('a mistake is named with line, column and path', () => {
  it.each`
    from                         | to                                            | problem
    ${'environments:'}           | ${'enviroments: {}\nenvironments:'}           | ${'1:1: enviroments: unknown key; did you mean environments?'}
    ${'    approval:'}           | ${'    aproval:'}                             | ${'5:5: environments.prod.aproval: unknown key; did you mean approval?'}
    ${'cluster: prod-eu'}        | ${'color: red\n    cluster: prod-eu'}         | ${'3:5: environments.prod.color: unknown key; known here: cluster, namespaces,'}
    ${'expires: 30m'}            | ${'expries: 30m'}                             | ${'5:53: environments.prod.approval.expries: unknown key; did you mean expires?'}
    ${'cluster: prod-eu'}        | ${''}                                         | ${'2:3: environments.prod.cluster: is missing'}
    ${'cluster: prod-eu'}        | ${'cluster:'}                                 | ${'3:5: environments.prod.cluster: expected text, got nothing'}
    ${'cluster: prod-eu'}        | ${'cluster: prod eu'}                         | ${'3:14: environments.prod.cluster: "prod eu" cannot be a name'}
    ${'[shop, payments]'}        | ${'[]'}                                       | ${'4:17: environments.prod.namespaces: is empty'}
    ${'[shop, payments]'}        | ${'shop'}                                     | ${'4:17: environments.prod.namespaces: expected a list, got "shop"'}
    ${'[shop, payments]'}        | ${'[shop, Pay_ments]'}                        | ${'4:24: environments.prod.namespaces[1]: "Pay_ments" cannot be a namespace'}
    ${'votes: 1'}                | ${'votes: -1'}                                | ${'5:24: environments.prod.approval.votes: must be 0 or more'}
    ${'votes: 1'}                | ${'votes: "1"'}                               | ${'5:24: environments.prod.approval.votes: expected a number, got "1"'}
    ${'votes: 1'}                | ${'votes: 1.5'}                               | ${'5:24: environments.prod.approval.votes: expected a whole number, got 1.5'}
    ${'self: false'}             | ${'self: no'}                                 | ${'5:46: environments.prod.approval.self: expected true or false, got "no"'}
    ${'from: [sre], self'}       | ${'from: [sree], self'}                       | ${'5:34: environments.prod.approval.from[0]: unknown group "sree"; did you mean sre?'}
    ${'expires: 30m'}            | ${'expires: 30 minutes'}                      | ${'5:62: environments.prod.approval.expires: "30 minutes" is not a duration'}
    ${'Europe/Berlin'}           | ${'Europe/Berln'}                             | ${'6:27: environments.prod.windows.timezone: unknown time zone "Europe/Berln"'}
    ${'09:00-16:30'}             | ${'9-16:30'}                                  | ${'6:49: environments.prod.windows.open[0]: "Mon-Thu 9-16:30" is not a window'}
    ${'to: 2027-01-03'}          | ${'to: 2026-12-19'}                           | ${'7:40: environments.prod.freezes[0].to: the freeze ends before it begins'}
    ${'from: 2026-12-20'}        | ${'from: 2026-02-30'}                         | ${'7:24: environments.prod.freezes[0].from: "2026-02-30" is not a day'}
    ${'[auto, restart'}          | ${'[auto, restrat'}                           | ${'8:22: environments.prod.methods[1]: "restrat" is none of'}
    ${'pin, evict, set-image'}   | ${'pin, force-delete'}                        | ${'8:36: environments.prod.methods[3]: force-delete is a way to evict'}
    ${'on-failure: ask'}         | ${'on-failure: rolback'}                      | ${'9:17: environments.prod.on-failure: "rolback" is none of ask, rollback; did you mean rollback?'}
    ${'  staging:'}              | ${'  my staging:'}                            | ${'10:3: environments["my staging"]: "my staging" cannot be a name'}
    ${'  staging:'}              | ${'  __proto__:'}                             | ${'10:3: environments.__proto__: "__proto__" cannot be a name'}
    ${'  staging:'}              | ${'  prod:'}                                  | ${'10:3: environments.prod: is there twice, first in line 2'}
    ${'deployment/my-app'}       | ${'service/my-app'}                           | ${'14:25: apps.my-app.workloads[0]: unknown kind "service"'}
    ${'deployment/my-app'}       | ${'deployment/My_App'}                        | ${'14:25: apps.my-app.workloads[0]: "My_App" cannot be the name of a Deployment'}
    ${'aliases: [myapp]'}        | ${'aliases: [my-app]'}                        | ${'14:81: apps.my-app.aliases[0]: "my-app" is already the app "my-app"'}
    ${'aliases: [myapp]'}        | ${'aliases: [a, a]'}                          | ${'14:84: apps.my-app.aliases[1]: "a" is already an alias of "my-app"'}
    ${'aliases: [myapp]'}        | ${'aliases: [help]'}                          | ${'14:81: apps.my-app.aliases[0]: "help" is a command of /repull'}
    ${'  my-app:'}               | ${'  status:'}                                | ${'14:3: apps.status: "status" is a command of /repull'}
    ${'[S0123ABCD]'}             | ${'[sre-team]'}                               | ${'16:24: groups.sre.user-groups[0]: "sre-team" is not a user-group id'}
    ${'[U0456EFGH]'}             | ${'["@anna"]'}                                | ${'16:44: groups.sre.users[0]: "@anna" is not a user id'}
    ${'groups:\n  sre:'}         | ${'groups:\n  everyone: {users: []}\n  sre:'} | ${'16:3: groups.everyone: everyone is built in'}
    ${'groups:\n  sre:'}         | ${'groups:\n  empty: {}\n  sre:'}             | ${'16:3: groups.empty: needs user-groups, users or both'}
    ${'[view, request, cancel]'} | ${'[view, reqest, cancel]'}                   | ${'18:30: roles.developer.verbs[1]: "reqest" is none of'}
    ${'environments: ["*"]'}     | ${'environments: [prd]'}                      | ${'18:63: roles.developer.environments[0]: unknown environment "prd"; did you mean prod?'}
    ${'apps: ["*"]'}             | ${'apps: [my-ap]'}                            | ${'18:76: roles.developer.apps[0]: unknown app "my-ap"; did you mean my-app?'}
    ${'role: developer'}         | ${'role: develper'}                           | ${'21:13: bindings[0].role: unknown role "develper"; did you mean developer?'}
    ${'groups: [everyone]'}      | ${'groups: [everybody]'}                      | ${'21:33: bindings[0].groups[0]: unknown group "everybody"'}
    ${'[C0DEPLOYS1]'}            | ${'["#deploys"]'}                             | ${'21:55: bindings[0].channels[0]: "#deploys" is not a channel id'}
    ${'[C0DEPLOYS1]'}            | ${'[U0456EFGH]'}                              | ${'21:55: bindings[0].channels[0]: "U0456EFGH" is not a channel id'}
    ${'bind: [sre]'}             | ${'bind: [ser]'}                              | ${'23:21: incidents.bind[0]: unknown group "ser"; did you mean sre?'}
    ${'announce: C0AUDIT001'}    | ${'announce: audit'}                          | ${'23:87: incidents.announce: "audit" is not a channel id'}
    ${', announce: C0AUDIT001'}  | ${''}                                         | ${'23:1: incidents.announce: is missing'}
  `('$to: $problem', ({ from, to, problem }) => {
    const text = EXAMPLE.replace(from, to);
    expect(text).not.toBe(EXAMPLE);
    expect(problems(text).filter((line) => line.startsWith(`policy.yaml:${problem}`))).toHaveLength(1);
  });

  it.each`
    text                                             | problem
    ${''}                                            | ${'1:1: (file): the file is empty'}
    ${'# nothing but a comment\n'}                   | ${'1:1: (file): the file is empty'}
    ${'just a sentence\n'}                           | ${'1:1: (file): expected a map, got "just a sentence"'}
    ${'- a list\n'}                                  | ${'1:1: (file): expected a map, got a list'}
    ${'environments:\n  prod: {a: [b}'}              | ${'2:15: (file): not YAML: '}
    ${'a: 1\n---\nb: 2\n'}                           | ${'2:1: (file): not YAML: Source contains multiple documents'}
    ${'environments: *nowhere\n'}                    | ${'1:1: (file): not YAML: Unresolved alias'}
    ${'environments: !env {}\n'}                     | ${'1:15: (file): not YAML: Unresolved tag: !env'}
    ${'environments: {}\nroles: {}\nbindings: []\n'} | ${'1:15: environments: is empty: name at least one environment'}
  `('$text: $problem', ({ text, problem }) => {
    expect(problems(text)[0]).toContain(`policy.yaml:${problem}`);
  });

  it('and so are all the others, in the order of the lines', () => {
    const text = EXAMPLE.replace('votes: 1', 'votes: many')
      .replace('Europe/Berlin', 'Berlin')
      .replace('  my-app:', '  my-app: {}\n  my-app:')
      .replace('role: operator', 'role: boss')
      .replace('incidents:', 'incident:');
    expect(problems(text).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'policy.yaml:5:24: environments.prod.approval.votes:',
      'policy.yaml:6:27: environments.prod.windows.timezone:',
      'policy.yaml:15:3: apps.my-app:',
      'policy.yaml:23:13: bindings[1].role:',
      'policy.yaml:24:1: incident:',
    ]);
  });

  it('a bomb of aliases is refused', () => {
    const bomb = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(', ')}]`),
    ].join('\n');
    expect(problems(bomb)).toEqual([expect.stringContaining('not YAML: Excessive alias count')]);
  });
});
