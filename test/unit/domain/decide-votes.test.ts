import { describe, expect, it } from 'vitest';
import { mayApprove, mayBindIncident, mayCancel } from '../../../src/domain/approve.ts';
import { decide } from '../../../src/domain/decide.ts';
import { aChannel, aPerson, aPolicy, anEnvironment, anSre } from './a-policy.ts';
import { PROD, STAGING, deploys, elsewhere, word } from './a-place.ts';

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
