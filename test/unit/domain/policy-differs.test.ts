import { describe, expect, it } from 'vitest';
import { policyDiffers } from '../../../src/domain/policy-differs.ts';
import type { PolicyDecision } from '../../../src/domain/policy.ts';
import type { RequestRecord } from '../../../src/domain/request.ts';
import { aPolicy, anEnvironment } from './a-policy.ts';

const asked = (over: Partial<Extract<PolicyDecision, { verdict: 'ask' }>> = {}) =>
  ({
    state: { status: 'awaiting-approval', expiresAt: 0 },
    decision: { verdict: 'ask', rule: 'bindings[0]', votes: 1, from: ['sre'], self: false, expiresMs: 1, ...over },
    ask: { environment: 'prod' },
  }) as RequestRecord;
const withSelf = aPolicy({
  environments: [anEnvironment({ name: 'prod', approval: { votes: 1, from: ['sre'], self: true, expiresMs: 1 } })],
});
const now = (votes: number, ...from: string[]) =>
  aPolicy({ environments: [anEnvironment({ name: 'prod', approval: { votes, from, self: false, expiresMs: 1 } })] });

describe('a policy that changed while a request waits', () => {
  it.each`
    what                                    | policy                                                          | says
    ${'nothing'}                            | ${now(1, 'sre')}                                                | ${'nothing'}
    ${'other approvers'}                    | ${now(1, 'leads', 'sre')}                                       | ${'approvals now come from leads, sre'}
    ${'more votes'}                         | ${now(2, 'sre')}                                                | ${'a new request would need 2, this one keeps 1'}
    ${'votes for oneself'}                  | ${withSelf}                                                     | ${'the requester’s own vote counts now'}
    ${'an environment that wants none now'} | ${aPolicy({ environments: [anEnvironment({ name: 'prod' })] })} | ${'would need 0'}
    ${'an environment that is gone'}        | ${aPolicy({ environments: [] })}                                | ${'nobody can approve this'}
  `('$what: $says', ({ policy, says }) => {
    expect(policyDiffers(policy, asked()) ?? 'nothing').toContain(says);
  });

  it('is nothing to say of once nobody is asked any more, nor of votes that incident rules set', () => {
    expect(policyDiffers(now(2, 'sre'), { ...asked(), state: { status: 'queued', deadline: 0 } })).toBeUndefined();
    expect(policyDiffers(now(2, 'sre'), asked({ breakGlass: true }))).toBeUndefined();
  });
});
