import { describe, expect, it } from 'vitest';
import { planFingerprint, sameness } from '../../../src/domain/plan-fingerprint.ts';
import type { Plan, WorkloadPlan } from '../../../src/domain/plan.ts';
import { anAsk, IMAGE, NEW, OLD } from '../../support/builders.ts';
import { aContainerPlan, anAnswer, anEvictPlan, aPlan, aWorkloadPlan, noAnswer } from '../../support/plan-builders.ts';

const withWorkload = (over: Partial<WorkloadPlan>): Plan => aPlan({ workloads: [aWorkloadPlan(over)] });
const withContainer = (over: Parameters<typeof aContainerPlan>[0]): Plan => aPlan({ containers: [aContainerPlan(over)] });
const patch = aWorkloadPlan().write;

describe('what an approval is for', () => {
  it.each`
    what                             | plan
    ${'another method'}              | ${withWorkload({ method: 'always' })}
    ${'the workload was made again'} | ${withWorkload({ uid: 'another' })}
    ${'another image'}               | ${withContainer({ image: 'shop/api:v3' })}
    ${'another image to write'}      | ${withContainer({ imageAfter: `${IMAGE}@${NEW}` })}
    ${'another policy'}              | ${withContainer({ pullPolicy: 'IfNotPresent' })}
    ${'another policy to write'}     | ${withContainer({ pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' })}
    ${'the registry moved'}          | ${withContainer({ registry: anAnswer({ digest: OLD }) })}
    ${'the registry fell silent'}    | ${withContainer({ registry: noAnswer() })}
    ${'one container more'}          | ${aPlan({ containers: [aContainerPlan(), aContainerPlan({ container: 'proxy' })] })}
    ${'one container less to fetch'} | ${withContainer({ concerned: false })}
    ${'another budget'}              | ${withWorkload({ budgets: [{ name: 'pdb', allowed: 1 }] })}
    ${'another strategy'}            | ${withWorkload({ strategy: { type: 'Recreate' } })}
    ${'another surge'}               | ${withWorkload({ strategy: { type: 'RollingUpdate', maxSurge: '0', maxUnavailable: '25%' } })}
    ${'a partition'}                 | ${withWorkload({ strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%', partition: 1 } })}
    ${'an owner who would revert'}   | ${withWorkload({ owners: [{ by: 'argo-cd', evidence: 'label' }] })}
    ${'another cluster'}             | ${aPlan({ cluster: 'other' })}
  `('is outdated by $what', ({ plan }) => {
    expect(planFingerprint(plan)).not.toBe(planFingerprint(aPlan()));
  });

  it.each`
    what                         | plan
    ${'another time'}            | ${aPlan({ at: 1 })}
    ${'its own hash'}            | ${aPlan({ hash: 'x' })}
    ${'another resourceVersion'} | ${withWorkload({ write: { ...patch, resourceVersion: '9', annotations: {} } as WorkloadPlan['write'] })}
    ${'other pods'}              | ${withWorkload({ pods: [] })}
    ${'more replicas'}           | ${withWorkload({ replicas: 9, downtime: '2 of 9 pods at a time' })}
    ${'a budget used up'}        | ${aPlan()}
    ${'other words'}             | ${aPlan({ warnings: ['look out'], workloads: [aWorkloadPlan({ why: 'because' })] })}
    ${'what runs now'}           | ${withContainer({ running: [NEW] })}
    ${'another kind of silence'} | ${aPlan()}
  `('is not outdated by $what', ({ plan }) => {
    expect(planFingerprint(plan)).toBe(planFingerprint(aPlan()));
  });

  it('does not hear the difference between a timeout and a throttled registry, nor how many disruptions are allowed', () => {
    expect(planFingerprint(withContainer({ registry: noAnswer('timeout') }))).toBe(
      planFingerprint(withContainer({ registry: noAnswer('rate-limited') })),
    );
    const budget = (allowed: number) => planFingerprint(withWorkload({ budgets: [{ name: 'pdb', allowed }] }));
    expect(budget(0)).toBe(budget(1));
  });

  it('does not depend on the order in which things were seen', () => {
    const a = aContainerPlan();
    const b = aContainerPlan({ container: 'proxy', image: 'mesh/proxy:v1' });
    expect(planFingerprint(aPlan({ containers: [a, b] }))).toBe(planFingerprint(aPlan({ containers: [b, a] })));
  });

  it('lets a neighbour move, and a pod chosen by name not', () => {
    const neighbour = (of: string) =>
      planFingerprint(aPlan({ containers: [aContainerPlan({ concerned: false, registry: anAnswer({ digest: of }) })] }));
    expect(neighbour(OLD)).toBe(neighbour(NEW));
    const evict = (uid: string, all: boolean) => {
      const plan = anEvictPlan();
      const pods = all && plan.write.action === 'evict' ? plan.write.pods.map((pod) => ({ ...pod, uid })) : [{ name: 'my-app-1', uid }];
      return planFingerprint(aPlan({ workloads: [{ ...plan, write: { ...plan.write, pods } as WorkloadPlan['write'] }] }));
    };
    expect(evict('a', true)).toBe(evict('b', true));
    expect(evict('a', false)).not.toBe(evict('b', false));
  });
});

describe('whether two requests want the same', () => {
  const key = (plan: Plan, ask = anAsk()) => sameness(plan, ask);

  it('does not ask who wants it, why, or with how much force', () => {
    expect(key(aPlan({ at: 1, hash: 'x' }), anAsk({ reason: 'hot fix', force: true }))).toBe(key(aPlan()));
    expect(key(withWorkload({ uid: 'another', replicas: 7 }))).toBe(key(aPlan()));
  });

  it.each`
    what                   | plan                                                      | ask
    ${'another method'}    | ${withWorkload({ method: 'always' })}                     | ${anAsk()}
    ${'another container'} | ${withContainer({ container: 'proxy' })}                  | ${anAsk()}
    ${'another place'}     | ${aPlan()}                                                | ${anAsk({ environment: 'nightly' })}
    ${'another time'}      | ${aPlan()}                                                | ${anAsk({ at: 'window' })}
    ${'another image'}     | ${withContainer({ imageAfter: 'shop/api:v2' })}           | ${anAsk()}
    ${'a newer digest'}    | ${withContainer({ registry: anAnswer({ digest: OLD }) })} | ${anAsk()}
    ${'a rollback'}        | ${aPlan()}                                                | ${anAsk({ kind: 'rollback' })}
    ${'another cluster'}   | ${aPlan({ cluster: 'other' })}                            | ${anAsk()}
  `('tells $what apart', ({ plan, ask }) => {
    expect(key(plan, ask)).not.toBe(key(aPlan()));
  });

  it('tells one pod from another, and a delete from an eviction', () => {
    const plan = aPlan({ workloads: [anEvictPlan()] });
    expect(key(plan, anAsk({ pod: 'my-app-1' }))).not.toBe(key(plan, anAsk({ pod: 'my-app-2' })));
    const forced = { ...anEvictPlan(), write: { ...anEvictPlan().write, forceDelete: true } as WorkloadPlan['write'] };
    expect(key(aPlan({ workloads: [forced] }))).not.toBe(key(plan));
  });
});
