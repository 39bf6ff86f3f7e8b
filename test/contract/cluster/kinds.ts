import { describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, said, template, workload } from './world.ts';

const revisionOf = (pod: Json): string => pod.metadata.labels['controller-revision-hash'];

/** StatefulSets and DaemonSets. */
export function kindContract(world: () => World): void {
  const statefulSet = async (name: string, spec: Json = {}) => {
    const w = world();
    const image = w.image(name);
    await w.client.cluster.push(image);
    await w.create('statefulsets', workload(name, template(name, [container(image)]), { replicas: 3, serviceName: name, ...spec }));
    await w.until('statefulsets', name, ({ status }) => status.readyReplicas === 3 && status.currentRevision);
    return w;
  };
  const updated = async (name: string, count: number) => {
    const w = world();
    return await w.until(
      'statefulsets',
      name,
      ({ metadata, status }) =>
        status.observedGeneration === metadata.generation && status.updatedReplicas === count && status.readyReplicas === 3,
    );
  };
  const byName = async (name: string) => Object.fromEntries((await world().pods(name)).map((pod) => [pod.metadata.name, pod]));

  describe('a StatefulSet', () => {
    test('updates from the highest ordinal down, one pod at a time, and keeps the names', async () => {
      const w = await statefulSet('ordered');
      const before = await byName('ordered');
      const set = await w.get('statefulsets', 'ordered');
      expect(Object.keys(before)).toEqual(['ordered-0', 'ordered-1', 'ordered-2']);
      const watched = w.client.watch(
        w.path('pods', '', `?watch=true&labelSelector=app%3Dordered&resourceVersion=${set.metadata.resourceVersion}`),
      );
      await w.restart('statefulsets', 'ordered');
      const deleted: string[] = [];
      for await (const { type, object } of watched) {
        if (type === 'DELETED') deleted.push(object.metadata.name);
        if (deleted.length === 3) break;
      }
      expect(deleted).toEqual(['ordered-2', 'ordered-1', 'ordered-0']);
      // Right after the last one `readyReplicas` is 2; three again means that it is over.
      const after = await w.until(
        'statefulsets',
        'ordered',
        ({ status }) => status.readyReplicas === 3 && status.currentRevision === status.updateRevision,
      );
      expect(after.status).toMatchObject({ replicas: 3, updatedReplicas: 3, currentReplicas: 3, availableReplicas: 3 });
      expect(after.status.updateRevision).not.toBe(set.status.updateRevision);
      const pods = await byName('ordered');
      expect(Object.values(pods).map(revisionOf)).toEqual(Object.keys(pods).map(() => after.status.updateRevision));
      expect(pods['ordered-0'].metadata.labels).toMatchObject({
        'statefulset.kubernetes.io/pod-name': 'ordered-0',
        'apps.kubernetes.io/pod-index': '0',
      });
      expect(pods['ordered-0'].metadata.uid).not.toBe(before['ordered-0'].metadata.uid);
      const events = said(await w.events(set.metadata.uid));
      expect(events).toContain('SuccessfulCreate: Create Pod ordered-0 in StatefulSet ordered successful');
      expect(events).toContain('SuccessfulDelete: Delete Pod ordered-2 in StatefulSet ordered successful');
      const revisions = await w.list('controllerrevisions', '?labelSelector=app%3Dordered');
      expect(new Set(revisions.map((one) => one.revision))).toEqual(new Set([1, 2]));
      expect(revisions[0].data.spec.template.$patch).toBe('replace');
    });

    test('leaves ordinals below the partition alone, and brings their old revision back', async () => {
      const w = await statefulSet('parted', {
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      });
      const before = await byName('parted');
      await w.restart('statefulsets', 'parted');
      const set = await updated('parted', 1);
      expect(set.status.currentRevision).not.toBe(set.status.updateRevision);
      const pods = await byName('parted');
      expect([0, 1].map((ordinal) => pods[`parted-${ordinal}`].metadata.uid)).toEqual(
        [0, 1].map((ordinal) => before[`parted-${ordinal}`].metadata.uid),
      );
      expect(revisionOf(pods['parted-2'])).toBe(set.status.updateRevision);

      await w.client.do('DELETE', w.path('pods', 'parted-0'));
      const again = await w.until('pods', 'parted-0', (pod) => pod?.metadata?.uid && pod.metadata.uid !== before['parted-0'].metadata.uid);
      expect(revisionOf(again)).toBe(set.status.currentRevision);
    });

    test('with OnDelete changes nothing until somebody deletes a pod', async () => {
      const w = await statefulSet('manual', { podManagementPolicy: 'Parallel', updateStrategy: { type: 'OnDelete' } });
      const before = await byName('manual');
      const patched = await w.restart('statefulsets', 'manual');
      const set = await w.until('statefulsets', 'manual', ({ status }) => status.observedGeneration === patched.metadata.generation);
      expect(set.status.updatedReplicas ?? 0).toBe(0);
      await w.client.do('DELETE', w.path('pods', 'manual-1'));
      await updated('manual', 1);
      const pods = await byName('manual');
      expect(pods['manual-0'].metadata.uid).toBe(before['manual-0'].metadata.uid);
      expect(revisionOf(pods['manual-1'])).toBe(set.status.updateRevision);
    });

    test('in order stops at the first pod that does not become ready', async () => {
      const w = world();
      await w.patch('statefulsets', 'ordered', {
        spec: { template: { spec: { containers: [{ name: 'app', image: w.image('ordered', 'nope') }] } } },
      });
      await w.until('pods', 'ordered-2', (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull');
      const set = await w.get('statefulsets', 'ordered');
      expect(set.status).toMatchObject({ readyReplicas: 2, updatedReplicas: 1, currentReplicas: 2 });
      // Putting the template back does not help the stuck pod; deleting it does.
      await w.patch('statefulsets', 'ordered', {
        spec: { template: { spec: { containers: [{ name: 'app', image: w.image('ordered') }] } } },
      });
      const stuck = await w.until(
        'pods',
        'ordered-2',
        (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
      );
      expect(stuck.spec.containers[0].image).toBe(w.image('ordered', 'nope'));
      await w.client.do('DELETE', w.path('pods', 'ordered-2'));
      await updated('ordered', 3);
    });

    test('in parallel does replace a stuck pod as soon as the template is put back', async () => {
      const w = world();
      const image = (tag: string) => ({ spec: { template: { spec: { containers: [{ name: 'app', image: w.image('manual', tag) }] } } } });
      const rolling = { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } } };
      await w.patch('statefulsets', 'manual', rolling);
      await updated('manual', 3);
      await w.patch('statefulsets', 'manual', image('nope'));
      await w.until('pods', 'manual-2', (pod) => pod.status?.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull');
      await w.patch('statefulsets', 'manual', image('v1'));
      const set = await updated('manual', 3);
      expect(Object.values(await byName('manual')).map(revisionOf)).toEqual([0, 1, 2].map(() => set.status.updateRevision));
    });

    test('refuses a change of what is fixed, in the server’s words', async () => {
      const w = world();
      const answer = await w.client.ask('PATCH', w.path('statefulsets', 'ordered'), {
        body: { spec: { serviceName: 'other' } },
        contentType: 'application/merge-patch+json',
      });
      expect(answer.status).toBe(422);
      expect(answer.json.message).toBe(
        `StatefulSet.apps "ordered" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden`,
      );
    });
  });

  describe('a DaemonSet', () => {
    const done = ({ metadata, status }: Json) =>
      status.observedGeneration === metadata.generation &&
      status.desiredNumberScheduled === 2 &&
      status.numberAvailable === 2 &&
      status.updatedNumberScheduled === 2;

    test('runs one pod per node and replaces them one by one', async () => {
      const w = world();
      const image = w.image('daemon');
      await w.client.cluster.push(image);
      await w.create('daemonsets', workload('daemon', template('daemon', [container(image)])));
      const set = await w.until('daemonsets', 'daemon', done);
      expect(set.status).toMatchObject({ currentNumberScheduled: 2, numberReady: 2, numberMisscheduled: 0 });
      const before = await w.pods('daemon');
      expect(new Set(before.map((pod) => pod.spec.nodeName)).size).toBe(2);
      await w.restart('daemonsets', 'daemon');
      const after = await w.until('daemonsets', 'daemon', (object) => object.metadata.generation === 2 && done(object));
      const pods = await w.pods('daemon');
      expect(new Set(pods.map(revisionOf)).size).toBe(1);
      expect(pods.map(revisionOf)[0]).not.toBe(revisionOf(before[0]));
      expect(pods.map((pod) => pod.metadata.uid).filter((uid) => before.some((pod) => pod.metadata.uid === uid))).toEqual([]);
      const revisions = await w.list('controllerrevisions', '?labelSelector=app%3Ddaemon');
      expect(revisions.map((one) => one.metadata.name)).toContain(`daemon-${revisionOf(pods[0])}`);
      const events = said(await w.events(after.metadata.uid));
      expect(events.filter((text) => text.startsWith('SuccessfulCreate: Created pod: daemon-'))).toHaveLength(4);
      expect(events.filter((text) => text.startsWith('SuccessfulDelete: Deleted pod: daemon-'))).toHaveLength(2);
    });

    test('with OnDelete waits for somebody to delete a pod', async () => {
      const w = world();
      await w.patch('daemonsets', 'daemon', { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } });
      const patched = await w.restart('daemonsets', 'daemon');
      const [first, second] = await w.pods('daemon');
      await w.until(
        'daemonsets',
        'daemon',
        ({ status }) => status.observedGeneration === patched.metadata.generation && !status.updatedNumberScheduled,
      );
      await w.client.do('DELETE', w.path('pods', first.metadata.name));
      await w.until('daemonsets', 'daemon', ({ status }) => status.updatedNumberScheduled === 1 && status.numberAvailable === 2);
      expect((await w.pods('daemon')).map((pod) => pod.metadata.uid)).toContain(second.metadata.uid);
    });
  });

  describe('a Job', () => {
    test('runs to its end, and its template is fixed', async () => {
      const w = world();
      const image = w.image('job');
      await w.client.cluster.push(image);
      const pod = template('job', [container(image, { args: ['version'], probe: false })], { restartPolicy: 'Never' });
      await w.create('jobs', { metadata: { name: 'job' }, spec: { template: pod } });
      const job = await w.until('jobs', 'job', ({ status }) => status.conditions?.some((one: Json) => one.type === 'Complete'));
      expect(job.status).toMatchObject({ succeeded: 1 });
      const answer = await w.client.ask('PATCH', w.path('jobs', 'job'), {
        body: { spec: { template: { metadata: { annotations: { a: 'b' } } } } },
        contentType: 'application/merge-patch+json',
      });
      expect(answer.status).toBe(422);
      expect(answer.json.message).toMatch(/^Job\.batch "job" is invalid: spec\.template: Invalid value: .*field is immutable$/s);
    });
  });
}
