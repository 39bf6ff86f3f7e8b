import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, digestOf, imageIdOf, said, template } from './world.ts';

/** What a pod looks like that does not come up: the words by which repull names the cause. */
export function failureContract(world: () => World): void {
  describe('a pod that cannot start', () => {
    // All at once and first, because their back-offs take their time.
    beforeAll(async () => {
      const w = world();
      await w.client.cluster.push(w.image('crash'), { crash: true });
      await w.client.cluster.push(w.image('fine'));
      const start = async (name: string, containers: Json[], spec: Json = {}) => {
        await w.create('pods', { metadata: { name, labels: { app: name } }, spec: template(name, containers, spec).spec });
      };
      await start('missing', [container(w.image('fine', 'nope'))]);
      await start('crash', [container(w.image('crash'), { probe: false })]);
      await start('never', [container(w.image('fine', 'absent'), { imagePullPolicy: 'Never' })]);
      await start('invalid', [container(w.image('Fine'))]);
      await start('refused', [container(`localhost:1/${w.namespace}/fine:v1`)]);
      await start('nowhere', [container(w.image('fine'))], { nodeSelector: { 'repull.test/nope': 'x' } });
      await start('always-crash', [container(w.image('crash'), { imagePullPolicy: 'Always', probe: false })]);
      await start('no-secret', [container(w.image('fine'))], { imagePullSecrets: [{ name: 'not-there' }] });
    });

    const waitingFor = async (name: string, reason: string) => {
      const w = world();
      const pod = await w.until('pods', name, (object) => object.status.containerStatuses?.[0]?.state.waiting?.reason === reason, 120);
      return { w, pod, status: pod.status.containerStatuses[0] };
    };

    test('for a missing tag: ErrImagePull with the runtime’s words', async () => {
      const { w, pod, status } = await waitingFor('missing', 'ErrImagePull');
      const image = w.image('fine', 'nope');
      const cause = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      expect(status).toMatchObject({
        image,
        imageID: '',
        ready: false,
        started: false,
        restartCount: 0,
        lastState: {},
        state: { waiting: { reason: 'ErrImagePull', message: cause } },
      });
      expect(status.containerID).toBeUndefined();
      expect(pod.status.phase).toBe('Pending');
      const conditions = Object.fromEntries(pod.status.conditions.map((one: Json) => [one.type, one]));
      expect(conditions).toMatchObject({
        PodScheduled: { status: 'True' },
        Initialized: { status: 'True' },
        PodReadyToStartContainers: { status: 'True' },
        ContainersReady: { status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [app]' },
        Ready: { status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [app]' },
      });
      // Events are written beside the status, not before it.
      const path = w.path('events', '', `?fieldSelector=involvedObject.uid%3D${pod.metadata.uid}`);
      const { items: events } = await w.client.until(path, (list) => said(list.items).includes('Failed: Error: ErrImagePull'));
      expect(said(events)).toEqual(
        expect.arrayContaining([`Pulling: Pulling image "${image}"`, `Failed: Failed to pull image "${image}": ${cause}`]),
      );
      expect(events.find((event: Json) => event.message === 'Error: ErrImagePull').type).toBe('Warning');
    });

    test('then ImagePullBackOff, and the same events counted up', async () => {
      const { w, pod, status } = await waitingFor('missing', 'ImagePullBackOff');
      const image = w.image('fine', 'nope');
      expect(status.state.waiting.message).toMatch(
        new RegExp(`^Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = `),
      );
      const failedTwice = await w.client.until(
        w.path('events', '', `?fieldSelector=involvedObject.uid%3D${pod.metadata.uid}`),
        (list) => list.items.some((event: Json) => event.message === 'Error: ErrImagePull' && event.count >= 2),
        120,
      );
      const backOff = failedTwice.items.find((event: Json) => event.reason === 'BackOff');
      expect(backOff).toMatchObject({ type: 'Normal', message: `Back-off pulling image "${image}"` });
      expect(said(failedTwice.items)).toContain('Failed: Error: ImagePullBackOff');
      const pulling = failedTwice.items.filter((event: Json) => event.reason === 'Pulling');
      expect(pulling).toHaveLength(1);
      expect(pulling[0].count).toBeGreaterThanOrEqual(2);
    });

    test('for a registry that is not there: connection refused, without a code', async () => {
      const { w, pod } = await waitingFor('refused', 'ImagePullBackOff');
      const image = `localhost:1/${w.namespace}/fine:v1`;
      expect(said(await w.events(pod.metadata.uid))).toContain(
        `Failed: Failed to pull image "${image}": failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "http://localhost:1/v2/${w.namespace}/fine/manifests/v1": dial tcp 127.0.0.1:1: connect: connection refused`,
      );
    });

    test('with Never and no image: ErrImageNeverPull', async () => {
      const { w, pod, status } = await waitingFor('never', 'ErrImageNeverPull');
      const message = `Container image "${w.image('fine', 'absent')}" is not present with pull policy of Never`;
      expect(status.state.waiting.message).toBe(message);
      expect(said(await w.events(pod.metadata.uid))).toEqual(
        expect.arrayContaining([`ErrImageNeverPull: ${message}`, 'Failed: Error: ErrImageNeverPull']),
      );
    });

    test('with a reference that is none: InvalidImageName', async () => {
      const { w, pod, status } = await waitingFor('invalid', 'InvalidImageName');
      const image = w.image('Fine');
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format: repository name (${w.namespace}/Fine) must be lowercase`;
      expect(status.state.waiting.message).toBe(message);
      expect(said(await w.events(pod.metadata.uid))).toEqual(
        expect.arrayContaining([`InspectFailed: ${message}`, 'Failed: Error: InvalidImageName']),
      );
    });

    test('with a node selector that matches no node: Unschedulable', async () => {
      const w = world();
      const pod = await w.until('pods', 'nowhere', (object) => object.status.conditions?.length > 0);
      const [condition] = pod.status.conditions;
      expect(condition).toMatchObject({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' });
      expect(condition.message).toMatch(/^0\/\d nodes are available: \d node\(s\) didn't match Pod's node affinity\/selector\. /);
      const events = await w.client.until(
        w.path('events', '', `?fieldSelector=involvedObject.uid%3D${pod.metadata.uid}`),
        (list) => list.items.length > 0,
      );
      expect(events.items[0]).toMatchObject({
        reason: 'FailedScheduling',
        type: 'Warning',
        action: 'Scheduling',
        reportingComponent: 'default-scheduler',
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
      });
      expect(events.items[0].message).toBe(condition.message);
      expect(events.items[0].count).toBeUndefined();
    });

    test('with a pull secret that is not there: a hint, and the pull goes on', async () => {
      const w = world();
      const pod = await w.until('pods', 'no-secret', (object) => object.status.phase === 'Running');
      expect(said(await w.events(pod.metadata.uid))).toContain(
        'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (not-there); attempting to pull the image may not succeed.',
      );
    });

    test('because it crashes: restarted at once, then after back-offs, with the end of the last run', async () => {
      const w = world();
      const pod = await w.until('pods', 'crash', (object) => object.status.containerStatuses?.[0]?.restartCount >= 2, 120);
      const [status] = pod.status.containerStatuses;
      expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
      expect(status.lastState.terminated.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
      expect(status.lastState.terminated.containerID).not.toBe(status.containerID);
      expect(status.imageID).toMatch(/@sha256:[0-9a-f]{64}$/);
      expect(pod.status.phase).toBe('Running');
      const events = await w.events(pod.metadata.uid);
      const backOff = events.find((event) => event.reason === 'BackOff');
      expect(backOff).toMatchObject({
        type: 'Warning',
        message: `Back-off restarting failed container app in pod crash_${w.namespace}(${pod.metadata.uid})`,
      });
    });

    test('shows the end of the run through most of a back-off, and CrashLoopBackOff just before the next start', async () => {
      const w = world();
      const seen: string[] = [];
      let held: Json;
      for await (const { object } of w.client.watch(w.path('pods', '', '?watch=true&fieldSelector=metadata.name%3Dcrash'))) {
        const [status] = object.status.containerStatuses ?? [];
        const { waiting, terminated } = status?.state ?? {};
        seen.push(waiting?.reason ?? terminated?.reason ?? 'running');
        if (waiting?.reason !== 'CrashLoopBackOff') continue;
        held = object;
        break;
      }
      const [status] = held.status.containerStatuses;
      expect(status.state.waiting.message).toMatch(
        new RegExp(`^back-off (10|20|40)s restarting failed container=app pod=crash_${w.namespace}\\(${held.metadata.uid}\\)$`),
      );
      expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
      expect(seen).toContain('Error');
    });

    test('leaves its last lines in the log; of the run before only as long as the kubelet keeps it', async () => {
      const w = world();
      await w.until('pods', 'crash', (object) => object.status.containerStatuses[0].restartCount >= 1);
      const now = await w.client.untilAnswer(
        w.path('pods', 'crash', '/log?tailLines=20'),
        ({ text }) => text === 'app: asked to crash\n',
        120,
      );
      expect(now.status).toBe(200);
      // One dead container is kept. When this run has ended too, the one before is gone, and the kubelet says so in a 200.
      const words = /^unable to retrieve container logs for containerd:\/\/[0-9a-f]{64}$/;
      const before = await w.client.untilAnswer(w.path('pods', 'crash', '/log?previous=true'), ({ text }) => words.test(text), 120);
      expect(before.status).toBe(200);
    });

    test('has no log before it started, and says why', async () => {
      const w = world();
      await waitingFor('never', 'ErrImageNeverPull');
      const answer = await w.client.ask('GET', w.path('pods', 'never', '/log'));
      expect(answer.status).toBe(400);
      expect(answer.json.message).toBe('container "app" in pod "never" is waiting to start: ErrImageNeverPull');
      const missing = await w.client.ask('GET', w.path('pods', 'missing', '/log'));
      expect(missing.json.message).toMatch(
        /^container "app" in pod "missing" is waiting to start: (trying and failing to pull image|image can't be pulled)$/,
      );
    });

    test('with Always asks the registry again at every restart, and may switch images inside one pod', async () => {
      const w = world();
      const next = await w.client.cluster.push(w.image('crash'));
      // A crashing container, too, is ready for a moment.
      const pod = await w.until(
        'pods',
        'always-crash',
        (object) => object.status.containerStatuses?.[0]?.ready && digestOf(object) === next.digest,
        120,
      );
      expect(imageIdOf(pod)).toBe(`${w.image('crash').replace(':v1', '')}@${next.digest}`);
      expect(pod.status.containerStatuses[0].restartCount).toBeGreaterThanOrEqual(1);
    });
  });
}
