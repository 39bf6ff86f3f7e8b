import { describe, expect, it } from 'vitest';
import { observe } from '../../../src/domain/observe.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import type { NodeFacts, Pod } from '../../../src/domain/workload.ts';
import { aNode, aPod, aPodContainer, NOW } from '../../support/builders.ts';
import { codes, fresh, going, input, notes, over, SECOND, starting, type Scene } from './a-rollout.ts';

const AWAY = aNode({ name: 'node-2', ready: false, since: NOW, why: 'Kubelet stopped posting node status.' });

describe('a node that does not answer', () => {
  const scene: Scene = { pods: [fresh('a'), starting('b', { node: 'node-2' })], nodes: [aNode(), AWAY], status: { available: 1 } };

  it('is said while it may come back, and ends the rollout when Kubernetes itself should have given it up', () => {
    expect(codes(scene, 0, 359, 360)).toEqual(['settling', 'settling', 'node-gone']);
    expect(notes(scene, 0, 5)).toEqual([
      [],
      [
        'b is on a node that does not answer: node node-2 is not ready: Kubelet stopped posting node status. This may pass: repull waits 6 min for it.',
      ],
    ]);
  });

  it('names the node, and what helps', () => {
    const [, last] = over(scene, 0, 360);
    expect(last?.observation).toMatchObject({
      because: {
        subject: 'b',
        evidence: 'node node-2 is not ready: Kubelet stopped posting node status.',
        remedy: expect.stringContaining('bring node-2 back'),
        look: 'kubectl describe node node-2',
        transient: true,
      },
    });
    expect(last?.pods.find((pod) => pod.pod === 'b')).toMatchObject({ phase: 'failed', detail: 'node node-2 is not ready' });
  });

  it('is the cause, whatever its pods suffered from before', () => {
    const failing = starting('b', {
      node: 'node-2',
      containers: [aPodContainer({ ready: false, restartCount: 9, state: { is: 'waiting' } })],
    });
    expect(codes({ ...scene, pods: [fresh('a'), failing] }, 0)).toEqual(['settling']);
  });

  it('is the same when it is not in the cluster any more', () => {
    const lost = { ...scene, nodes: [aNode()], lost: ['node-2'] };
    expect(codes(lost, 0, 360)).toEqual(['settling', 'node-gone']);
    expect(notes(lost, 0, 5)[1]).toEqual([expect.stringContaining('node node-2 does not exist any more')]);
  });

  it('is not guessed where repull may not see nodes', () => {
    expect(codes({ ...scene, nodes: [], lost: [] }, 0, 360)).toEqual(['settling', 'settling']);
  });

  it('starts anew when it came back in between', () => {
    let symptoms: Symptoms = {};
    const at = (second: number, nodes: NodeFacts[]) => {
      const seen = observe({ ...input({ ...scene, nodes }, second), symptoms });
      symptoms = seen.symptoms;
      return seen.progress.observation.phase;
    };
    const back = [aNode(), aNode({ name: 'node-2' })];
    expect([at(0, [AWAY]), at(200, back), at(250, back), at(300, [AWAY]), at(400, [AWAY]), at(660, [AWAY])]).toEqual([
      'settling',
      'settling',
      'settling',
      'settling',
      'settling',
      'stalled',
    ]);
  });

  it('holds a StatefulSet back with a pod of the old revision, and a Deployment not', () => {
    const pods = [fresh('b', { ordinal: 1 }), aPod({ name: 'a', revision: 'rev1', ready: false, node: 'node-2', ordinal: 0 })];
    const status = { updated: 1, ready: 1, available: 1 };
    expect(codes({ ...scene, kind: 'StatefulSet', pods, status }, 0, 360)).toEqual(['updating', 'node-gone']);
    expect(codes({ ...scene, pods, status }, 0, 360)).toEqual(['updating', 'updating']);
  });

  it('takes a DaemonSet all its pods for as long as it is away: that is no end', () => {
    const scene: Scene = {
      kind: 'DaemonSet',
      pods: [going('a', { node: 'node-2' })],
      nodes: [AWAY],
      workload: { replicas: 0 },
      status: { replicas: 0, updated: 0, ready: 0, available: 0 },
    };
    expect(codes(scene, 16, 100, 376)).toEqual(['retiring', 'retiring', 'node-gone']);
    // Its pod ends when the node is back, and only then does the node count again.
    expect(codes({ ...scene, pods: [] }, 0, 30, 60)).toEqual(['settling', 'settling', 'complete']);
  });
});

describe('a pod that does not end', () => {
  const held = going('old', { finalizers: ['example.com/hold'] });
  const done = { pods: [fresh('a'), fresh('b'), held] };

  it('is named with what holds it when the rollout is complete all the same', () => {
    expect(codes(done, 3, 62, 64)).toEqual(['retiring', 'retiring', 'complete']);
    const [, , last] = notes(done, 3, 62, 64);
    expect(last).toEqual([
      'old is still terminating, and nothing waits for it: held by the finalizer example.com/hold. To end it: let its owner take it off; to let the pod go all the same: kubectl -n shop patch pod old --type=merge -p \'{"metadata":{"finalizers":null}}\'.',
    ]);
  });

  it.each`
    what                              | pod                              | nodes        | says
    ${'its node is away'}             | ${{ node: 'node-2' }}            | ${[AWAY]}    | ${'node node-2 is not ready'}
    ${'it may take that long'}        | ${{ dueAt: NOW + 600 * SECOND }} | ${[aNode()]} | ${'its grace period is not over'}
    ${'its kubelet has not ended it'} | ${{ node: 'node-1' }}            | ${[aNode()]} | ${'the kubelet of node-1 has not ended it'}
  `('because $what', ({ pod, nodes, says }) => {
    const [, last] = notes({ pods: [fresh('a'), fresh('b'), going('old', pod)], nodes }, 3, 64);
    expect(last).toEqual([expect.stringContaining(says)]);
  });

  it('is no news within its grace period, nor a moment after', () => {
    const scene = { ...done, status: { available: 1 } };
    expect(notes(scene, 0, 15)).toEqual([[], []]);
    expect(notes(scene, 16, 21)[1]).toEqual(['old is still terminating: held by the finalizer example.com/hold. The rollout goes on.']);
  });

  it.each(['StatefulSet', 'DaemonSet'] as const)('holds a %s back, which is said, and fails after five minutes', (kind) => {
    const scene: Scene = {
      kind,
      pods: [fresh('b', { ordinal: 1 }), going('a', { ordinal: 0, finalizers: ['example.com/hold'] })],
      status: { updated: 1, ready: 1, available: 1 },
    };
    expect(codes(scene, 16, 315, 316)).toEqual(['updating', 'updating', 'pod-terminating']);
    expect(notes(scene, 16, 21)[1]).toEqual([
      'a is still terminating: held by the finalizer example.com/hold. This may pass: repull waits 5 min for it.',
    ]);
    expect(over(scene, 16, 316).at(-1)?.observation).toMatchObject({
      because: { subject: 'a', remedy: expect.stringContaining('"finalizers":null') },
    });
  });

  it('holds Recreate back, and an eviction', () => {
    const pods = [going('my-app-1', { finalizers: ['x'] }), aPod({ name: 'my-app-2' })];
    const recreate: Scene = { pods: [pods[0] as Pod], workload: { strategy: { type: 'Recreate' } }, status: { updated: 0 } };
    expect(codes(recreate, 16, 316)).toEqual(['updating', 'pod-terminating']);
    const image = { templateAnnotations: {} };
    expect(codes({ pods, evicts: true, workload: image }, 16, 316)).toEqual(['updating', 'pod-terminating']);
  });
});
