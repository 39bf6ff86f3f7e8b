import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayApprove } from '../../../src/domain/approve.ts';
import { aChannel, anEnvironment, anSre, aPolicy } from './a-policy.ts';

describe('whoever asked', () => {
  it('never approves it themselves, whatever the policy, the channel and the circumstances, unless the environment says so', () => {
    const approval = fc.record(
      {
        votes: fc.integer({ min: 0, max: 3 }),
        self: fc.boolean(),
        expiresMs: fc.constant(60_000),
        from: fc.constantFrom(['sre'], ['everyone']),
      },
      { requiredKeys: ['votes', 'self', 'expiresMs'] },
    );
    const bindings = fc.subarray(
      [
        { role: 'developer', groups: ['everyone'], channels: ['*'] },
        { role: 'operator', groups: ['everyone'], channels: ['*'] },
        { role: 'operator', groups: ['sre'], channels: ['*'] },
      ],
      { minLength: 1 },
    );
    let allowed = 0;
    fc.assert(
      fc.property(
        approval,
        bindings,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('U0A', 'W0A'),
        (rules, bound, breakGlass, incident, id) => {
          const policy = aPolicy({ environments: [anEnvironment({ name: 'prod', approval: rules })], bindings: bound });
          const place = aChannel(incident ? { incident: { until: 1 } } : {});
          const me = anSre({ userId: id });
          const mine = mayApprove(policy, me, place, { app: 'my-app', environment: 'prod' }, id, { breakGlass });
          const others = mayApprove(policy, me, place, { app: 'my-app', environment: 'prod' }, 'U0OTHER', { breakGlass });
          allowed += others.verdict === 'allow' ? 1 : 0;
          expect(mine.verdict).toBe(rules.self && !breakGlass ? others.verdict : 'deny');
        },
      ),
    );
    // The same person may approve for somebody else, so it is the asking that makes the difference.
    expect(allowed).toBeGreaterThan(10);
  });
});
