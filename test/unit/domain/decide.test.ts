import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import type { ActorFacts } from '../../../src/domain/policy.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';
import { visibleApps } from '../../../src/domain/visible.ts';
import { aChannel, aPerson, aPolicy, anApp, anEnvironment, anSre } from './a-policy.ts';
import { PROD, STAGING, deploys, elsewhere, word } from './a-place.ts';

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
