import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';
import { appManifest } from '../support/world.ts';

/** StatefulSets and DaemonSets, side by side on one real cluster. */
describe('on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  const remove = (kind: string, app: string) => stage.kubectl('delete', kind, app, '--wait=false');
  const revisionsOf = async (app: string): Promise<Record<string, string>> => {
    const { items } = JSON.parse(await stage.kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'json'));
    return Object.fromEntries(items.map((pod: { metadata: { name: string; uid: string } }) => [pod.metadata.name, pod.metadata.uid]));
  };

  describe('a StatefulSet', () => {
    it.concurrent('in order, and Parallel: every pod on the new digest', async () => {
      for (const [app, podManagementPolicy] of [
        ['ordered', 'OrderedReady'],
        ['parallel', 'Parallel'],
      ] as const) {
        await stage.start(app, { kind: 'StatefulSet', replicas: 2, spec: { podManagementPolicy } });
        const fresh = await stage.push(app);
        const text = await stage.repull(app);
        expect(text).toMatch(/^# Succeeded/);
        expect(text).toContain('pulled new');
        expect(await stage.digests(app)).toEqual([fresh.digest]);
        await remove('statefulset', app);
      }
    });

    it.concurrent('with a partition: only ordinals at or above it, and the card says so', async () => {
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
      const old = await stage.start('parted', {
        kind: 'StatefulSet',
        replicas: 2,
        spec: { updateStrategy, podManagementPolicy: 'Parallel' },
      });
      const fresh = await stage.push('parted');
      const before = await revisionsOf('parted');
      expect(await stage.plan('parted')).toContain('its partition is 1: only pods with an ordinal of 1 or more are replaced, 1 of 2');
      const text = await stage.repull('parted');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('1 of 2 pods stays as it is: its partition is 1');
      expect(text).toContain('Every pod that was to be replaced fetched its image');
      const after = await revisionsOf('parted');
      expect(after['parted-0']).toBe(before['parted-0']);
      expect(after['parted-1']).not.toBe(before['parted-1']);
      const pods = await stage.pods('parted');
      expect(pods.map((pod) => pod.digest)).toEqual([old.digest, fresh.digest]);
      await remove('statefulset', 'parted');
    });

    it.concurrent('OnDelete and Always: evicted one at a time', async () => {
      await stage.start('manual', { kind: 'StatefulSet', replicas: 2, spec: { updateStrategy: { type: 'OnDelete' } } });
      const fresh = await stage.push('manual');
      const text = await stage.repull('manual');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toMatch(/Method\W+evict/);
      expect(await stage.digests('manual')).toEqual([fresh.digest]);
      await remove('statefulset', 'manual');
    });

    it.concurrent('OnDelete and IfNotPresent: patched to the digest, then its pods are evicted one at a time', async () => {
      await stage.start('pinned', {
        kind: 'StatefulSet',
        replicas: 2,
        pullPolicy: 'IfNotPresent',
        spec: { updateStrategy: { type: 'OnDelete' } },
      });
      const fresh = await stage.push('pinned');
      const text = await stage.repull('pinned');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toMatch(/Method\W+pin/);
      expect(text).toContain('its update strategy is OnDelete, so repull evicts its pods one at a time afterwards');
      expect(await stage.digests('pinned')).toEqual([fresh.digest]);
      const set = await stage.object('statefulset', 'pinned');
      expect(set.spec.template.spec.containers[0].image).toBe(`${stage.image('pinned')}@${fresh.digest}`);
      expect(set.metadata.generation).toBe(2);
      await remove('statefulset', 'pinned');
    });

    it.concurrent('a stuck first pod: named with its cause, the others untouched; Roll back evicts the stuck pod and brings the old digest back', async () => {
      const old = await stage.start('stuck', { kind: 'StatefulSet', replicas: 2 });
      await stage.push('stuck', { crash: true });
      const text = await stage.repull('stuck');
      expect(text).toMatch(/^# Failed/);
      expect(text).toContain('stuck-1/app');
      expect((await stage.pods('stuck')).find((pod) => pod.name === 'stuck-0')?.ready).toBe(true);
      await stage.say('/repull rollback stuck staging');
      const back = await stage.shows('stuck', /^# Succeeded/);
      expect(back).toContain(old.digest.slice(7, 19));
      expect(await stage.digests('stuck')).toEqual([old.digest]);
      await remove('statefulset', 'stuck');
    });
  });

  describe('a DaemonSet', () => {
    it.concurrent('with maxUnavailable: node after node, pulled new', async () => {
      await stage.start('agent', { kind: 'DaemonSet' });
      const fresh = await stage.push('agent');
      expect(await stage.plan('agent')).toContain('downtime: 1 of 2 pods at a time');
      const text = await stage.repull('agent');
      expect(text).toMatch(/^# Succeeded/);
      expect(await stage.digests('agent')).toEqual([fresh.digest]);
      await remove('daemonset', 'agent');
    });

    it.concurrent('with maxSurge: the new pod comes before the old one goes, no downtime', async () => {
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
      await stage.start('surging', { kind: 'DaemonSet', spec: { updateStrategy } });
      const fresh = await stage.push('surging');
      expect(await stage.plan('surging')).toContain('downtime: none');
      const text = await stage.repull('surging');
      expect(text).toMatch(/^# Succeeded/);
      expect(await stage.digests('surging')).toEqual([fresh.digest]);
      await remove('daemonset', 'surging');
    });

    it.concurrent('OnDelete and IfNotPresent: patched, then evicted one at a time', async () => {
      await stage.start('lazy', { kind: 'DaemonSet', pullPolicy: 'IfNotPresent', spec: { updateStrategy: { type: 'OnDelete' } } });
      const fresh = await stage.push('lazy');
      const text = await stage.repull('lazy');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toMatch(/Method\W+pin/);
      expect(await stage.digests('lazy')).toEqual([fresh.digest]);
      await remove('daemonset', 'lazy');
    });

    it.concurrent('on a node that it does not fit runs no pod, and none is waited for', async () => {
      const affinity = {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'repull.test/node', operator: 'In', values: ['1'] }] }],
          },
        },
      };
      const image = (await stage.push('choosy')).ref;
      await stage.apply(appManifest(stage.namespace, 'choosy', { kind: 'DaemonSet', image, pullPolicy: 'Always', pod: { affinity } }));
      await stage.ready('choosy', 1);
      const fresh = await stage.push('choosy');
      const text = await stage.repull('choosy');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('1 pod');
      expect(await stage.digests('choosy')).toEqual([fresh.digest]);
      await remove('daemonset', 'choosy');
    });
  });
});
