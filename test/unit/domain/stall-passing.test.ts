import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/domain/observe.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import { aNode, aPodContainer, NOW } from '../../support/builders.ts';
import { anEvent, anEvidence } from '../../support/plan-builders.ts';
import { codes, fresh, input, notes, over, SECOND, starting, type Scene } from './a-rollout.ts';

describe('a node that is short of something', () => {
  it('is named where it threw new pods out, and is the cause when the deadline is over', () => {
    const message = 'The node was low on resource: ephemeral-storage.';
    const evicted = fresh('b', { ready: false, phase: 'Failed', reason: 'Evicted', message, node: 'node-2' });
    const scene: Scene = { pods: [fresh('a'), evicted], status: { updated: 1, available: 1 }, workload: { progressDeadlineSeconds: 60 } };
    expect(notes(scene, 0, 5)[1]).toEqual([`b was thrown off its node: ${message} (on node-2). The rollout goes on.`]);
    expect(codes(scene, 3, 122, 123)).toEqual(['updating', 'updating', 'node-pressure']);
  });

  it('is named where the scheduler counts tainted nodes only', () => {
    const message = "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s).";
    const conditions = [{ type: 'PodScheduled', status: 'False' as const, reason: 'Unschedulable', message }];
    const { node: _node, ...pod } = starting('b', { conditions });
    const scene: Scene = {
      pods: [fresh('a'), pod],
      nodes: [aNode(), aNode({ name: 'node-2', short: ['disk'] })],
      status: { available: 1 },
    };
    expect(over(scene, 0, 60).at(-1)?.observation).toMatchObject({
      because: {
        code: 'unschedulable',
        evidence: `${message} (node-2 is short of disk)`,
        remedy: expect.stringContaining('free disk'),
        look: expect.stringContaining('TAINTS'),
      },
    });
  });
});

describe('a volume that was late', () => {
  const event = anEvent({
    objectUid: 'uid-b',
    objectName: 'b',
    reason: 'FailedMount',
    message: 'timed out waiting for the condition',
    type: 'Warning',
  });
  const scene: Scene = { pods: [fresh('a'), starting('b')], status: { available: 1 }, events: [event] };

  it('is no failure of the long pull that follows', () => {
    expect(codes(scene, 0, 60)).toEqual(['settling', 'mount-failed']);
    const mounted = starting('b', { conditions: [{ type: 'PodReadyToStartContainers', status: 'True' }] });
    expect(codes({ ...scene, pods: [fresh('a'), mounted] }, 0, 60)).toEqual(['settling', 'settling']);
    const pulling = anEvidence({ podUid: 'uid-b', pod: 'b', what: { is: 'pulling' }, at: NOW + SECOND });
    const seen = (second: number, symptoms: Symptoms) => observe({ ...input(scene, second), evidence: [pulling], symptoms });
    expect(seen(60, seen(0, {}).symptoms).progress.observation.phase).toBe('settling');
  });
});

describe('what may pass', () => {
  it('is said while it lasts, in one sentence for all pods that suffer from it', () => {
    const waiting = { is: 'waiting' as const, reason: 'ErrImagePull', message: 'unexpected status code 429 Too Many Requests' };
    const pods = ['a', 'b'].map((name) => starting(name, { containers: [aPodContainer({ ready: false, state: waiting })] }));
    const scene: Scene = { pods, status: { available: 0 } };
    expect(notes(scene, 0, 5)).toEqual([
      [],
      [
        'a/app (and 1 more) cannot fetch its image yet: unexpected status code 429 Too Many Requests (on node-1). This may pass: repull waits 5 min for it.',
      ],
    ]);
  });

  it('names how long repull waits for it, also where that is less than a minute', () => {
    const message = 'pods "x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2';
    const conditions = [{ type: 'ReplicaFailure', status: 'True' as const, reason: 'FailedCreate', message }];
    expect(notes({ pods: [], status: { updated: 0, conditions } }, 0, 5)[1]).toEqual([
      `deployment/my-app gets no new pods yet: ${message}. This may pass: repull waits 30 s for it.`,
    ]);
  });

  it('a webhook that is away keeps pods from being made for five minutes, a refusal twice is enough', () => {
    const away =
      'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: connect: connection refused';
    const refused = (message: string): Scene => ({
      pods: [],
      status: { updated: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] },
      // Every attempt is for another pod name, hence another event.
      events: ['x', 'y'].map(() => anEvent({ objectKind: 'ReplicaSet', objectUid: 'uid-rev2', reason: 'FailedCreate', message })),
    });
    expect(codes(refused(away), 0, 299, 300)).toEqual(['updating', 'updating', 'admission-refused']);
    expect(notes(refused(away), 0, 5)[1]).toEqual([
      expect.stringMatching(/gets no new pods yet: .*connection refused.* repull waits 5 min/),
    ]);
    expect(over(refused(away), 0, 300).at(-1)?.observation).toMatchObject({
      because: { transient: true, remedy: expect.stringContaining('webhook policy.example.com back') },
    });
    expect(codes(refused('admission webhook "x" denied the request: no'), 0)).toEqual(['admission-refused']);
  });
});

describe('a probe', () => {
  it('that failed often has ended its container as often as it says, and no more', () => {
    const event = (reason: string, message: string, count: number) =>
      anEvent({ objectUid: 'uid-b', objectName: 'b', reason, message, count, type: 'Warning' });
    const failed = event('Unhealthy', 'Startup probe failed: HTTP 503', 9);
    const killed = event('Killing', 'Container app failed startup probe, will be restarted', 1);
    const at = (second: number, restartCount: number, events: (typeof failed)[], symptoms: Symptoms) => {
      const state = { is: 'running' as const, startedAt: NOW };
      const lastState = { is: 'terminated' as const, exitCode: 0, reason: 'Completed' };
      const container = aPodContainer({ ready: false, restartCount, state, ...(restartCount > 0 ? { lastState } : {}) });
      const pods = [fresh('a'), starting('b', { containers: [container] })];
      return observe({ ...input({ pods, events, status: { available: 1 } }, second), symptoms });
    };
    const before = at(0, 0, [failed], {});
    const once = at(10, 1, [failed, killed], before.symptoms);
    expect(once.progress.observation.phase).toBe('settling');
    expect(at(30, 2, [failed, killed], once.symptoms).progress.observation).toMatchObject({
      because: { code: 'probe-failing', evidence: 'Startup probe failed: HTTP 503; its kubelet ended it for that, restarted 2 times' },
    });
  });
});
