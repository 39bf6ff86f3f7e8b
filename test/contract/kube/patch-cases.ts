import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAMP } from '../../../src/domain/workload.ts';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import { aDaemonSet, aDeployment, aStatefulSet, type KubeSubject } from './subject.ts';
import { aPatch, failure, look, lookUntil, observed, refTo, settled } from './steps.ts';

export function patchCases(given: () => KubeSubject): void {
  describe('the one patch of a request', () => {
    let cluster: KubeCluster;
    let image: string;
    let next: string;
    beforeAll(async () => {
      cluster = given().connect();
      image = (await given().push('patched')).ref;
      next = (await given().push('patched-next')).ref;
    });
    afterAll(async () => {
      await given().clear();
      await cluster.close();
    });

    const idle = { replicas: 0 };
    /** Without pods: what is written does not depend on them. */
    const planned = async (name: string) => {
      await given().apply(aDeployment(name, { image, ...idle }));
      const ref = refTo('Deployment', given().namespace, name);
      return { ref, view: await observed(cluster, ref) };
    };

    it.each([
      ['Deployment', aDeployment],
      ['StatefulSet', aStatefulSet],
      ['DaemonSet', aDaemonSet],
    ] as const)('stamps the template of a %s once, however often it is sent', async (kind, manifest) => {
      const { namespace, apply } = given();
      const name = `stamped-${kind.toLowerCase()}`;
      await apply(manifest(name, { image }));
      const ref = refTo(kind, namespace, name);
      const before = await settled(cluster, ref);
      const write = aPatch(before);
      const generation = before.workload.generation + 1;
      expect(await cluster.patch(write, 'r-1')).toEqual({ ok: true, already: false, generation });
      expect(await cluster.patch(write, 'r-1')).toEqual({ ok: true, already: true, generation });
      const after = await settled(cluster, ref);
      expect(await cluster.patch(write, 'r-1')).toEqual({ ok: true, already: true, generation });
      expect(after.workload.generation).toBe(generation);
      expect(after.workload.templateAnnotations).toEqual({ ...write.annotations, [STAMP]: 'r-1' });
      expect(after.revisions[0]).toMatchObject({ stamp: 'r-1', number: (before.revisions[0]?.number ?? 0) + 1 });
      // Their times have whole seconds: which of two in one second is newer, nobody can tell.
      expect(after.workload.templateManagers.map(({ manager }) => manager)).toContain('repull');
    });

    it('carries images, pull policies and stamp together, in init containers too, and leaves the rest alone', async () => {
      const { namespace, apply } = given();
      const init = [
        { name: 'migrate', image, sidecar: true },
        { name: 'proxy', image, sidecar: true },
      ];
      await apply(aDeployment('several', { image, init, ...idle }));
      const ref = refTo('Deployment', namespace, 'several');
      const before = await observed(cluster, ref);
      const write = aPatch(before, {
        images: [{ container: 'proxy', role: 'sidecar', image: next }],
        pullPolicies: [
          { container: 'proxy', role: 'sidecar', pullPolicy: 'Always' },
          { container: 'app', role: 'container', pullPolicy: 'Always' },
        ],
      });
      expect(await cluster.patch(write, 'r-1')).toMatchObject({ ok: true, already: false });
      const { workload } = await look(cluster, ref);
      expect(workload.generation).toBe(before.workload.generation + 1);
      expect(workload.containers).toEqual([
        { name: 'migrate', role: 'sidecar', image, pullPolicy: 'IfNotPresent' },
        { name: 'proxy', role: 'sidecar', image: next, pullPolicy: 'Always' },
        { name: 'app', role: 'container', image, pullPolicy: 'Always' },
      ]);
    });

    it('goes out although the object moved on, where nothing that was planned on has changed', async () => {
      const { ref, view } = await planned('moved-on');
      await given().apply(aDeployment('moved-on', { image, ...idle, labels: { unrelated: 'yes' } }));
      expect((await look(cluster, ref)).workload.resourceVersion).not.toBe(view.workload.resourceVersion);
      expect(await cluster.patch(aPatch(view), 'r-1')).toMatchObject({ ok: true, already: false });
    });

    it('is a conflict where somebody changed the template meanwhile, and changes nothing', async () => {
      const { ref, view } = await planned('contested');
      await given().apply(aDeployment('contested', { image: next, ...idle }));
      expect(failure(await cluster.patch(aPatch(view), 'r-1')).code).toBe('conflict');
      const { workload } = await look(cluster, ref);
      expect(workload.templateAnnotations).toEqual({});
      expect(workload.generation).toBe(view.workload.generation + 1);
    });

    it('is a conflict for a worker that does not remember what was planned on', async () => {
      const { view } = await planned('forgotten');
      await given().apply(aDeployment('forgotten', { image, ...idle, labels: { unrelated: 'yes' } }));
      const restarted = given().connect();
      expect(failure(await restarted.patch(aPatch(view), 'r-1')).code).toBe('conflict');
      await restarted.close();
    });

    it('is not written a second time after somebody has undone it', async () => {
      const { ref, view } = await planned('undone');
      expect(await cluster.patch(aPatch(view), 'r-1')).toMatchObject({ ok: true });
      const written = await lookUntil(cluster, ref, 'its revision is there', ({ revisions }) => revisions[0]?.stamp === 'r-1');
      // What `kubectl rollout undo` does: the former template comes back, to the letter.
      const undo = { ...aDeployment('undone', { image, ...idle }), spec: { template: { metadata: { annotations: null } } } };
      await given().patch(undo);
      const after = await look(cluster, ref);
      expect(after.workload.templateAnnotations).toEqual({});
      expect(failure(await cluster.patch(aPatch(view), 'r-1')).code).toBe('superseded');
      expect((await look(cluster, ref)).workload.generation).toBe(written.workload.generation + 1);
    });

    it('does not touch a workload that was deleted and created again under the same name', async () => {
      const { ref, view } = await planned('reborn');
      await given().remove('deployment', 'reborn');
      expect(failure(await cluster.patch(aPatch(view), 'r-1')).code).toBe('workload-gone');
      await given().apply(aDeployment('reborn', { image, ...idle }));
      const reborn = await observed(cluster, ref);
      expect(failure(await cluster.patch(aPatch(view), 'r-1')).code).toBe('workload-gone');
      const freshVersion = aPatch(view, { resourceVersion: reborn.workload.resourceVersion });
      expect(failure(await cluster.patch(freshVersion, 'r-1')).code).toBe('workload-gone');
      expect((await look(cluster, ref)).workload.templateAnnotations).toEqual({});
    });
  });
}
