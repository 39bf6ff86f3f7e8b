import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayApprove, mayBindIncident, mayCancel } from '../../../src/domain/approve.ts';
import { decide } from '../../../src/domain/decide.ts';
import { matchesGlob } from '../../../src/domain/glob.ts';
import type { ActorFacts, PolicyDecision } from '../../../src/domain/policy.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';
import { namesOf, rightsOf, visibleApps, visibleEnvironments } from '../../../src/domain/visible.ts';
import { aChannel, aPerson, aPolicy, anApp, anEnvironment, anSre } from './a-policy.ts';

const PROD = { app: 'my-app', environment: 'prod' };
const STAGING = { app: 'my-app', environment: 'staging' };
const deploys = aChannel();
const elsewhere = aChannel({ id: 'C0RANDOM1' });

/** One word for a table: `allow`, `ask 1`, or the code of the reason why not. */
function word(decision: PolicyDecision): string {
  if (decision.verdict === 'allow') return 'allow';
  return decision.verdict === 'ask' ? `ask ${decision.votes}` : decision.because.code;
}

describe('what the example policy lets people do', () => {
  it.each`
    who                                 | where        | verb          | target     | answer
    ${aPerson()}                        | ${deploys}   | ${'view'}     | ${PROD}    | ${'allow'}
    ${aPerson()}                        | ${deploys}   | ${'request'}  | ${PROD}    | ${'ask 1'}
    ${aPerson()}                        | ${deploys}   | ${'request'}  | ${STAGING} | ${'allow'}
    ${aPerson()}                        | ${deploys}   | ${'cancel'}   | ${PROD}    | ${'allow'}
    ${aPerson()}                        | ${deploys}   | ${'approve'}  | ${PROD}    | ${'not-permitted'}
    ${aPerson()}                        | ${deploys}   | ${'rollback'} | ${PROD}    | ${'not-permitted'}
    ${aPerson()}                        | ${deploys}   | ${'freeze'}   | ${PROD}    | ${'not-permitted'}
    ${aPerson()}                        | ${deploys}   | ${'override'} | ${PROD}    | ${'not-permitted'}
    ${aPerson()}                        | ${elsewhere} | ${'request'}  | ${PROD}    | ${'wrong-channel'}
    ${anSre()}                          | ${deploys}   | ${'approve'}  | ${PROD}    | ${'allow'}
    ${anSre()}                          | ${elsewhere} | ${'request'}  | ${PROD}    | ${'ask 1'}
    ${anSre()}                          | ${elsewhere} | ${'rollback'} | ${PROD}    | ${'ask 1'}
    ${anSre()}                          | ${elsewhere} | ${'freeze'}   | ${PROD}    | ${'allow'}
    ${anSre()}                          | ${elsewhere} | ${'override'} | ${PROD}    | ${'allow'}
    ${aPerson({ userId: 'U0456EFGH' })} | ${elsewhere} | ${'approve'}  | ${PROD}    | ${'allow'}
    ${aPerson({ userId: 'u0456efgh' })} | ${elsewhere} | ${'approve'}  | ${PROD}    | ${'wrong-channel'}
  `('$who.userId $verb in $where.id: $answer', ({ who, where, verb, target, answer }) => {
    expect(word(decide(aPolicy(), who, where, verb, target))).toBe(answer);
  });

  it('names the rule that decided', () => {
    expect(decide(aPolicy(), aPerson(), deploys, 'request', STAGING)).toEqual({ verdict: 'allow', rule: 'bindings[0], role developer' });
    expect(decide(aPolicy(), anSre(), elsewhere, 'request', PROD)).toEqual({
      verdict: 'ask',
      rule: 'bindings[1], role operator',
      votes: 1,
      from: ['sre'],
      self: false,
      expiresMs: 1_800_000,
    });
  });

  it('names the groups that could help, and the channels where it would be allowed', () => {
    expect(decide(aPolicy(), aPerson(), deploys, 'rollback', PROD)).toEqual({
      verdict: 'deny',
      because: { code: 'not-permitted' },
      help: ['sre'],
    });
    expect(decide(aPolicy(), aPerson(), elsewhere, 'request', PROD)).toEqual({
      verdict: 'deny',
      because: { code: 'wrong-channel', channels: ['C0DEPLOYS1'] },
      // Everyone is no help, and those who may here are nearer than those who may elsewhere.
      help: ['sre'],
    });
  });
});

describe('who and where is refused whatever the roles say', () => {
  const root = { userId: 'U0456EFGH' };
  it.each`
    who                                                               | where                            | answer
    ${aPerson({ ...root, kind: 'guest' })}                            | ${deploys}                       | ${'not-a-member'}
    ${aPerson({ ...root, kind: 'bot' })}                              | ${deploys}                       | ${'not-a-member'}
    ${aPerson({ ...root, kind: 'deactivated' })}                      | ${deploys}                       | ${'not-a-member'}
    ${aPerson({ ...root, kind: 'stranger' })}                         | ${deploys}                       | ${'not-a-member'}
    ${aPerson({ ...root, kind: 'unknown' })}                          | ${deploys}                       | ${'not-a-member'}
    ${aPerson(root)}                                                  | ${aChannel({ shared: true })}    | ${'channel-shared'}
    ${aPerson(root)}                                                  | ${aChannel({ archived: true })}  | ${'channel-archived'}
    ${aPerson(root)}                                                  | ${aChannel({ kind: 'unknown' })} | ${'channel-unknown'}
    ${aPerson(root)}                                                  | ${aChannel({ kind: 'dm' })}      | ${'direct-message'}
    ${aPerson({ groups: { known: false, ids: [] } })}                 | ${elsewhere}                     | ${'role-unconfirmed'}
    ${aPerson({ groups: { known: false, ids: ['S0123ABCD'] } })}      | ${elsewhere}                     | ${'allow'}
    ${aPerson({ ...root, groups: { known: false, ids: [] } })}        | ${elsewhere}                     | ${'allow'}
    ${aPerson({ groups: { known: true, ids: ['s0123abcd', 'S0'] } })} | ${elsewhere}                     | ${'wrong-channel'}
    ${aPerson(root)}                                                  | ${aChannel({ kind: 'private' })} | ${'allow'}
  `('$who.kind, $where.kind, shared $where.shared: $answer', ({ who, where, answer }) => {
    for (const verb of POLICY_VERBS) {
      const decision = word(decide(aPolicy(), who, where, verb, STAGING));
      expect(decision).toBe(answer);
    }
    expect(visibleApps(aPolicy(), who, where).length > 0).toBe(answer === 'allow');
  });

  it('points from a direct message to the channels where this person has rights', () => {
    expect(decide(aPolicy(), aPerson(), aChannel({ kind: 'dm', id: 'D1' }), 'request', PROD)).toMatchObject({
      because: { code: 'direct-message', channels: ['C0DEPLOYS1'] },
    });
  });
});

describe('an unknown name is answered like a forbidden one', () => {
  const policy = aPolicy({
    apps: [anApp({ name: 'my-app' }), anApp({ name: 'secret' })],
    environments: [anEnvironment({ name: 'staging' }), anEnvironment({ name: 'vault' })],
    groups: [
      { name: 'sre', userGroups: ['S0123ABCD'], users: [] },
      { name: 'spies', userGroups: ['S9'], users: [] },
    ],
    roles: [
      { name: 'developer', verbs: ['view', 'request'], environments: ['staging'], apps: ['my-app'] },
      { name: 'spy', verbs: [...POLICY_VERBS], environments: ['vault', 'staging'], apps: ['secret'] },
      { name: 'operator', verbs: [...POLICY_VERBS], environments: ['*'], apps: ['*'] },
    ],
    bindings: [
      { role: 'developer', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
      { role: 'spy', groups: ['spies'], channels: ['C0SECRET1'] },
      { role: 'operator', groups: ['sre'], channels: ['C0OPS0001'] },
    ],
  });

  it.each`
    forbidden                                     | unknown
    ${{ app: 'secret', environment: 'staging' }}  | ${{ app: 'nosuch', environment: 'staging' }}
    ${{ app: 'my-app', environment: 'vault' }}    | ${{ app: 'my-app', environment: 'nosuch' }}
    ${{ app: 'secret', environment: 'vault' }}    | ${{ app: 'nosuch', environment: 'nosuch' }}
    ${{ app: '__proto__', environment: 'vault' }} | ${{ app: 'constructor', environment: '__proto__' }}
  `('$forbidden.app $forbidden.environment and $unknown.app $unknown.environment', ({ forbidden, unknown }) => {
    for (const verb of POLICY_VERBS) {
      for (const where of [deploys, elsewhere, aChannel({ id: 'C0SECRET1' })]) {
        const answer = decide(policy, aPerson(), where, verb, forbidden);
        expect(answer.verdict).toBe('deny');
        expect(answer).toEqual(decide(policy, aPerson(), where, verb, unknown));
      }
    }
  });

  it('also where the asker has a right to it in another channel, which is not to be told here', () => {
    const both = aPolicy({
      apps: [anApp({ name: 'my-app' }), anApp({ name: 'secret' })],
      roles: [
        { name: 'developer', verbs: ['view'], environments: ['staging'], apps: ['my-app'] },
        { name: 'spy', verbs: ['view'], environments: ['staging'], apps: ['secret'] },
      ],
      bindings: [
        { role: 'developer', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
        { role: 'spy', groups: ['everyone'], channels: ['C0SECRET1'] },
      ],
    });
    const answer = decide(both, aPerson(), deploys, 'view', { app: 'secret', environment: 'staging' });
    expect(answer).toEqual({ verdict: 'deny', because: { code: 'not-permitted' }, help: [] });
    expect(answer).toEqual(decide(both, aPerson(), deploys, 'view', { app: 'nosuch', environment: 'staging' }));
  });

  it('never lets a glob cover an environment that is not in the file', () => {
    expect(word(decide(aPolicy(), anSre(), deploys, 'view', { app: 'my-app', environment: 'nosuch' }))).toBe('not-permitted');
  });

  it('lets a glob cover an app without an entry: the cluster may know it', () => {
    expect(word(decide(aPolicy(), aPerson(), deploys, 'request', { app: 'unlisted', environment: 'staging' }))).toBe('allow');
  });
});

describe('bindings', () => {
  const narrow = aPolicy({
    roles: [
      { name: 'viewer', verbs: ['view'], environments: ['*'], apps: ['*'] },
      { name: 'shop', verbs: ['request'], environments: ['stag*'], apps: ['my-*'] },
      { name: 'my-freezer', verbs: ['freeze'], environments: ['*'], apps: ['my-app'] },
    ],
    bindings: [
      { role: 'viewer', groups: ['everyone'], channels: ['*'] },
      { role: 'shop', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
      { role: 'my-freezer', groups: ['everyone'], channels: ['*'] },
    ],
  });

  it('add up, each with its own globs', () => {
    expect(word(decide(narrow, aPerson(), deploys, 'view', PROD))).toBe('allow');
    expect(word(decide(narrow, aPerson(), deploys, 'request', STAGING))).toBe('allow');
    expect(word(decide(narrow, aPerson(), deploys, 'request', PROD))).toBe('not-permitted');
    expect(word(decide(narrow, aPerson(), deploys, 'request', { app: 'billing', environment: 'staging' }))).toBe('not-permitted');
  });

  it('say in which channel it would be allowed, to somebody who sees the target here', () => {
    expect(decide(narrow, aPerson(), elsewhere, 'request', STAGING)).toMatchObject({
      because: { code: 'wrong-channel', channels: ['C0DEPLOYS1'] },
    });
  });

  it('reach the app through its alias', () => {
    const byAlias = aPolicy({
      roles: [{ name: 'developer', verbs: ['view'], environments: ['*'], apps: ['my-app'] }],
      bindings: [{ role: 'developer', groups: ['everyone'], channels: ['*'] }],
    });
    expect(word(decide(byAlias, aPerson(), deploys, 'view', { app: 'myapp', environment: 'prod' }))).toBe('allow');
    expect(word(decide(byAlias, aPerson(), deploys, 'view', { app: 'Myapp', environment: 'prod' }))).toBe('not-permitted');
  });

  it('give a whole environment only where they give every app', () => {
    expect(word(decide(narrow, aPerson(), deploys, 'freeze', { environment: 'prod' }))).toBe('not-permitted');
    expect(word(decide(narrow, aPerson(), deploys, 'freeze', PROD))).toBe('allow');
    expect(word(decide(aPolicy(), anSre(), deploys, 'freeze', { environment: 'prod' }))).toBe('allow');
  });

  it('give nothing that no binding gives: an empty policy denies everybody everything', () => {
    for (const verb of POLICY_VERBS) expect(word(decide(aPolicy({ bindings: [] }), anSre(), deploys, verb, PROD))).toBe('not-permitted');
  });

  it('that are added never take away', () => {
    const verb = fc.constantFrom(...POLICY_VERBS);
    const binding = fc.record({
      role: fc.constantFrom('developer', 'operator'),
      groups: fc.constantFrom(['everyone'], ['sre']),
      channels: fc.constantFrom(['*'], ['C0DEPLOYS1'], ['C0RANDOM1']),
    });
    fc.assert(
      fc.property(fc.array(binding), binding, verb, fc.boolean(), (bindings, extra, asked, isSre) => {
        const who: ActorFacts = isSre ? anSre() : aPerson();
        const before = decide(aPolicy({ bindings }), who, deploys, asked, PROD);
        const after = decide(aPolicy({ bindings: [...bindings, extra] }), who, deploys, asked, PROD);
        fc.pre(before.verdict !== 'deny');
        expect(after).toEqual(before);
      }),
    );
  });
});

describe('votes', () => {
  it('are none for a rollback of what failed', () => {
    expect(word(decide(aPolicy(), anSre(), deploys, 'rollback', PROD, { undoesFailed: true }))).toBe('allow');
  });

  it('are at least one, from somebody else, for break-glass', () => {
    const policy = aPolicy({ environments: [anEnvironment({ name: 'prod', approval: { votes: 0, self: true, expiresMs: 60_000 } })] });
    expect(decide(policy, anSre(), deploys, 'request', PROD, { breakGlass: true })).toEqual({
      verdict: 'ask',
      rule: 'bindings[1], role operator',
      votes: 1,
      self: false,
      expiresMs: 60_000,
      breakGlass: true,
    });
    expect(word(mayApprove(policy, anSre(), deploys, PROD, 'U0SRE0001', { breakGlass: true }))).toBe('self-approval');
  });

  it('are one for break-glass also where an environment wants none, and never one’s own', () => {
    const policy = aPolicy({ environments: [anEnvironment({ name: 'prod' })] });
    expect(decide(policy, anSre(), deploys, 'request', PROD, { breakGlass: true })).toMatchObject({
      verdict: 'ask',
      votes: 1,
      self: false,
    });
    expect(word(mayApprove(policy, anSre(), deploys, PROD, 'U0SRE0001', { breakGlass: true }))).toBe('self-approval');
    expect(word(mayApprove(policy, anSre(), deploys, PROD, 'U0SRE0002', { breakGlass: true }))).toBe('allow');
  });

  it('break-glass needs override as well as request', () => {
    expect(word(decide(aPolicy(), aPerson(), deploys, 'request', PROD, { breakGlass: true }))).toBe('not-permitted');
  });
});

describe('approving', () => {
  const noFrom = aPolicy({ environments: [anEnvironment({ name: 'prod', approval: { votes: 2, self: false, expiresMs: 1 } })] });
  const selfish = aPolicy({ environments: [anEnvironment({ name: 'prod', approval: { votes: 1, self: true, expiresMs: 1 } })] });
  const outsiders = aPolicy({
    environments: [anEnvironment({ name: 'prod', approval: { votes: 1, from: ['owners'], self: false, expiresMs: 1 } })],
    groups: [
      { name: 'sre', userGroups: ['S0123ABCD'], users: [] },
      { name: 'owners', userGroups: ['S0WNERS'], users: [] },
    ],
  });
  it.each`
    what                                          | policy       | who                                                                  | requester      | answer
    ${'an sre approves a developer'}              | ${aPolicy()} | ${anSre()}                                                           | ${'U0DEV0001'} | ${'allow'}
    ${'a developer may not'}                      | ${aPolicy()} | ${aPerson()}                                                         | ${'U0DEV0002'} | ${'not-permitted'}
    ${'nobody approves themselves'}               | ${aPolicy()} | ${anSre()}                                                           | ${'U0SRE0001'} | ${'self-approval'}
    ${'unless the environment says so'}           | ${selfish}   | ${anSre()}                                                           | ${'U0SRE0001'} | ${'allow'}
    ${'without from, whoever has the verb'}       | ${noFrom}    | ${anSre()}                                                           | ${'U0DEV0001'} | ${'allow'}
    ${'with from, the verb alone is not enough'}  | ${outsiders} | ${anSre()}                                                           | ${'U0DEV0001'} | ${'not-an-approver'}
    ${'with from, both together are'}             | ${outsiders} | ${anSre({ groups: { known: true, ids: ['S0123ABCD', 'S0WNERS'] } })} | ${'U0DEV0001'} | ${'allow'}
    ${'with from, the group alone is not enough'} | ${outsiders} | ${anSre({ groups: { known: true, ids: ['S0WNERS'] } })}              | ${'U0DEV0001'} | ${'not-permitted'}
    ${'a group that cannot be read is no'}        | ${outsiders} | ${anSre({ groups: { known: false, ids: ['S0123ABCD'] } })}           | ${'U0DEV0001'} | ${'role-unconfirmed'}
    ${'a guest in the group is no'}               | ${aPolicy()} | ${anSre({ kind: 'guest' })}                                          | ${'U0DEV0001'} | ${'not-a-member'}
  `('$what', ({ policy, who, requester, answer }) => {
    // Wherever developers are bound too: everybody has a right in this channel.
    expect(word(mayApprove(policy, who, deploys, PROD, requester))).toBe(answer);
  });

  it('is refused in a channel that became shared', () => {
    expect(word(mayApprove(aPolicy(), anSre(), aChannel({ shared: true }), PROD, 'U0DEV0001'))).toBe('channel-shared');
  });
});

describe('cancelling', () => {
  const viewers = aPolicy({
    roles: [{ name: 'developer', verbs: ['view', 'request'], environments: ['*'], apps: ['*'] }],
    bindings: [{ role: 'developer', groups: ['everyone'], channels: ['*'] }],
  });
  it.each`
    policy       | requesterId    | running  | answer
    ${aPolicy()} | ${'U0OTHER01'} | ${true}  | ${'allow'}
    ${viewers}   | ${'U0DEV0001'} | ${false} | ${'allow'}
    ${viewers}   | ${'U0DEV0001'} | ${true}  | ${'not-permitted'}
    ${viewers}   | ${'U0OTHER01'} | ${false} | ${'not-permitted'}
  `('of $requesterId, running $running: $answer', ({ policy, requesterId, running, answer }) => {
    expect(word(mayCancel(policy, aPerson(), deploys, PROD, { requesterId, running }))).toBe(answer);
  });

  it('of one’s own is refused too once one is no member any more', () => {
    expect(word(mayCancel(viewers, aPerson({ kind: 'deactivated' }), deploys, PROD, { requesterId: 'U0DEV0001', running: false }))).toBe(
      'not-a-member',
    );
  });
});

describe('an incident channel', () => {
  const bound = aChannel({ id: 'C0INCIDENT', incident: { until: 1 } });
  const terms = { reasonRequired: true, ignoreWindows: true, announce: 'C0AUDIT001' };

  it('counts as one of a person’s channels, with votes of its own', () => {
    expect(decide(aPolicy(), aPerson(), bound, 'request', PROD)).toEqual({
      verdict: 'allow',
      rule: 'bindings[0], role developer',
      incident: terms,
    });
    expect(word(decide(aPolicy(), aPerson(), aChannel({ id: 'C0INCIDENT' }), 'request', PROD))).toBe('wrong-channel');
  });

  it('still leaves it to the bindings who may do what', () => {
    expect(word(decide(aPolicy(), aPerson(), bound, 'rollback', PROD))).toBe('not-permitted');
    expect(word(decide(aPolicy(), aPerson({ kind: 'guest' }), bound, 'request', PROD))).toBe('not-a-member');
    expect(word(decide(aPolicy(), aPerson(), { ...bound, shared: true }, 'request', PROD))).toBe('channel-shared');
  });

  it('keeps the environment’s votes where the file names none for incidents', () => {
    const policy = aPolicy({ incidents: { bind: ['sre'], ignoreWindows: false, reasonRequired: true, announce: 'C0AUDIT001' } });
    expect(word(decide(policy, aPerson(), bound, 'request', PROD))).toBe('ask 1');
  });

  it('may ask for votes where the environment asks for none', () => {
    const policy = aPolicy({ incidents: { bind: ['sre'], votes: 2, ignoreWindows: false, reasonRequired: true, announce: 'C0AUDIT001' } });
    expect(word(decide(policy, aPerson(), bound, 'request', STAGING))).toBe('ask 2');
  });

  it('is an ordinary channel once the feature is taken out of the file', () => {
    expect(word(decide(aPolicy({ incidents: undefined }), aPerson(), bound, 'request', PROD))).toBe('wrong-channel');
  });

  it.each`
    who                                               | policy                               | answer
    ${anSre()}                                        | ${aPolicy()}                         | ${'allow'}
    ${aPerson()}                                      | ${aPolicy()}                         | ${'not-permitted'}
    ${aPerson({ groups: { known: false, ids: [] } })} | ${aPolicy()}                         | ${'role-unconfirmed'}
    ${anSre()}                                        | ${aPolicy({ incidents: undefined })} | ${'incidents-off'}
    ${anSre({ kind: 'guest' })}                       | ${aPolicy()}                         | ${'not-a-member'}
  `('is bound by members of the named groups only: $who.userId, $answer', ({ who, policy, answer }) => {
    expect(word(mayBindIncident(policy, who, elsewhere))).toBe(answer);
  });
});

describe('what may be named to somebody', () => {
  const policy = aPolicy({
    roles: [
      { name: 'developer', verbs: ['view'], environments: ['*'], apps: ['my-app'] },
      { name: 'tester', verbs: ['request'], environments: ['staging'], apps: ['my-*'] },
    ],
    bindings: [
      { role: 'developer', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
      { role: 'tester', groups: ['everyone'], channels: ['C0DEPLOYS1'] },
    ],
  });
  const apps = (narrow = {}): string[] => visibleApps(policy, aPerson(), deploys, narrow).map((app) => app.name);
  const environments = (narrow = {}): string[] =>
    visibleEnvironments(policy, aPerson(), deploys, narrow).map((environment) => environment.name);

  it('is what some binding gives them here', () => {
    expect(apps()).toEqual(['my-app']);
    expect(environments()).toEqual(['prod', 'staging']);
    expect(visibleApps(policy, aPerson(), elsewhere)).toEqual([]);
    expect(visibleEnvironments(policy, aPerson(), elsewhere)).toEqual([]);
  });

  it('can be narrowed to what they may do', () => {
    expect(environments({ verb: 'request' })).toEqual(['staging']);
    expect(apps({ verb: 'request', environment: 'prod' })).toEqual([]);
    expect(apps({ verb: 'request', environment: 'staging' })).toEqual(['my-app']);
    expect(environments({ verb: 'request', app: 'billing' })).toEqual([]);
    expect(apps({ environment: 'nosuch' })).toEqual([]);
  });

  it('includes aliases', () => {
    expect(namesOf(visibleApps(policy, aPerson(), deploys))).toEqual(['my-app', 'myapp']);
  });

  it('never names what decide would deny, and always what it would allow', () => {
    for (const who of [aPerson(), anSre(), aPerson({ kind: 'guest' })]) {
      for (const verb of POLICY_VERBS) {
        for (const environment of ['prod', 'staging']) {
          const named = visibleApps(aPolicy(), who, deploys, { verb, environment }).map((app) => app.name);
          const allowed = ['my-app', 'billing'].filter(
            (app) => decide(aPolicy(), who, deploys, verb, { app, environment }).verdict !== 'deny',
          );
          expect(named).toEqual(allowed);
        }
      }
    }
  });

  it('lists a person’s rights with their rules', () => {
    expect(rightsOf(aPolicy(), anSre()).map((right) => right.rule)).toEqual(['bindings[0], role developer', 'bindings[1], role operator']);
    expect(rightsOf(aPolicy(), aPerson({ kind: 'guest' }))).toEqual([]);
  });
});

describe('a glob', () => {
  it.each`
    pattern     | text          | is
    ${'*'}      | ${''}         | ${true}
    ${'*'}      | ${'anything'} | ${true}
    ${'shop-*'} | ${'shop-'}    | ${true}
    ${'shop-*'} | ${'shop'}     | ${false}
    ${'*-api'}  | ${'shop-api'} | ${true}
    ${'a*b*c'}  | ${'a-b-b-c'}  | ${true}
    ${'a*b*c'}  | ${'a-c'}      | ${false}
    ${'ab*ba'}  | ${'aba'}      | ${false}
    ${'a.c'}    | ${'abc'}      | ${false}
    ${'prod'}   | ${'Prod'}     | ${false}
    ${'**'}     | ${'x'}        | ${true}
  `('$pattern, $text: $is', ({ pattern, text, is }) => {
    expect(matchesGlob(pattern, text)).toBe(is);
  });

  it('agrees with the regular expression it stands for', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, text, (pattern, word) => {
        expect(matchesGlob(pattern, word)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(word));
      }),
    );
  });
});
