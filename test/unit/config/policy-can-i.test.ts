import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askCanI } from '../../../src/app/ask-policy.ts';
import type { BotDeps } from '../../../src/app/bot-deps.ts';
import type { Call } from '../../../src/app/run-command.ts';
import { canI } from '../../../src/config/can-i.ts';
import { parsePolicy } from '../../../src/config/policy-file.ts';
import { zonedClock } from '../../../src/config/zoned-clock.ts';
import { POLICY_VERBS, type Policy, type PolicyDecision, type PolicyVerb } from '../../../src/domain/policy.ts';

const NOW = Date.parse('2026-11-23T11:00:00Z');
interface Question {
  user: string;
  groups: string[];
  channel: string;
  verb: PolicyVerb;
  app: string;
  environment: string;
}

/** Whole policy files, in the JSON that YAML is too. */
const files = fc.record({
  approval: fc.option(
    fc.record(
      { votes: fc.integer({ min: 0, max: 3 }), from: fc.subarray(['a', 'b', 'everyone'], { minLength: 1 }), self: fc.boolean() },
      { requiredKeys: ['votes'] },
    ),
    { nil: undefined },
  ),
  roles: fc.array(
    fc.record({
      verbs: fc.oneof(fc.constant(['*']), fc.subarray([...POLICY_VERBS], { minLength: 1 })),
      environments: fc.constantFrom(['*'], ['prod'], ['s*'], ['prod', 'staging']),
      apps: fc.constantFrom(['*'], ['my-app'], ['myapp'], ['b*'], ['billing', 'm*']),
    }),
    { minLength: 2, maxLength: 2 },
  ),
  bindings: fc.array(
    fc.record({
      role: fc.constantFrom('r0', 'r1'),
      groups: fc.subarray(['a', 'b', 'everyone'], { minLength: 1 }),
      channels: fc.constantFrom(['*'], ['C0ONE0001'], ['C0TWO0001'], ['C0ONE0001', 'C0TWO0001']),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
const questions: fc.Arbitrary<Question> = fc.record({
  user: fc.constantFrom('U0DEV0001', 'U0LEAD001'),
  groups: fc.subarray(['S0AAAA001', 'S0BBBB001', 'S0OTHER01']),
  channel: fc.constantFrom('C0ONE0001', 'C0ONE0001', 'C0TWO0001', 'C0OTHER01', 'D0DIRECT1'),
  // What is asked for most often is where there is most to compare.
  verb: fc.constantFrom(...POLICY_VERBS, 'request', 'request', 'rollback'),
  app: fc.constantFrom('my-app', 'myapp', 'billing'),
  environment: fc.constantFrom('prod', 'prod', 'prod', 'staging', 'nowhere'),
});

const fileOf = ({ approval, roles, bindings }: { approval: unknown; roles: object[]; bindings: object[] }): string =>
  JSON.stringify({
    environments: {
      prod: { cluster: 'eu', namespaces: ['shop'], ...(approval === undefined ? {} : { approval }) },
      staging: { cluster: 'eu', namespaces: ['shop'] },
    },
    apps: { 'my-app': { workloads: ['deployment/my-app'], aliases: ['myapp'] }, billing: { workloads: ['deployment/billing'] } },
    groups: { a: { 'user-groups': ['S0AAAA001'] }, b: { 'user-groups': ['S0BBBB001'], users: ['U0LEAD001'] } },
    roles: Object.fromEntries(roles.map((role, index) => [`r${index}`, role])),
    bindings,
  });

function onTheCommandLine(file: string, { user, groups, channel, verb, app, environment }: Question) {
  const args = ['--config', 'policy.json', '--user', user, '--channel', channel, ...groups.flatMap((id) => ['--in-group', id])];
  const given = { env: {}, now: NOW, clock: zonedClock, readText: () => file };
  const { stdout, exitCode } = canI([...args, '--json', verb, app, environment], given);
  return { ...(JSON.parse(stdout) as { verdict: string; rule: string | null; votes: number; because: string }), exitCode };
}

/** What `/repull can-i APP ENV VERB` answers, with everything that Slack would have said about the person and the channel. */
async function inSlack(policy: Policy, question: Question): Promise<PolicyDecision> {
  const { user, groups, channel, verb, app, environment } = question;
  const deps: Pick<BotDeps, 'policy' | 'zoned' | 'store' | 'switches'> = {
    policy: () => policy,
    zoned: zonedClock,
    store: { now: async () => NOW } as BotDeps['store'],
    switches: { freezes: async () => [] } as unknown as BotDeps['switches'],
  };
  const call: Call = {
    actor: { userId: user, teamId: 'T1', kind: 'member', groups: { known: true, ids: groups } },
    place: { id: channel, shared: false, archived: false, kind: channel.startsWith('D') ? 'dm' : 'private' },
    user,
    team: 'T1',
    listener: { channel, user },
    key: 'k',
  };
  const answer = await askCanI(deps as BotDeps, call, { app, environment, about: verb });
  const decision = answer.kind === 'can-i' ? answer.rows[0]?.decision : undefined;
  if (decision === undefined) throw new Error(`no answer: ${JSON.stringify(answer)}`);
  return decision;
}

describe('can-i', () => {
  it('gives the same answer in Slack and on the command line: verdict, rule, votes, and who can help', async () => {
    const seen = { allow: 0, ask: 0, deny: 0 };
    await fc.assert(
      fc.asyncProperty(files, questions, async (parts, question) => {
        const file = fileOf(parts);
        const parsed = parsePolicy(file, 'policy.json');
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        const printed = onTheCommandLine(file, question);
        const decision = await inSlack(parsed.policy, question);
        seen[decision.verdict] += 1;
        const help = /\(could: (.*)\)$/.exec(printed.because)?.[1] ?? '';
        expect({ verdict: printed.verdict, rule: printed.rule, votes: printed.votes, help, exitCode: printed.exitCode }).toEqual({
          verdict: decision.verdict,
          rule: decision.rule ?? null,
          votes: decision.verdict === 'ask' ? decision.votes : 0,
          help: decision.verdict === 'deny' ? decision.help.join(', ') : '',
          exitCode: decision.verdict === 'deny' ? 1 : 0,
        });
      }),
      { numRuns: 400 },
    );
    // All three answers were compared.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it('on the command line never allows an app without an entry: the file alone does not say what runs in the cluster', () => {
    fc.assert(
      fc.property(files, questions, (parts, question) => {
        const printed = onTheCommandLine(fileOf(parts), { ...question, app: 'unheard-of' });
        expect(printed).toMatchObject({ verdict: 'deny', rule: null, votes: 0, exitCode: 1 });
      }),
    );
  });

  it('of a vote says what a click would be told: the verb alone is not enough where the environment names its approvers', async () => {
    const file = fileOf({
      approval: { votes: 1, from: ['a'] },
      roles: [{ verbs: ['*'], environments: ['*'], apps: ['*'] }],
      bindings: [{ role: 'r0', groups: ['everyone'], channels: ['*'] }],
    });
    const ask = { user: 'U0DEV0001', channel: 'C0ONE0001', verb: 'approve', app: 'my-app', environment: 'prod' } as const;
    expect(onTheCommandLine(file, { ...ask, groups: [] })).toMatchObject({
      verdict: 'deny',
      because: expect.stringContaining('wanted from a'),
    });
    expect(onTheCommandLine(file, { ...ask, groups: ['S0AAAA001'] })).toMatchObject({ verdict: 'allow', rule: 'bindings[0], role r0' });
    expect(onTheCommandLine(file, { ...ask, groups: [], environment: 'staging' })).toMatchObject({ verdict: 'allow' });
  });

  it('says that a freeze is of every app, where somebody has the right to some', () => {
    const file = fileOf({
      approval: undefined,
      roles: [{ verbs: ['freeze'], environments: ['*'], apps: ['my-app'] }],
      bindings: [{ role: 'r0', groups: ['everyone'], channels: ['*'] }],
    });
    const args = ['--config', 'f', '--user', 'U0DEV0001', '--channel', 'C0ONE0001', 'freeze', 'my-app', 'prod'];
    const { stdout } = canI(args, { env: {}, now: NOW, clock: zonedClock, readText: () => file });
    expect(stdout).toContain('a freeze stops every app in prod');
  });
});
