import { describe, expect, it } from 'vitest';
import type { Ask } from '../../../src/domain/request.ts';
import type { Owner, WorkloadView } from '../../../src/domain/workload.ts';
import { aBudget, aDaemonSet, aDeployment, aPod, aStatefulSet } from '../../support/builders.ts';
import { ARGO, FLUX, OPERATOR, planned, refused, outcome } from './a-plan.ts';

describe('the state of the workload', () => {
  it.each`
    what                            | view                                                                                 | code
    ${'paused'}                     | ${aDeployment({ workload: { paused: true } })}                                       | ${'workload-paused'}
    ${'without replicas'}           | ${aDeployment({ replicas: 0 })}                                                      | ${'no-replicas'}
    ${'being deleted'}              | ${aDeployment({ workload: { deleting: true } })}                                     | ${'workload-gone'}
    ${'a mirror pod'}               | ${aDeployment({ view: { pods: [aPod({ mirror: true })] } })}                         | ${'unsupported-kind'}
    ${'wholly below its partition'} | ${aStatefulSet({ workload: { strategy: { type: 'RollingUpdate', partition: 2 } } })} | ${'would-not-pull'}
  `('$what → $code, with a way out', ({ view, code }) => {
    const failure = refused({ views: [view] });
    expect(failure.code).toBe(code);
    expect(failure.remedy?.length).toBeGreaterThan(10);
  });

  it('paused offers resume, and eviction where that fetches', () => {
    expect(refused({ views: [aDeployment({ workload: { paused: true } })] }).remedy).toBe(
      'resume it, then ask again: kubectl -n shop rollout resume deployment/my-app; or replace the pods as they are: /repull my-app prod --via evict',
    );
    expect(refused({ views: [aDeployment({ pullPolicy: 'IfNotPresent', workload: { paused: true } })] }).remedy).not.toContain('evict');
    expect(outcome({ ask: { via: 'evict' }, views: [aDeployment({ workload: { paused: true } })] })).toBe('evict');
  });

  it.each([aDaemonSet, aStatefulSet])('with OnDelete and Always loses its pods one at a time', (kind) => {
    expect(outcome({ views: [kind({ workload: { strategy: { type: 'OnDelete' } } })] })).toBe('evict');
  });

  it.each([aDaemonSet, aStatefulSet])('with OnDelete and IfNotPresent is patched, and then loses its pods one at a time', (kind) => {
    const view = kind({ pullPolicy: 'IfNotPresent', workload: { strategy: { type: 'OnDelete' } } });
    const [made] = planned({ views: [view] }).workloads;
    expect(made).toMatchObject({ method: 'pin', write: { action: 'patch-template' }, second: { action: 'evict', forceDelete: false } });
    const going = made?.second?.action === 'evict' ? made.second.pods.map(({ uid }) => uid) : [];
    expect(new Set(going)).toEqual(new Set(view.pods.map(({ uid }) => uid)));
    expect(made?.why).toContain('OnDelete, so repull evicts its pods one at a time afterwards');
  });

  it('with OnDelete needs evictions, so an environment that does not allow them refuses', () => {
    const view = aDaemonSet({ pullPolicy: 'IfNotPresent', workload: { strategy: { type: 'OnDelete' } } });
    expect(refused({ views: [view], allowed: ['auto', 'pin'] })).toMatchObject({ code: 'method-not-allowed', subject: 'evict' });
  });

  it('with a partition replaces only the ordinals above it, and says how many', () => {
    const made = planned({ views: [aStatefulSet({ replicas: 3, workload: { strategy: { type: 'RollingUpdate', partition: 1 } } })] });
    expect(made.warnings.some((text) => text.includes('2 of 3'))).toBe(true);
  });
});

describe('eviction', () => {
  const one = (allowed: number, desiredHealthy: number) =>
    aDeployment({
      replicas: 1,
      view: { budgets: [aBudget({ allowed, desiredHealthy, expectedPods: 1, currentHealthy: 1, pods: ['my-app-1'] })] },
    });

  it('of the only pod under a budget is refused, and a rolling restart offered', () => {
    const failure = refused({ ask: { via: 'evict' }, views: [one(0, 1)] });
    expect(failure).toMatchObject({ code: 'disruption-budget', subject: 'my-app' });
    expect(failure.remedy).toContain('/repull my-app prod');
    expect(failure.remedy).not.toContain('evict');
  });

  it('of the only pod goes on where the budget allows it, with a warning', () => {
    const made = planned({ ask: { via: 'evict' }, views: [one(1, 0)] });
    expect(made.workloads[0]?.downtime).toBe('the only pod, until its successor is ready');
    expect(made.warnings.some((text) => text.includes('single pod'))).toBe(true);
  });

  it('goes past the budget with --force-delete', () => {
    const made = planned({ ask: { via: 'evict', forceDelete: true }, views: [one(0, 1)] });
    expect(made.workloads[0]?.write).toMatchObject({ action: 'evict', forceDelete: true });
    expect(made.warnings.some((text) => text.includes('past its disruption budget'))).toBe(true);
  });

  it('waits its turn where the budget is merely used up', () => {
    const view = aDeployment({ view: { budgets: [aBudget({ allowed: 0, desiredHealthy: 1, expectedPods: 2 })] } });
    expect(outcome({ ask: { via: 'evict' }, views: [view] })).toBe('evict');
  });

  it('is refused where two budgets select a pod', () => {
    const view = aDeployment({ view: { budgets: [aBudget(), aBudget({ name: 'other' })] } });
    expect(refused({ ask: { via: 'evict' }, views: [view] })).toMatchObject({ code: 'budget-misconfigured', subject: 'my-app, other' });
  });

  it('of one pod by name removes that one', () => {
    const made = planned({ ask: { via: 'evict', pod: 'my-app-2' } });
    expect(made.workloads[0]?.write).toMatchObject({ action: 'evict', pods: [{ name: 'my-app-2', uid: 'uid-my-app-2', node: 'node-2' }] });
    expect(made.workloads[0]?.pods.length).toBe(2);
  });

  it('of a pod that is not there lists those that are', () => {
    expect(refused({ ask: { via: 'evict', pod: 'nope' } })).toMatchObject({ code: 'unknown-pod', remedy: 'its pods: my-app-1, my-app-2' });
  });

  it('takes pods that cannot serve first, and a StatefulSet from the top', () => {
    const view = aDeployment({ replicas: 3 });
    const pods = view.pods.map((pod) => ({ ...pod, ready: pod.name !== 'my-app-2' }));
    const names = (views: WorkloadView[]) => {
      const write = planned({ ask: { via: 'evict' }, views }).workloads[0]?.write;
      return write?.action === 'evict' ? write.pods.map(({ name }) => name) : [];
    };
    expect(names([{ ...view, pods }])).toEqual(['my-app-2', 'my-app-1', 'my-app-3']);
    expect(names([aStatefulSet({ replicas: 3 })])).toEqual(['my-app-2', 'my-app-1', 'my-app-0']);
  });

  it('leaves out pods that are going or finished', () => {
    const view = aDeployment({ replicas: 3 });
    const pods = view.pods.map((pod, index) => ({ ...pod, deleting: index === 0, phase: index === 1 ? 'Failed' : 'Running' }));
    const made = planned({ ask: { via: 'evict' }, views: [{ ...view, pods }] });
    expect(made.workloads[0]?.write).toMatchObject({ pods: [{ name: 'my-app-3' }] });
  });
});

describe('who else writes the workload', () => {
  it.each`
    owner       | via          | pullPolicy        | force    | outcome
    ${ARGO}     | ${'auto'}    | ${'Always'}       | ${false} | ${'restart'}
    ${ARGO}     | ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${ARGO}     | ${'auto'}    | ${'IfNotPresent'} | ${true}  | ${'always'}
    ${FLUX}     | ${'restart'} | ${'Always'}       | ${false} | ${'restart'}
    ${FLUX}     | ${'pin'}     | ${'Always'}       | ${false} | ${'would-be-reverted'}
    ${FLUX}     | ${'pin'}     | ${'Always'}       | ${true}  | ${'pin'}
    ${ARGO}     | ${'always'}  | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${ARGO}     | ${'always'}  | ${'Always'}       | ${false} | ${'always'}
    ${ARGO}     | ${'evict'}   | ${'Always'}       | ${false} | ${'evict'}
    ${OPERATOR} | ${'auto'}    | ${'Always'}       | ${false} | ${'evict'}
    ${OPERATOR} | ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'would-be-reverted'}
    ${OPERATOR} | ${'restart'} | ${'Always'}       | ${false} | ${'would-be-reverted'}
    ${OPERATOR} | ${'restart'} | ${'Always'}       | ${true}  | ${'restart'}
  `('$owner.by, via $via with $pullPolicy, force $force → $outcome', ({ owner, via, pullPolicy, force, outcome: expected }) => {
    expect(outcome({ ask: { via, force }, views: [aDeployment({ pullPolicy, workload: { owners: [owner] } })] })).toBe(expected);
  });

  it('is named in the refusal, with what to change and how to insist', () => {
    const failure = refused({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ workload: { owners: [ARGO] } })] });
    expect(failure).toMatchObject({ code: 'would-be-reverted', evidence: expect.stringContaining('argo-cd (shop)') });
    expect(failure.remedy).toBe('change the image or imagePullPolicy in Git; or do it all the same: /repull my-app prod --tag v2 --force');
  });

  it('is warned about where the change goes on', () => {
    const warns = (owner: Owner, ask: Partial<Ask>) =>
      planned({ ask, views: [aDeployment({ workload: { owners: [owner] } })] }).warnings.join('\n');
    expect(warns(ARGO, { via: 'pin', force: true })).toContain('argo-cd (shop) will probably take the change back');
    expect(warns({ by: 'helm', name: 'shop', evidence: 'label' }, { via: 'pin' })).toContain('Helm release shop');
    expect(warns(ARGO, {})).toContain('restart annotation');
    expect(warns(FLUX, {})).not.toContain('take the change back');
  });
});
