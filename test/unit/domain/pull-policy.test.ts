import { describe, expect, it } from 'vitest';
import { defaultPullPolicy, effectivePullPolicy } from '../../../src/domain/pull-policy.ts';
import { aContainer, aPod, aPodContainer, digest } from '../../support/builders.ts';

describe('the pull policy where a manifest names none', () => {
  it.each`
    image                               | policy
    ${'shop/api'}                       | ${'Always'}
    ${'shop/api:latest'}                | ${'Always'}
    ${'shop/api:v1'}                    | ${'IfNotPresent'}
    ${'localhost:5000/api'}             | ${'Always'}
    ${`shop/api@${digest('a')}`}        | ${'IfNotPresent'}
    ${`shop/api:latest@${digest('a')}`} | ${'IfNotPresent'}
  `('$image gets $policy', ({ image, policy }) => {
    expect(defaultPullPolicy(image)).toBe(policy);
  });
});

describe('the pull policy that counts', () => {
  const pods = (...policies: ('Always' | 'IfNotPresent' | 'Never')[]) =>
    policies.map((pullPolicy) => aPod({ containers: [aPodContainer({ pullPolicy })] }));

  it.each`
    template          | running                       | counts
    ${'IfNotPresent'} | ${[]}                         | ${'IfNotPresent'}
    ${'IfNotPresent'} | ${['Always']}                 | ${'Always'}
    ${'Always'}       | ${['Always', 'IfNotPresent']} | ${'IfNotPresent'}
    ${'Always'}       | ${['IfNotPresent', 'Never']}  | ${'Never'}
  `('is $counts where the template says $template and pods say $running', ({ template, running, counts }) => {
    expect(effectivePullPolicy(aContainer({ pullPolicy: template }), pods(...running))).toBe(counts);
  });

  it('does not listen to pods that are on their way out', () => {
    const [going] = pods('Never');
    expect(effectivePullPolicy(aContainer(), going === undefined ? [] : [{ ...going, deleting: true }])).toBe('Always');
  });
});
