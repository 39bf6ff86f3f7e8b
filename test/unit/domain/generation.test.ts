import { describe, expect, it } from 'vitest';
import { isSettled, supersededBy } from '../../../src/domain/generation.ts';
import { STAMP } from '../../../src/domain/workload.ts';
import { aDeployment, aPod, aWorkload, NOW, REQUEST } from '../../support/builders.ts';

describe('a ready pod', () => {
  it.each`
    what                                                    | readySince         | minReadySeconds | settled
    ${'for an hour'}                                        | ${NOW - 3_600_000} | ${0}            | ${true}
    ${'for a blink'}                                        | ${NOW - 1000}      | ${0}            | ${false}
    ${'as of a second that the API server has not reached'} | ${NOW + 1000}      | ${0}            | ${false}
    ${'by the clock of a node that is an hour ahead'}       | ${NOW + 3_600_000} | ${0}            | ${true}
    ${'by such a clock, where the controller itself waits'} | ${NOW + 3_600_000} | ${10}           | ${false}
    ${'by the clock of a node that is an hour behind'}      | ${NOW - 3_600_000} | ${10}           | ${true}
    ${'not for as long as the workload wants'}              | ${NOW - 5000}      | ${10}           | ${false}
  `('$what: settled $settled', ({ readySince, minReadySeconds, settled }) => {
    expect(isSettled(aPod({ readySince }), aWorkload({ minReadySeconds }), NOW)).toBe(settled);
  });

  it('is never settled while it is not ready, whatever the clocks say', () => {
    expect(isSettled(aPod({ ready: false, readySince: NOW + 3_600_000 }), aWorkload(), NOW)).toBe(false);
  });
});

describe('who superseded a request', () => {
  const by = (stamp: string | undefined, ...templateManagers: { manager: string; at: number }[]) =>
    supersededBy(
      aDeployment({ workload: { templateAnnotations: stamp === undefined ? {} : { [STAMP]: stamp }, templateManagers } }),
      [],
      REQUEST,
    );
  const ours = { manager: 'repull', at: NOW };

  it('is the request whose stamp repull wrote, and whoever brought an older stamp back', () => {
    expect(by('r-other', ours)).toBe('request r-other');
    expect(by('r-other', { manager: 'kubectl', at: NOW + 5000 }, ours)).toBe('kubectl');
  });

  it('is nobody who wrote only before us', () => {
    const before = { manager: 'helm', at: NOW - 3_600_000 };
    expect(by(undefined, ours, before)).toBe('somebody');
    expect(by(undefined, { manager: 'argocd-controller', at: NOW }, ours, before)).toBe('argocd-controller');
    expect(by(undefined, before)).toBe('helm');
  });
});
