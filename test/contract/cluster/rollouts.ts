import { describe, expect, test } from 'vitest';
import { MERGE } from './client.ts';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, digestOf, imageIdOf, said, template, workload } from './world.ts';

/** What makes a Deployment fetch its image again, and what does not. */
export function rolloutContract(world: () => World): void {
  describe('rolling restart after the tag moved', () => {
    test('with Always, every pod runs the new digest, and the events say that the registry was asked', async () => {
      const w = world();
      const image = w.image('always');
      const old = await w.client.cluster.push(image);
      await w.create(
        'deployments',
        workload('always', template('always', [container(image, { imagePullPolicy: 'Always' })]), { replicas: 2 }),
      );
      await w.rolledOut('always');
      expect((await w.pods('always')).map(digestOf)).toEqual([old.digest, old.digest]);

      const next = await w.client.cluster.push(image);
      await w.restart('deployments', 'always');
      await w.rolledOut('always');
      const pods = await w.pods('always');
      expect(pods.map(imageIdOf)).toEqual(pods.map(() => `${image.replace(':v1', '')}@${next.digest}`));
      for (const pod of pods) {
        const events = await w.events(pod.metadata.uid);
        const kubelet = events.filter((event) => event.source.component === 'kubelet');
        const pulled = kubelet.find((event) => event.reason === 'Pulled');
        expect(said(kubelet)).toContain(`Pulling: Pulling image "${image}"`);
        expect(pulled.message).toMatch(
          /^Successfully pulled image "[^"]+" in [\dms.]+ \([\dms.]+ including waiting\)\. Image size: \d+ bytes\.$/,
        );
        expect(pulled).toMatchObject({
          type: 'Normal',
          count: 1,
          eventTime: null,
          reportingComponent: 'kubelet',
          reportingInstance: pod.spec.nodeName,
          source: { component: 'kubelet', host: pod.spec.nodeName },
          involvedObject: {
            apiVersion: 'v1',
            kind: 'Pod',
            name: pod.metadata.name,
            uid: pod.metadata.uid,
            fieldPath: 'spec.containers{app}',
          },
        });
        expect(said(kubelet)).toEqual(expect.arrayContaining(['Created: Container created', 'Started: Container started']));
      }
    });

    test('with IfNotPresent, nodes that hold the tag keep the old digest and say so', async () => {
      const w = world();
      const image = w.image('cached');
      const old = await w.client.cluster.push(image);
      await w.create('deployments', workload('cached', template('cached', [container(image)]), { replicas: 2 }));
      await w.rolledOut('cached');
      await w.client.cluster.push(image);
      await w.restart('deployments', 'cached');
      await w.rolledOut('cached');
      const pods = await w.pods('cached');
      expect(pods.map((pod) => pod.spec.containers[0].imagePullPolicy)).toEqual(['IfNotPresent', 'IfNotPresent']);
      expect(pods.map(digestOf)).toEqual([old.digest, old.digest]);
      for (const pod of pods) {
        expect(said(await w.events(pod.metadata.uid))).toContain(
          `Pulled: Container image "${image}" already present on machine and can be accessed by the pod`,
        );
      }
    });

    test('the image that another pod pulled under the moved tag is what IfNotPresent finds', async () => {
      const w = world();
      const image = w.image('shared');
      const pod = (name: string, imagePullPolicy: string) => ({
        metadata: { name, labels: { app: name } },
        spec: { ...template(name, [container(image, { imagePullPolicy })]).spec, nodeSelector: { 'repull.test/node': '1' } },
      });
      const isRunning = (object: { status?: { phase?: string } }) => object.status?.phase === 'Running';
      await w.client.cluster.push(image);
      await w.create('pods', pod('shared-1', 'IfNotPresent'));
      await w.until('pods', 'shared-1', isRunning);
      const next = await w.client.cluster.push(image);
      await w.create('pods', pod('shared-2', 'Always'));
      await w.until('pods', 'shared-2', isRunning);
      await w.create('pods', pod('shared-3', 'IfNotPresent'));
      expect(digestOf(await w.until('pods', 'shared-3', isRunning))).toBe(next.digest);
    });
  });

  describe('a Deployment', () => {
    test('answers one patch with one new ReplicaSet, and a patch that changes nothing with none', async () => {
      const w = world();
      const image = w.image('patched');
      await w.client.cluster.push(image);
      await w.create('deployments', workload('patched', template('patched', [container(image)]), { replicas: 1 }));
      const before = await w.rolledOut('patched');
      const body = {
        spec: {
          template: {
            metadata: { annotations: { 'repull.test/run': '1' } },
            spec: { containers: [{ name: 'app', imagePullPolicy: 'Always' }] },
          },
        },
      };
      const patched = await w.patch('deployments', 'patched', body, undefined, '?fieldManager=repull');
      expect(patched.metadata.generation).toBe(before.metadata.generation + 1);
      await w.rolledOut('patched');
      const sets = await w.list('replicasets', '?labelSelector=app%3Dpatched');
      expect(new Set(sets.map((set) => set.metadata.annotations['deployment.kubernetes.io/revision']))).toEqual(new Set(['1', '2']));

      const again = await w.patch('deployments', 'patched', body, undefined, '?fieldManager=repull');
      expect(again.metadata.generation).toBe(patched.metadata.generation);
      const manager = again.metadata.managedFields.find((entry: { manager: string }) => entry.manager === 'repull');
      expect(manager.operation).toBe('Update');
      expect(Object.keys(manager.fieldsV1['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"app"}'])).toEqual([
        'f:imagePullPolicy',
      ]);
    });

    test('is reported with the conditions and events that kubectl reads', async () => {
      const w = world();
      const deployment = await w.rolledOut('patched');
      expect(deployment.status).toMatchObject({
        observedGeneration: deployment.metadata.generation,
        replicas: 1,
        updatedReplicas: 1,
        availableReplicas: 1,
        readyReplicas: 1,
      });
      const conditions = Object.fromEntries(deployment.status.conditions.map((one: { type: string }) => [one.type, one]));
      const newest = (await w.list('replicasets', '?labelSelector=app%3Dpatched')).find((set) => set.spec.replicas === 1);
      expect(conditions).toMatchObject({
        Available: { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' },
        Progressing: {
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${newest.metadata.name}" has successfully progressed.`,
        },
      });
      expect(newest.metadata.name).toBe(`patched-${newest.metadata.labels['pod-template-hash']}`);
      expect(said(await w.events(deployment.metadata.uid))).toContain(
        `ScalingReplicaSet: Scaled up replica set ${newest.metadata.name} from 0 to 1`,
      );
      expect(said(await w.events(newest.metadata.uid))[0]).toMatch(/^SuccessfulCreate: Created pod: patched-/);
    });

    test('goes back to the earlier ReplicaSet, under a higher revision, when the earlier template comes back', async () => {
      const w = world();
      const earlier = (await w.list('replicasets', '?labelSelector=app%3Dpatched')).find((set) => set.spec.replicas === 0);
      const body = {
        spec: { template: { metadata: { annotations: null }, spec: { containers: [{ name: 'app', imagePullPolicy: 'IfNotPresent' }] } } },
      };
      await w.patch('deployments', 'patched', body);
      const deployment = await w.rolledOut('patched');
      const sets = await w.list('replicasets', '?labelSelector=app%3Dpatched');
      expect(sets).toHaveLength(2);
      expect(sets.find((set) => set.metadata.uid === earlier.metadata.uid).metadata.annotations['deployment.kubernetes.io/revision']).toBe(
        '3',
      );
      expect(deployment.metadata.annotations['deployment.kubernetes.io/revision']).toBe('3');
    });

    test('keeps a patched template to itself while it is paused', async () => {
      const w = world();
      await w.patch('deployments', 'patched', { spec: { paused: true } });
      const condition = (object: { status: { conditions: { type: string; status: string; reason: string; message: string }[] } }) =>
        object.status.conditions.find((one) => one.type === 'Progressing');
      const paused = await w.until('deployments', 'patched', (object) => condition(object)?.reason === 'DeploymentPaused');
      expect(condition(paused)).toMatchObject({ status: 'Unknown', message: 'Deployment is paused' });
      const patched = await w.restart('deployments', 'patched');
      await w.until('deployments', 'patched', (object) => object.status.observedGeneration === patched.metadata.generation);
      expect(await w.list('replicasets', '?labelSelector=app%3Dpatched')).toHaveLength(2);
      await w.patch('deployments', 'patched', { spec: { paused: null } }, MERGE);
      await w.rolledOut('patched');
      expect(await w.list('replicasets', '?labelSelector=app%3Dpatched')).toHaveLength(3);
    });

    test('with Recreate ends every old pod before it starts a new one', async () => {
      const w = world();
      const image = w.image('recreate');
      await w.client.cluster.push(image);
      await w.create(
        'deployments',
        workload('recreate', template('recreate', [container(image)]), { replicas: 2, strategy: { type: 'Recreate' } }),
      );
      await w.rolledOut('recreate');
      const old = (await w.pods('recreate')).map((pod) => pod.metadata.uid);
      await w.restart('deployments', 'recreate');
      const isOld = (pod: Json) => old.includes(pod.metadata.uid);
      const seen = await w.client.until(w.path('pods', '', '?labelSelector=app%3Drecreate'), (list) =>
        list.items.some((pod: Json) => !isOld(pod)),
      );
      // Those that are still listed have ended.
      expect(
        seen.items
          .filter(isOld)
          .map((pod: Json) => pod.status.phase)
          .filter((phase: string) => phase !== 'Succeeded'),
      ).toEqual([]);
      await w.rolledOut('recreate');
    });

    test('that cannot finish in time says ProgressDeadlineExceeded', async () => {
      const w = world();
      const image = w.image('late');
      await w.client.cluster.push(image);
      const unready = container(image, { env: [{ name: 'MODE', value: 'unready' }] });
      await w.create('deployments', workload('late', template('late', [unready]), { replicas: 1, progressDeadlineSeconds: 3 }));
      const late = await w.until('deployments', 'late', ({ status }) =>
        status.conditions?.some((one: { reason: string }) => one.reason === 'ProgressDeadlineExceeded'),
      );
      const progressing = late.status.conditions.find((one: { type: string }) => one.type === 'Progressing');
      expect(progressing.status).toBe('False');
      expect(progressing.message).toMatch(/^ReplicaSet "late-[a-z0-9]+" has timed out progressing\.$/);
      const [{ metadata }] = await w.pods('late');
      const pod = await w.until('pods', metadata.name, (object) => object.status.phase === 'Running');
      expect(pod.status.phase).toBe('Running');
      expect(pod.status.containerStatuses[0]).toMatchObject({ ready: false, started: true, restartCount: 0 });
      const isUnhealthy = (list: Json) => said(list.items).includes('Unhealthy: Readiness probe failed: ');
      await w.client.until(w.path('events', '', `?fieldSelector=involvedObject.uid%3D${metadata.uid}`), isUnhealthy);
      await w.client.do('DELETE', w.path('deployments', 'late'));
    });
  });
}
