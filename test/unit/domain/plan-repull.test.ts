import { describe, expect, it } from 'vitest';
import { aContainer, aDeployment, aViewOf } from '../../support/builders.ts';
import { planned, refused, outcome } from './a-plan.ts';

describe('choosing a method', () => {
  it.each`
    kind             | via          | pullPolicy        | outcome
    ${'Deployment'}  | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'Deployment'}  | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'Deployment'}  | ${'auto'}    | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'restart'} | ${'Always'}       | ${'restart'}
    ${'Deployment'}  | ${'restart'} | ${'IfNotPresent'} | ${'would-not-pull'}
    ${'Deployment'}  | ${'restart'} | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'always'}  | ${'Always'}       | ${'always'}
    ${'Deployment'}  | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'Deployment'}  | ${'always'}  | ${'Never'}        | ${'always'}
    ${'Deployment'}  | ${'pin'}     | ${'Always'}       | ${'pin'}
    ${'Deployment'}  | ${'pin'}     | ${'IfNotPresent'} | ${'pin'}
    ${'Deployment'}  | ${'pin'}     | ${'Never'}        | ${'would-not-pull'}
    ${'Deployment'}  | ${'evict'}   | ${'Always'}       | ${'evict'}
    ${'Deployment'}  | ${'evict'}   | ${'IfNotPresent'} | ${'would-not-pull'}
    ${'StatefulSet'} | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'StatefulSet'} | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'StatefulSet'} | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'StatefulSet'} | ${'evict'}   | ${'Always'}       | ${'evict'}
    ${'DaemonSet'}   | ${'auto'}    | ${'Always'}       | ${'restart'}
    ${'DaemonSet'}   | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'DaemonSet'}   | ${'pin'}     | ${'Always'}       | ${'pin'}
    ${'CronJob'}     | ${'auto'}    | ${'Always'}       | ${'next-run'}
    ${'CronJob'}     | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
    ${'CronJob'}     | ${'always'}  | ${'IfNotPresent'} | ${'always'}
    ${'CronJob'}     | ${'evict'}   | ${'Always'}       | ${'unsupported-kind'}
    ${'Job'}         | ${'auto'}    | ${'Always'}       | ${'unsupported-kind'}
    ${'Pod'}         | ${'evict'}   | ${'Always'}       | ${'unsupported-kind'}
    ${'ReplicaSet'}  | ${'auto'}    | ${'Always'}       | ${'evict'}
    ${'ReplicaSet'}  | ${'auto'}    | ${'IfNotPresent'} | ${'pin'}
  `('$kind with $pullPolicy via $via → $outcome', ({ kind, via, pullPolicy, outcome: expected }) => {
    expect(outcome({ ask: { via }, views: [aViewOf(kind, { pullPolicy })] })).toBe(expected);
  });

  it('says why, and names the policy it found', () => {
    const why = (pullPolicy: 'Always' | 'IfNotPresent') => planned({ views: [aDeployment({ pullPolicy })] }).workloads[0]?.why;
    expect(why('Always')).toContain('Always');
    expect(why('IfNotPresent')).toContain('app has the pull policy IfNotPresent');
  });

  it('believes the pods, not the template, because admission may have made the policy stricter', () => {
    const view = aDeployment({ pullPolicy: 'Always' });
    const lax = { ...view, workload: { ...view.workload, containers: [aContainer({ pullPolicy: 'IfNotPresent' })] } };
    expect(outcome({ views: [lax] })).toBe('restart');
  });

  it('does not let pods of an older revision speak for the template of now', () => {
    const view = aDeployment({ pullPolicy: 'Always' });
    const stricterNow = {
      ...view,
      pods: view.pods.map((pod) => ({
        ...pod,
        revision: 'rev0',
        containers: pod.containers.map((each) => ({ ...each, pullPolicy: 'IfNotPresent' as const })),
      })),
    };
    expect(outcome({ views: [stricterNow] })).toBe('restart');
  });

  it.each`
    allowed                  | pullPolicy        | outcome
    ${['auto', 'evict']}     | ${'Always'}       | ${'evict'}
    ${['auto', 'restart']}   | ${'IfNotPresent'} | ${'method-not-allowed'}
    ${['auto', 'always']}    | ${'IfNotPresent'} | ${'always'}
    ${['auto', 'set-image']} | ${'Always'}       | ${'method-not-allowed'}
    ${['restart']}           | ${'Always'}       | ${'method-not-allowed'}
  `('auto among $allowed with $pullPolicy → $outcome', ({ allowed, pullPolicy, outcome: expected }) => {
    expect(outcome({ allowed, views: [aDeployment({ pullPolicy })] })).toBe(expected);
  });

  it('refuses a method that is not allowed and lists those that are', () => {
    const failure = refused({ ask: { via: 'evict' }, allowed: ['auto', 'restart'] });
    expect(failure).toMatchObject({ code: 'method-not-allowed', subject: 'evict' });
    expect(failure.remedy).toContain('auto, restart');
  });
});
