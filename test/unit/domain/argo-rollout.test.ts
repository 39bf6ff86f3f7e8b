import { describe, expect, it } from 'vitest';
import { argoWaiting } from '../../../src/domain/argo-rollout.ts';
import type { ArgoFacts } from '../../../src/domain/argo-facts.ts';
import { judge } from '../../../src/domain/judge.ts';
import { METHODS } from '../../../src/domain/method.ts';
import { observe, type ObserveInput } from '../../../src/domain/observe.ts';
import { planRepull } from '../../../src/domain/plan-repull.ts';
import type { Ask } from '../../../src/domain/request.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { STAMP, type Pod, type Workload, type WorkloadView } from '../../../src/domain/workload.ts';
import { aBudget, anAsk, aPod, aRevision, aSnapshot, aViewOf, IMAGE, NOW, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anAnswer, aWorkloadPlan } from '../../support/plan-builders.ts';

const AT = '2026-12-01T21:00:01Z';
const REF = { kind: 'Rollout' as const, namespace: 'shop', name: 'my-app' };

const facts = (over: Partial<ArgoFacts> = {}): ArgoFacts => ({
  strategy: 'canary',
  phase: 'Healthy',
  currentHash: 'rev1',
  stableHash: 'rev1',
  aborted: false,
  steps: ['50%', 'pause', 'analysis', 'pause 5m'],
  step: 4,
  pauses: [],
  ...over,
});
const aRollout = (argo: Partial<ArgoFacts> = {}, workload: Partial<Workload> = {}, pullPolicy: 'Always' | 'IfNotPresent' = 'Always') =>
  aViewOf('Rollout', { pullPolicy, workload: { argo: facts(argo), ...workload } });

const plan = (view: WorkloadView, ask: Partial<Ask> = {}) =>
  planRepull({
    ask: anAsk(ask),
    request: REQUEST,
    at: NOW - 3_600_000,
    snapshot: aSnapshot(view),
    answers: new Map([[IMAGE, anAnswer()]]),
    allowed: METHODS,
  });
const planned = (view: WorkloadView, ask: Partial<Ask> = {}) => {
  const result = plan(view, ask);
  if ('refused' in result) throw new Error(`refused: ${JSON.stringify(result.refused)}`);
  return result.plan;
};
const refused = (view: WorkloadView, ask: Partial<Ask> = {}) => {
  const result = plan(view, ask);
  if ('plan' in result) throw new Error('planned');
  return result.refused;
};

describe('a plan for a Rollout', () => {
  it('restarts by restartAt, of the second after the look: a pod that came up while somebody was asked is as old as the others', () => {
    const { workloads } = planned(aRollout());
    expect(workloads[0]?.write).toEqual({
      action: 'restart-at',
      workload: REF,
      uid: 'uid-my-app',
      resourceVersion: '100',
      annotations: { [STAMP]: REQUEST },
      at: AT,
    });
    expect(workloads[0]?.downtime).toBe('1 of 2 pods at a time');
  });

  it('names the steps that a new template goes through, and what promotes it', () => {
    const { workloads, warnings } = planned(aRollout({}, {}, 'IfNotPresent'));
    expect(workloads[0]).toMatchObject({ method: 'pin', write: { action: 'patch-template', workload: REF } });
    expect(warnings.join('\n')).toContain(
      'goes through 4 canary steps (50%, pause, analysis, pause 5m); where it pauses, repull waits until somebody promotes it: kubectl argo rollouts promote my-app -n shop',
    );
  });

  it.each`
    ask                  | says
    ${{}}                | ${'half-way (its controller has paused it at step 2 of 4; to go on: kubectl argo rollouts promote my-app -n shop) and stays there'}
    ${{ via: 'pin' }}    | ${'the new template takes its place, from the first step'}
    ${{ via: 'always' }} | ${'the new template takes its place, from the first step'}
  `('says of an update that is half-way what becomes of it: $ask', ({ ask, says }: { ask: Partial<Ask>; says: string }) => {
    const halfWay = aRollout({ phase: 'Paused', currentHash: 'rev1', stableHash: 'rev0', step: 1, pauses: ['CanaryPauseStep'] });
    expect(planned(halfWay, ask).warnings.join('\n')).toContain(says);
  });

  it('that is paused by hand restarts, and refuses a new template with what resumes it', () => {
    const paused = aRollout({ pauses: ['PausedByHand'] });
    expect(planned(paused).workloads[0]?.method).toBe('restart');
    expect(refused(paused, { via: 'pin' })).toMatchObject({
      code: 'workload-paused',
      remedy: expect.stringContaining('kubectl argo rollouts promote my-app -n shop'),
    });
  });

  it('whose template lies in a Deployment writes there, only where the policy file lists that', () => {
    const template = { kind: 'Deployment' as const, namespace: 'shop', name: 'base', uid: 'uid-base', resourceVersion: '7', replicas: 0 };
    const view = aRollout({ template }, {}, 'IfNotPresent');
    expect(refused(view, { workloads: ['rollout/my-app'] })).toMatchObject({
      code: 'not-permitted',
      evidence: expect.stringContaining('deployment/base (workloadRef)'),
    });
    const write = planned(view, { workloads: ['rollout/my-app', 'deploy/base'] }).workloads[0]?.write;
    expect(write).toMatchObject({ workload: { kind: 'Deployment', name: 'base' }, uid: 'uid-base', resourceVersion: '7' });
    expect(planned(aRollout({ template }), { workloads: ['rollout/my-app'] }).workloads[0]?.write.action).toBe('restart-at');
  });

  it('is not restarted under a budget that never allows an eviction, and names the way that it does not hold back', () => {
    const view = { ...aRollout(), budgets: [aBudget({ allowed: 0, desiredHealthy: 2, expectedPods: 2 })] };
    expect(refused(view)).toMatchObject({ code: 'disruption-budget', remedy: expect.stringContaining('--pin') });
  });
});

describe('what a Rollout waits for', () => {
  const paused = (over: Partial<ArgoFacts>) => argoWaiting(aRollout({ phase: 'Paused', ...over }).workload)?.text;
  it.each`
    over                                                                | says
    ${{ step: 1, pauses: ['CanaryPauseStep'] }}                         | ${'its controller has paused it at step 2 of 4; to go on: kubectl argo rollouts promote my-app -n shop'}
    ${{ step: 3, pauses: ['CanaryPauseStep'], pauseFor: '5m' }}         | ${'its controller has paused it at step 4 of 4; it goes on by itself after 5m'}
    ${{ step: 2, phase: 'Progressing' }}                                | ${'its controller waits for its analysis at step 3 of 4; it goes on by itself'}
    ${{ step: 2, pauses: ['InconclusiveAnalysisRun'] }}                 | ${'its controller has paused it, because an analysis was inconclusive at step 3 of 4; to go on: kubectl argo rollouts promote my-app -n shop'}
    ${{ steps: [], strategy: 'blueGreen', pauses: ['BlueGreenPause'] }} | ${'its controller has paused it before the switch to the new pods; to go on: kubectl argo rollouts promote my-app -n shop'}
    ${{ step: 0, pauses: ['PausedByHand'] }}                            | ${'somebody has paused it at step 1 of 4; to go on: kubectl argo rollouts promote my-app -n shop'}
    ${{ step: 0, phase: 'Progressing' }}                                | ${undefined}
    ${{}}                                                               | ${undefined}
  `('$says', ({ over, says }: { over: Partial<ArgoFacts>; says: string | undefined }) => {
    expect(paused(over)).toBe(says);
  });
});

const fresh = (name: string, over: Partial<Pod> = {}): Pod => aPod({ name, revision: 'rev2', createdAt: NOW, readySince: NOW, ...over });
const SECOND = 1000;

function update(argo: Partial<ArgoFacts>, over: Partial<ObserveInput> = {}, pods: Pod[] = [fresh('new-1'), fresh('new-2')]): ObserveInput {
  const view = aRollout({ currentHash: 'rev2', ...argo }, { templateAnnotations: { [STAMP]: REQUEST } });
  view.workload.status.updateRevision = 'rev2';
  return {
    view: { ...view, pods, revisions: [aRevision({ hash: 'rev2', number: 2, stamp: REQUEST }), aRevision()] },
    plan: aWorkloadPlan({ workload: REF }),
    containers: [aContainerPlan({ workload: REF })],
    request: REQUEST,
    evidence: [],
    symptoms: {},
    evicted: [],
    nodes: { facts: [], lost: [] },
    now: NOW + 10 * SECOND,
    ...over,
  };
}

describe('following an update of a Rollout', () => {
  const phase = (argo: Partial<ArgoFacts>, pods?: Pod[]) => observe(update(argo, {}, pods)).progress.observation;

  it('is complete when it is promoted, however many pods are ready before', () => {
    expect(phase({ phase: 'Progressing', stableHash: 'rev1' })).toEqual({ phase: 'updating', updated: 2, desired: 2 });
    // The new pods serve, and the last old one is not gone: recorded of the real controller.
    expect(phase({ phase: 'Progressing', stableHash: 'rev2' })).toEqual({ phase: 'updating', updated: 2, desired: 2 });
    expect(phase({ stableHash: 'rev1' })).toEqual({ phase: 'updating', updated: 2, desired: 2 });
    expect(phase({ stableHash: 'rev2' })).toEqual({ phase: 'complete' });
  });

  it('does not wait for old pods that a blue-green switch keeps for a while', () => {
    expect(
      phase({ stableHash: 'rev2', strategy: 'blueGreen', steps: [] }, [fresh('new-1'), fresh('new-2'), aPod({ name: 'old-1' })]),
    ).toEqual({
      phase: 'complete',
    });
  });

  it('paused, stands still for hours and is no failure, and says what it waits for at every look', () => {
    let symptoms: Symptoms = {};
    for (let minute = 0; minute < 180; minute++) {
      const seen = observe(
        update(
          { phase: 'Paused', stableHash: 'rev1', step: 1, pauses: ['CanaryPauseStep'] },
          { symptoms, now: NOW + minute * 60 * SECOND },
        ),
      );
      symptoms = seen.symptoms;
      expect(seen.progress.observation).toEqual({ phase: 'updating', updated: 2, desired: 2 });
      expect(seen.progress.notes?.map(({ text }) => text)).toEqual([expect.stringContaining('at step 2 of 4')]);
    }
  });

  it('not paused, stands still for its deadline and no longer', () => {
    const standing = (now: number, symptoms: Symptoms = {}) =>
      observe(update({ phase: 'Progressing', stableHash: 'rev1', step: 0 }, { symptoms, now }));
    const first = standing(NOW + 10 * SECOND);
    expect(standing(NOW + 600 * SECOND, first.symptoms).progress.observation.phase).toBe('updating');
    expect(standing(NOW + 700 * SECOND, first.symptoms).progress.observation).toMatchObject({
      phase: 'stalled',
      because: { code: 'rollout-stalled' },
    });
  });

  it('that its controller aborted is a failure in its words; the degradation of another template is not ours', () => {
    const aborted = { phase: 'Degraded', aborted: true, stableHash: 'rev1', message: 'RolloutAborted: metric "errors" assessed Failed' };
    expect(phase(aborted)).toMatchObject({
      phase: 'stalled',
      because: {
        code: 'rollout-stalled',
        evidence: 'RolloutAborted: metric "errors" assessed Failed',
        remedy: expect.stringContaining('retry rollout my-app'),
      },
    });
    expect(phase({ ...aborted, currentHash: 'rev0' })).toMatchObject({ phase: 'updating' });
  });
});

describe("following a Rollout's own restart", () => {
  const restart = (argo: Partial<ArgoFacts>, pods: Pod[], over: Partial<ObserveInput> = {}) => {
    const view = aRollout({ restartAt: AT, stamp: REQUEST, ...argo });
    const write = { action: 'restart-at' as const, workload: REF, uid: 'uid-my-app', resourceVersion: '100', annotations: {}, at: AT };
    return observe({
      ...update({}, over),
      view: { ...view, pods, budgets: over.view?.budgets ?? [] },
      plan: aWorkloadPlan({ workload: REF, write }),
    }).progress;
  };
  const old = (name: string, over: Partial<Pod> = {}) => aPod({ name, ...over });
  const again = (name: string, over: Partial<Pod> = {}) => aPod({ name, createdAt: NOW + SECOND, readySince: NOW + SECOND, ...over });

  it('is done when no pod is older, its controller says so, and those that came are ready', () => {
    expect(restart({}, [old('my-app-1'), again('b')]).observation).toEqual({ phase: 'updating', updated: 1, desired: 2 });
    expect(restart({}, [again('a'), again('b')]).observation).toEqual({ phase: 'updating', updated: 2, desired: 2 });
    expect(restart({ restartedAt: AT }, [again('a'), again('b', { ready: false })]).observation).toEqual({
      phase: 'settling',
      available: 1,
      desired: 2,
    });
    expect(restart({ restartedAt: AT }, [again('a')]).observation.phase).toBe('settling');
    expect(restart({ restartedAt: AT }, [again('a'), again('b')]).observation).toEqual({ phase: 'complete' });
  });

  it('is done also where the update that it came into is still paused or degraded', () => {
    for (const phase of ['Paused', 'Degraded'])
      expect(restart({ phase, restartedAt: AT }, [again('a'), again('b')]).observation.phase).toBe('complete');
  });

  it('is superseded by another restart, and by a new template', () => {
    const pods = [old('my-app-1'), old('my-app-2')];
    expect(restart({ restartAt: '2026-12-01T22:00:00Z', stamp: 'r-9' }, pods).observation).toEqual({
      phase: 'superseded',
      by: 'request r-9',
    });
    expect(restart({ restartAt: '2026-12-01T22:00:00Z' }, pods).observation).toMatchObject({ phase: 'superseded' });
    const other = [aContainerPlan({ workload: REF, imageAfter: 'registry.example/shop/api:v0' })];
    expect(restart({}, pods, { containers: other }).observation.phase).toBe('superseded');
  });

  it('names the disruption budget that is in its way', () => {
    const view = { ...aRollout(), budgets: [aBudget({ allowed: 0, pods: ['my-app-1'] })] };
    expect(restart({}, [old('my-app-1'), again('b')], { view })).toMatchObject({ blockedBy: 'my-app', observation: { phase: 'updating' } });
  });

  it('half-way through a canary, judges the pods of the template that was planned', () => {
    const view = { ...aRollout({ currentHash: 'rev2' }), pods: [again('stable'), again('canary', { revision: 'rev2' })] };
    const verdict = judge({
      view,
      container: aContainerPlan({ workload: REF }),
      evicts: true,
      request: REQUEST,
      evidence: [],
      answer: anAnswer(),
      nodes: [],
      startedAt: NOW,
      before: ['uid-my-app-1'],
    });
    expect(verdict.pods.map(({ pod }) => pod)).toEqual(['canary']);
  });
});
