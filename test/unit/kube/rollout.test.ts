import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PatchTemplate } from '../../../src/domain/plan.ts';
import { argoFailure, argoWaiting, isPromoted } from '../../../src/domain/argo-rollout.ts';
import { rollout } from '../../../src/kube/kinds/rollout.ts';
import { mergePatchOf, needsWholeLists } from '../../../src/kube/merge-patch.ts';
import { PlannedTemplates } from '../../../src/kube/planned.ts';
import type { RawWorkload } from '../../../src/kube/raw.ts';

type Status = Record<string, unknown>;
type Recording = { strategy: object } & Record<'start' | 'restart' | 'canary' | 'promote' | 'abort', { status: Status }[]>;
const recording = JSON.parse(
  readFileSync(new URL('../../support/fixtures/argo-rollouts.json', import.meta.url), 'utf8').replaceAll('"GENERATION"', '"7"'),
) as Recording;

const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    initContainers: [{ name: 'init', image: 'shop/init:v1' }],
    containers: [
      { name: 'app', image: 'shop/web:v1', ports: [{ containerPort: 80 }] },
      { name: 'proxy', image: 'mesh/proxy:v1', imagePullPolicy: 'IfNotPresent' },
    ],
  },
};
const raw = (status: unknown = {}, spec: object = {}, metadata: object = {}): RawWorkload =>
  ({
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-1', resourceVersion: '41', generation: 7, ...metadata },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template, strategy: recording.strategy, ...spec },
    status,
  }) as unknown as RawWorkload;
const last = (frames: { status: Status }[]) => rollout.read(raw(frames.at(-1)?.status));

describe('a Rollout, as its real controller wrote it', () => {
  it.each(['start', 'promote', 'restart'] as const)('is promoted at the end of %s, and waits for nothing', (scene) => {
    const workload = last(recording[scene]);
    expect(isPromoted(workload, 'NEW')).toBe(true);
    expect(argoWaiting(workload)).toBeUndefined();
    expect(argoFailure(workload, 'NEW')).toBeUndefined();
    expect(workload.status).toMatchObject({ replicas: 2, updated: 2, ready: 2, available: 2, updateRevision: 'NEW' });
  });

  it('is promoted at the end of its promotion only, never on the way there', () => {
    const promoted = recording.promote.map(({ status }) => isPromoted(rollout.read(raw(status)), 'NEW'));
    expect(promoted).toEqual([...promoted.slice(1).map(() => false), true]);
  });

  it('paused, is at its second step of three', () => {
    const workload = last(recording.canary);
    expect(workload.argo).toMatchObject({ phase: 'Paused', step: 1, steps: ['50%', 'pause', 'pause 1s'], pauses: ['CanaryPauseStep'] });
    expect(argoWaiting(workload)?.text).toContain('at step 2 of 3');
    expect(isPromoted(workload, 'NEW')).toBe(false);
  });

  it('at a pause with a duration goes on by itself', () => {
    const timed = recording.promote.map(({ status }) => argoWaiting(rollout.read(raw(status)))?.text ?? '');
    expect(timed.filter((text) => text.includes('at step 3 of 3; it goes on by itself after 1s')).length).toBeGreaterThan(0);
  });

  it('aborted, says why', () => {
    expect(argoFailure(last(recording.abort), 'NEW')?.evidence).toBe('RolloutAborted: Rollout aborted update to revision 3');
  });

  it.each`
    observed     | of   | is
    ${'7'}       | ${7} | ${7}
    ${'6'}       | ${7} | ${6}
    ${undefined} | ${7} | ${0}
    ${'5d8f6b'}  | ${7} | ${7}
  `('has observed generation $is of $of where its status says $observed', ({ observed, of, is }) => {
    expect(rollout.read(raw({ observedGeneration: observed }, {}, { generation: of })).observedGeneration).toBe(is);
  });

  it('has the pull policy that the API server writes into its pods, not into a custom resource', () => {
    const policies = (image: string) =>
      rollout
        .read(raw({}, { template: { spec: { containers: [{ name: 'app', image }] } } }))
        .containers.map(({ pullPolicy }) => pullPolicy);
    expect([policies('shop/web'), policies('shop/web:latest'), policies('shop/web:v1')]).toEqual([
      ['Always'],
      ['Always'],
      ['IfNotPresent'],
    ]);
  });

  it('does not take the defaults that its controller fills in for a change by somebody', () => {
    const fieldsV1 = { 'f:spec': { 'f:template': {} } };
    const managedFields = ['kubectl', 'rollouts-controller'].map((manager) => ({
      manager,
      operation: 'Update',
      time: '2026-11-23T09:00:00Z',
      fieldsV1,
    }));
    expect(rollout.read(raw({}, {}, { managedFields })).templateManagers.map(({ manager }) => manager)).toEqual(['kubectl']);
  });
});

describe('the patch of a Rollout', () => {
  const write: PatchTemplate = {
    action: 'patch-template',
    workload: { kind: 'Rollout', namespace: 'shop', name: 'web' },
    uid: 'uid-1',
    resourceVersion: '41',
    annotations: { note: 'x' },
    images: [{ container: 'app', role: 'container', image: 'shop/web:v2' }],
    pullPolicies: [{ container: 'app', role: 'container', pullPolicy: 'Always' }],
  };

  it('carries whole lists of containers, as they are but for what was planned, and both preconditions', () => {
    expect(needsWholeLists(rollout, write)).toBe(true);
    expect(mergePatchOf(rollout, write, 'r-1', '41', raw())).toEqual({
      metadata: { uid: 'uid-1', resourceVersion: '41' },
      spec: {
        template: {
          metadata: { annotations: { note: 'x', 'repull.dev/request': 'r-1' } },
          spec: {
            containers: [{ ...template.spec.containers[0], image: 'shop/web:v2', imagePullPolicy: 'Always' }, template.spec.containers[1]],
          },
        },
      },
    });
  });

  it('of a restart leaves the template alone', () => {
    const { workload, uid, resourceVersion } = write;
    const restart = { action: 'restart-at' as const, workload, uid, resourceVersion, annotations: {}, at: '2026-12-01T21:00:01Z' };
    expect(needsWholeLists(rollout, restart)).toBe(false);
    expect(mergePatchOf(rollout, restart, 'r-1', '41', undefined)).toEqual({
      metadata: { uid: 'uid-1', resourceVersion: '41', annotations: { 'repull.dev/request': 'r-1' } },
      spec: { restartAt: '2026-12-01T21:00:01Z' },
    });
  });

  it.each`
    change                                                | isUnchanged
    ${{ replicas: 5 }}                                    | ${true}
    ${{ restartAt: '2026-12-01T22:00:00Z' }}              | ${false}
    ${{ strategy: { canary: {} } }}                       | ${false}
    ${{ paused: true }}                                   | ${false}
    ${{ template: { ...template, metadata: {} } }}        | ${false}
    ${{ workloadRef: { kind: 'Deployment', name: 'x' } }} | ${false}
  `('stands on what was planned after $change: $isUnchanged', ({ change, isUnchanged }: { change: object; isUnchanged: boolean }) => {
    const planned = new PlannedTemplates();
    planned.remember(rollout, raw());
    expect(planned.unchangedSince('41', rollout, raw({}, change, { resourceVersion: '42' }))).toBe(isUnchanged);
  });
});
