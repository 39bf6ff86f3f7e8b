import { describe, expect, it } from 'vitest';
import { eventOf, nodeOf, podOf } from '../../../src/kube/snapshot.ts';
import { recorded, recordedView } from './recorded.ts';

const at = (text: string) => Date.parse(text);

describe('reading a Deployment', () => {
  it('takes what a rollout is judged by', () => {
    const { workload } = recordedView('Deployment');
    expect(workload).toMatchObject({
      kind: 'Deployment',
      name: 'web',
      replicas: 2,
      minReadySeconds: 2,
      progressDeadlineSeconds: 600,
      paused: false,
      deleting: false,
      strategy: { type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' },
      templateAnnotations: { 'repull.dev/request': 'r-7' },
      pullSecrets: ['pull'],
      serviceAccount: 'default',
      status: { replicas: 2, updated: 2, ready: 2, available: 2 },
    });
    expect(workload.status.conditions.map(({ type, status }) => [type, status])).toEqual(
      expect.arrayContaining([
        ['Available', 'True'],
        ['Progressing', 'True'],
      ]),
    );
  });

  it('tells who wrote the template, newest first, and leaves out who scaled it or reported its status', () => {
    expect(recordedView('Deployment').workload.templateManagers).toEqual([
      { manager: 'repull', at: at('2026-11-23T06:08:40Z') },
      { manager: 'kubectl-client-side-apply', at: at('2026-11-23T06:08:29Z') },
    ]);
  });

  it('takes only its own pods, although the list held the whole namespace', () => {
    const { pods, revisions } = recordedView('Deployment');
    expect(pods.map(({ name }) => name.replace(/-\w+$/, ''))).toEqual(['web-7b4b545bd5', 'web-7b4b545bd5']);
    expect(new Set(pods.map(({ revision }) => revision))).toEqual(new Set([revisions[0]?.hash]));
  });

  it('puts the newest revision first, with its stamp', () => {
    expect(recordedView('Deployment').revisions.map(({ number, stamp }) => [number, stamp])).toEqual([
      [2, 'r-7'],
      [1, undefined],
    ]);
  });

  it('leaves out a pod that merely carries its labels', () => {
    const view = recordedView('Deployment', ({ pods }) => {
      const [web] = pods.filter(({ metadata }) => metadata.labels?.['app'] === 'web');
      if (web !== undefined) web.metadata.ownerReferences = [];
    });
    expect(view.pods).toHaveLength(1);
  });

  it('shows sidecars apart from init containers, each with its own status', () => {
    const [pod] = recordedView('Deployment').pods;
    expect(pod?.containers.map(({ name, role, pullPolicy, ready, state }) => [name, role, pullPolicy, ready, state?.is])).toEqual([
      ['proxy', 'sidecar', 'Always', true, 'running'],
      ['app', 'container', 'IfNotPresent', true, 'running'],
    ]);
    expect(pod?.containers[0]?.imageId).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('shows the budget that selects its pods by expression, and its autoscaler', () => {
    const view = recordedView('Deployment');
    expect(view.budgets).toEqual([
      { name: 'web', allowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, pods: view.pods.map(({ name }) => name) },
    ]);
    expect(view.autoscaler).toEqual({ name: 'web', min: 1, max: 4 });
  });

  it('takes the events of itself, its revisions and its pods, and nobody else’s', () => {
    const view = recordedView('Deployment');
    const known = new Set([view.workload.uid, ...view.revisions.map(({ uid }) => uid), ...view.pods.map(({ uid }) => uid)]);
    expect(view.events.every(({ objectUid }) => known.has(objectUid))).toBe(true);
    expect(new Set(view.events.map(({ objectKind }) => objectKind))).toEqual(new Set(['Deployment', 'ReplicaSet', 'Pod']));
    expect(view.events.filter(({ reason }) => reason === 'Pulled').map(({ container }) => container)).toEqual(
      expect.arrayContaining(['proxy', 'app']),
    );
  });
});

describe('reading a StatefulSet', () => {
  it('knows partition, ordinals and which of its two revisions each pod runs', () => {
    const { workload, pods, revisions } = recordedView('StatefulSet');
    expect(workload).toMatchObject({ strategy: { type: 'RollingUpdate', partition: 1 }, podManagement: 'Parallel' });
    expect(workload.status).toMatchObject({ updated: 1, currentRevision: revisions[1]?.hash, updateRevision: revisions[0]?.hash });
    expect(pods.map(({ ordinal, revision }) => [ordinal, revision])).toEqual([
      [0, revisions[1]?.hash],
      [1, revisions[0]?.hash],
    ]);
    expect(revisions.map(({ stamp }) => stamp)).toEqual(['r-7', undefined]);
  });
});

describe('reading a DaemonSet', () => {
  it('knows that OnDelete has not replaced any pod, though its newest revision is stamped', () => {
    const { workload, pods, revisions } = recordedView('DaemonSet');
    expect(workload).toMatchObject({ strategy: { type: 'OnDelete' }, replicas: 2 });
    expect(workload.status).toMatchObject({ updated: 0, ready: 2, available: 2, updateRevision: revisions[0]?.hash });
    expect(pods.map(({ revision }) => revision)).toEqual([revisions[1]?.hash, revisions[1]?.hash]);
    expect(revisions[0]?.stamp).toBe('r-7');
  });
});

describe('reading an event', () => {
  const meta = { name: 'e', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-23T05:00:00Z' };

  it('of a new-style reporter takes the time of its last repeat, and its count', () => {
    const event = eventOf({
      metadata: meta,
      eventTime: '2026-11-23T05:00:01.5Z',
      lastTimestamp: null,
      series: { count: 4, lastObservedTime: '2026-11-23T05:03:00Z' },
      reportingComponent: 'default-scheduler',
    });
    expect(event).toMatchObject({ at: at('2026-11-23T05:03:00Z'), count: 4, source: 'default-scheduler' });
  });

  it('of the kubelet takes lastTimestamp, count and the container', () => {
    const event = eventOf({
      metadata: meta,
      firstTimestamp: '2026-11-23T05:00:00Z',
      lastTimestamp: '2026-11-23T05:02:00Z',
      count: 3,
      involvedObject: { kind: 'Pod', uid: 'p', name: 'web-1', fieldPath: 'spec.initContainers{proxy}' },
      source: { component: 'kubelet' },
    });
    expect(event).toMatchObject({ at: at('2026-11-23T05:02:00Z'), count: 3, container: 'proxy', source: 'kubelet' });
  });

  it('without any time is as old as its object', () => {
    expect(eventOf({ metadata: meta }).at).toBe(at('2026-11-23T05:00:00Z'));
  });
});

it('a node is its platform and whether it takes pods', () => {
  const [node] = recorded().nodes;
  expect(node && nodeOf(node)).toEqual({ name: 'node-1', os: 'linux', architecture: 'amd64', ready: true, unschedulable: false });
});

it('reads what a node is short of, and why it is not ready', () => {
  const [node] = recorded().nodes;
  if (node === undefined) throw new Error('no node was recorded');
  const conditions = [
    { type: 'DiskPressure', status: 'True' },
    { type: 'PIDPressure', status: 'True' },
    { type: 'MemoryPressure', status: 'False' },
    { type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: '2026-11-23T06:08:40Z' },
  ];
  expect(nodeOf({ ...node, status: { ...node.status, conditions } })).toMatchObject({
    ready: false,
    since: at('2026-11-23T06:08:40Z'),
    why: 'Kubelet stopped posting node status.',
    short: ['disk', 'processes'],
  });
});

it('reads why a pod is still there, and why it was thrown out', () => {
  const [raw] = recorded().pods;
  if (raw === undefined) throw new Error('no pod was recorded');
  const metadata = { ...raw.metadata, deletionTimestamp: '2026-11-23T06:08:40Z', finalizers: ['example.com/hold'] };
  const status = { ...raw.status, phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' };
  expect(podOf({ ...raw, metadata, status })).toMatchObject({
    deleting: true,
    dueAt: at('2026-11-23T06:08:40Z'),
    finalizers: ['example.com/hold'],
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: ephemeral-storage.',
  });
});
