import { describe, expect, it } from 'vitest';
import { STAMP } from '../../../src/domain/workload.ts';
import type { Pod } from '../../../src/domain/workload.ts';
import { aRevision, IMAGE, NOW } from '../../support/builders.ts';
import { aContainerPlan, anEvidence } from '../../support/plan-builders.ts';
import { SECOND, newPod, startingPod, oldPod, look, codes } from './a-scene.ts';

describe('how far a rollout is', () => {
  it.each`
    kind             | what                            | scene                                                                                                                                                            | observation
    ${'Deployment'}  | ${'not seen by its controller'} | ${{ workload: { observedGeneration: 1 } }}                                                                                                                       | ${{ phase: 'unobserved' }}
    ${'Deployment'}  | ${'seen, no ReplicaSet yet'}    | ${{ view: { revisions: [aRevision()] }, pods: [oldPod('a')] }}                                                                                                   | ${{ phase: 'unobserved' }}
    ${'Deployment'}  | ${'half updated'}               | ${{ status: { updated: 1, replicas: 3 } }}                                                                                                                       | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'Deployment'}  | ${'old pods left'}              | ${{ status: { replicas: 3 } }}                                                                                                                                   | ${{ phase: 'retiring', old: 1 }}
    ${'Deployment'}  | ${'not all available'}          | ${{ status: { available: 1 } }}                                                                                                                                  | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'Deployment'}  | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
    ${'Deployment'}  | ${'counted, one pod not ready'} | ${{ pods: [newPod('a'), startingPod('b')] }}                                                                                                                     | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'StatefulSet'} | ${'revision not seen'}          | ${{ status: { updateRevision: 'rev1' } }}                                                                                                                        | ${{ phase: 'unobserved' }}
    ${'StatefulSet'} | ${'half updated'}               | ${{ status: { updated: 1 }, pods: [newPod('a', { ordinal: 1 }), oldPod('b', { ordinal: 0 })] }}                                                                  | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'StatefulSet'} | ${'not all ready'}              | ${{ status: { ready: 1 } }}                                                                                                                                      | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'StatefulSet'} | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
    ${'StatefulSet'} | ${'done down to its partition'} | ${{ status: { updated: 1 }, workload: { strategy: { type: 'RollingUpdate', partition: 1 } }, pods: [newPod('a', { ordinal: 1 }), oldPod('b', { ordinal: 0 })] }} | ${{ phase: 'complete' }}
    ${'DaemonSet'}   | ${'half updated'}               | ${{ status: { updated: 1 } }}                                                                                                                                    | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'DaemonSet'}   | ${'not all available'}          | ${{ status: { available: 0 } }}                                                                                                                                  | ${{ phase: 'settling', available: 0, desired: 2 }}
    ${'DaemonSet'}   | ${'done'}                       | ${{}}                                                                                                                                                            | ${{ phase: 'complete' }}
  `('$kind, $what', ({ kind, scene, observation }) => {
    expect(look({ kind, ...scene }).observation).toEqual(observation);
  });

  it('waits until the new pods have been ready for minReadySeconds', () => {
    const slow = { workload: { minReadySeconds: 30 } };
    expect(look({ ...slow, now: NOW + 29 * SECOND }).observation).toEqual({ phase: 'settling', available: 0, desired: 2 });
    expect(look({ ...slow, now: NOW + 30 * SECOND }).observation.phase).toBe('complete');
  });

  it('waits for old pods that are terminating, but not for ever', () => {
    const pods = [newPod('a'), newPod('b'), oldPod('c', { deleting: true })];
    expect(look({ pods, now: NOW + 3 * SECOND })).toMatchObject({ observation: { phase: 'retiring', old: 1 }, old: 1, desired: 2 });
    expect(codes({ pods }, 3, 62, 64)).toEqual(['retiring', 'retiring', 'complete']);
  });

  it('does not take a container that was ready for a blink for one that runs', () => {
    const pods = [newPod('a'), newPod('b')];
    expect(codes({ pods }, 0, 1, 2)).toEqual(['settling', 'settling', 'complete']);
  });

  it('is gone when the workload is, or came back as another one', () => {
    expect(look({ input: { view: undefined } }).observation.phase).toBe('gone');
    expect(look({ workload: { uid: 'another' } }).observation.phase).toBe('gone');
    expect(look({ workload: { deleting: true } }).observation.phase).toBe('gone');
  });

  it('is not confused by a generation that an autoscaler moved', () => {
    expect(look({ workload: { generation: 9, observedGeneration: 9 } }).observation.phase).toBe('complete');
  });
});

describe('superseded', () => {
  it.each`
    what                       | workload                                                                                                                                                         | by
    ${'the stamp is gone'} | ${{ templateAnnotations: {}, templateManagers: [{ manager: 'argocd-controller', at: NOW + 1 }, { manager: 'repull', at: NOW }] }} | ${'argocd-controller'}
    ${'another request came'}  | ${{ templateAnnotations: { [STAMP]: 'r-other' } }}                                                                                                               | ${'request r-other'}
    ${'another image was set'} | ${{ containers: [{ name: 'app', role: 'container', image: 'shop/api:v9', pullPolicy: 'Always' }], templateManagers: [{ manager: 'kubectl-set', at: NOW + 1 }] }} | ${'kubectl-set'}
    ${'nobody left a name'}    | ${{ templateAnnotations: {}, templateManagers: [] }}                                                                                                             | ${'somebody'}
  `('when $what, by $by', ({ workload, by }) => {
    expect(look({ workload }).observation).toEqual({ phase: 'superseded', by });
  });

  it('when the policy that was written is taken back', () => {
    const containers = [aContainerPlan({ pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' })];
    const workload = { containers: [{ name: 'app', role: 'container' as const, image: IMAGE, pullPolicy: 'IfNotPresent' as const }] };
    expect(look({ workload, input: { containers } }).observation.phase).toBe('superseded');
    expect(look({ input: { containers } }).observation.phase).toBe('complete');
  });
});

describe('pods on the card', () => {
  const said = (...whats: Parameters<typeof anEvidence>[0][]) => whats.map((each) => anEvidence({ podUid: 'uid-a', pod: 'a', ...each }));
  const one = (pod: Pod, evidence = said()) => look({ pods: [pod], status: { updated: 1, replicas: 2 }, input: { evidence } }).pods[0];

  it.each`
    phase         | detail                | pod                                                                                            | evidence
    ${'waiting'}  | ${undefined}          | ${startingPod('a')}                                                                            | ${[]}
    ${'pulling'}  | ${undefined}          | ${startingPod('a')}                                                                            | ${said({ what: { is: 'pulling' } })}
    ${'pulled'}   | ${'pulled in 2.1 s'}  | ${startingPod('a')}                                                                            | ${said({ what: { is: 'pulling' }, at: NOW - 1 }, {})}
    ${'starting'} | ${'pulled in 2.1 s'}  | ${startingPod('a', { state: { is: 'running', startedAt: NOW } })}                              | ${said({})}
    ${'ready'}    | ${'pulled in 2.1 s'}  | ${newPod('a')}                                                                                 | ${said({})}
    ${'ready'}    | ${'from node cache'}  | ${newPod('a')}                                                                                 | ${said({ what: { is: 'already-present' } })}
    ${'ready'}    | ${undefined}          | ${newPod('a')}                                                                                 | ${[]}
    ${'failed'}   | ${'ErrImagePull'}     | ${startingPod('a', { state: { is: 'waiting', reason: 'ErrImagePull', message: 'x' } })}        | ${[]}
    ${'failed'}   | ${'CrashLoopBackOff'} | ${startingPod('a', { restartCount: 1, state: { is: 'waiting', reason: 'CrashLoopBackOff' } })} | ${said({})}
  `('$phase, $detail', ({ phase, detail, pod, evidence }) => {
    expect(one(pod, evidence)).toEqual({ pod: 'a', uid: 'uid-a', node: 'node-1', phase, ...(detail === undefined ? {} : { detail }) });
  });

  it('are at most a hundred, while the counts stay whole', () => {
    const pods = Array.from({ length: 150 }, (_, index) => newPod(`n${index}`));
    const progress = look({ pods, workload: { replicas: 150 }, status: { replicas: 150, updated: 150, ready: 150, available: 150 } });
    expect(progress).toMatchObject({ desired: 150, observation: { phase: 'complete' } });
    expect(progress.pods.length).toBe(100);
  });
});
