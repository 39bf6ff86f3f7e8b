import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/domain/observe.ts';
import type { Condition } from '../../../src/domain/workload.ts';
import { aPodContainer, NOW } from '../../support/builders.ts';
import { anEvent } from '../../support/plan-builders.ts';
import { newPod, startingPod, oldPod, type Scene, input, look, over, codes, failing } from './a-scene.ts';

describe('a rollout that will not finish', () => {
  it('names the container that crashed, its exit code and where its last words are', () => {
    const scene = failing({ restartCount: 2, state: { is: 'terminated', exitCode: 3, reason: 'Error' } });
    expect(over(scene, [0])).toMatchObject([
      {
        because: {
          code: 'container-crashed',
          subject: 'a/app',
          evidence: 'exit code 3 (Error), restarted 2 times',
          look: 'kubectl -n shop logs a -c app --previous',
          at: NOW,
        },
      },
    ]);
  });

  it('forgives a container that was restarted and is ready now', () => {
    const pods = [newPod('a', { containers: [aPodContainer({ restartCount: 5 })] }), newPod('b')];
    expect(look({ pods }).observation.phase).toBe('complete');
  });

  it('is not alarmed by an init container that ended well', () => {
    const init = aPodContainer({ name: 'prepare', role: 'init', ready: true, state: { is: 'terminated', exitCode: 0 } });
    const pods = [
      startingPod('a', {}, { containers: [init, aPodContainer({ ready: false, state: { is: 'waiting', reason: 'PodInitializing' } })] }),
    ];
    expect(codes({ pods, status: { updated: 1 } }, 0, 100)).toEqual(['updating', 'updating']);
  });

  it.each`
    what               | pod                                                                                                                            | events                                                                                 | code
    ${'unschedulable'} | ${{ node: undefined, conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes' }] }} | ${[]}                                                                                  | ${'unschedulable'}
    ${'a lost mount'}  | ${{}}                                                                                                                          | ${[{ reason: 'FailedMount', message: 'secret "nothing" not found', type: 'Warning' }]} | ${'mount-failed'}
  `('$what has a minute', ({ pod, events, code }) => {
    const { node: _node, ...unplaced } = startingPod('a');
    const scene: Scene = {
      pods: [{ ...('node' in pod ? unplaced : startingPod('a')), conditions: (pod.conditions ?? []) as Condition[] }, oldPod('b')],
      status: { updated: 1, replicas: 3 },
      view: { events: events.map((event: object) => anEvent({ objectUid: 'uid-a', ...event })) },
    };
    expect(codes(scene, 0, 59, 60)).toEqual(['updating', 'updating', code]);
  });

  it('names the newest of several reasons why a pod does not start', () => {
    const said = (reason: string, message: string, at: number) => anEvent({ objectUid: 'uid-a', reason, message, at, type: 'Warning' });
    const events = [said('FailedMount', 'secret "x" not found', NOW), said('FailedCreatePodSandBox', 'no network', NOW + 1000)];
    expect(codes(failing({}, { view: { events } }), 0, 60)).toEqual(['updating', 'rollout-stalled']);
    expect(codes(failing({}, { view: { events: events.slice(0, 1) } }), 0, 60)).toEqual(['updating', 'mount-failed']);
  });

  it('gives a cluster that is being scaled up the time it needs', () => {
    const { node: _node, ...unplaced } = startingPod('a');
    const conditions: Condition[] = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }];
    const scene: Scene = {
      pods: [{ ...unplaced, conditions }],
      status: { updated: 1 },
      view: { events: [anEvent({ objectUid: 'uid-a', reason: 'TriggeredScaleUp', message: 'pod triggered scale-up' })] },
    };
    expect(codes(scene, 0, 120)).toEqual(['updating', 'updating']);
  });

  const QUOTA = 'pods "web-x" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=1, limited: pods=1';
  it('fails by quota after half a minute without progress', () => {
    const conditions: Condition[] = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: QUOTA }];
    const scene: Scene = { pods: [oldPod('b'), oldPod('c')], status: { updated: 0, conditions } };
    expect(codes(scene, 0, 29, 30)).toEqual(['updating', 'updating', 'quota-exceeded']);
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('%s fails by quota as its events say, unless a later one says that it worked', (kind) => {
    const failed = anEvent({
      objectKind: kind,
      objectUid: 'uid-my-app',
      reason: 'FailedCreate',
      message: QUOTA,
      type: 'Warning',
      at: NOW + 5000,
    });
    const worked = anEvent({
      objectKind: kind,
      objectUid: 'uid-my-app',
      reason: 'SuccessfulCreate',
      message: 'create Pod my-app-0',
      at: NOW + 9000,
    });
    const scene = (events: (typeof failed)[]): Scene => ({
      kind,
      pods: [oldPod('b', { ordinal: 0 })],
      status: { updated: 0 },
      view: { events },
    });
    expect(codes(scene([failed]), 10, 41)).toEqual(['updating', 'quota-exceeded']);
    expect(codes(scene([failed, worked]), 10, 41)).toEqual(['updating', 'updating']);
    expect(codes(scene([{ ...failed, at: NOW - 60_000 }]), 10, 41)).toEqual(['updating', 'updating']);
  });

  it('fails at the second refusal by an admission webhook', () => {
    const message = 'admission webhook "policy.example" denied the request: no mutable tags';
    const conditions: Condition[] = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    const events = [anEvent({ objectKind: 'ReplicaSet', objectUid: 'uid-rev2', reason: 'FailedCreate', message, count: 2 })];
    expect(codes({ pods: [oldPod('b')], status: { updated: 0, conditions }, view: { events } }, 0)).toEqual(['admission-refused']);
  });

  const DEADLINE: Condition = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "my-app-rev2" has timed out progressing.',
  };
  it('names the probe when the progress deadline is over', () => {
    const events = [
      anEvent({
        objectUid: 'uid-a',
        objectName: 'a',
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP 503',
        count: 25,
      }),
    ];
    const scene = failing({ state: { is: 'running', startedAt: NOW } }, { view: { events } });
    expect(codes(scene, 0, 300)).toEqual(['updating', 'updating']);
    expect(look(scene).pods[0]).toMatchObject({ phase: 'starting', detail: 'Readiness probe failed' });
    const late = { ...scene, status: { ...scene.status, conditions: [DEADLINE] } };
    expect(over(late, [0])).toMatchObject([
      { phase: 'stalled', because: { code: 'probe-failing', subject: 'a/app', evidence: expect.stringContaining('HTTP 503 (25 times)') } },
    ]);
  });

  it('says rollout-stalled where nothing explains it', () => {
    const scene = failing({ state: { is: 'running', startedAt: NOW } }, { status: { updated: 1, replicas: 3, conditions: [DEADLINE] } });
    expect(over(scene, [0])).toMatchObject([{ phase: 'stalled', because: { code: 'rollout-stalled', evidence: DEADLINE.message } }]);
  });

  it('does not take the deadline of an earlier rollout for its own', () => {
    const conditions = [{ ...DEADLINE, message: 'ReplicaSet "my-app-rev1" has timed out progressing.' }];
    expect(codes(failing({}, { status: { updated: 1, replicas: 3, conditions } }), 0)).toEqual(['updating']);
    expect(codes({ workload: { observedGeneration: 1 }, status: { conditions: [DEADLINE] } }, 0)).toEqual(['unobserved']);
  });

  it('gives kinds without a deadline of their own ten minutes and one without any movement', () => {
    const scene: Scene = {
      kind: 'StatefulSet',
      pods: [startingPod('a', { state: { is: 'running', startedAt: NOW } }, { ordinal: 1 })],
      status: { updated: 1 },
    };
    expect(codes(scene, 0, 600, 661)).toEqual(['updating', 'updating', 'rollout-stalled']);
  });

  it('fails when somebody pauses it, after a minute', () => {
    expect(codes({ workload: { paused: true }, status: { updated: 1 } }, 0, 60)).toEqual(['updating', 'workload-paused']);
  });

  it('keeps the notes of other workloads', () => {
    const foreign = { 'deployment/shop/other uid/app/pull-failed': { since: 1, seen: 1, last: 1, text: 'x' } };
    expect(observe(input({ input: { symptoms: foreign } })).symptoms).toMatchObject(foreign);
  });
});
