import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/decide.ts';
import { matchesGlob } from '../../../src/domain/glob.ts';
import { POLICY_VERBS } from '../../../src/domain/policy.ts';
import { namesOf, rightsOf, visibleApps, visibleEnvironments } from '../../../src/domain/visible.ts';
import { aPerson, aPolicy, anSre } from './a-policy.ts';
import { deploys, elsewhere } from './a-place.ts';

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
