import { describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, digestOf, imageIdOf, said, template } from './world.ts';

const isRunning = (object: Json) => object.status?.phase === 'Running' && object.status.containerStatuses.every((one: Json) => one.ready);

/** Which digest a container shows, and what a reference with a digest does. */
export function imageContract(world: () => World): void {
  const run = async (name: string, containers: Json[], spec: Json = {}) => {
    const w = world();
    const onOneNode = { nodeSelector: { 'repull.test/node': '1' }, ...spec };
    await w.create('pods', { metadata: { name, labels: { app: name } }, spec: template(name, containers, onOneNode).spec });
    return await w.until('pods', name, isRunning);
  };

  describe('imageID', () => {
    test('is the digest of the index, for a tag that points at one', async () => {
      const w = world();
      const pushed = await w.client.cluster.push(w.image('multi'), { index: true });
      const pod = await run('multi', [container(w.image('multi'))]);
      expect(imageIdOf(pod)).toBe(`${w.image('multi').replace(':v1', '')}@${pushed.digest}`);
      expect(pushed.digest).not.toBe(pushed.manifests['linux/amd64']);
      expect(pod.status.containerStatuses[0].image).toBe(w.image('multi'));
      expect(pod.status.containerStatuses[0].containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    });

    test('of a digest reference is that digest, and the tag in front of it is not looked at', async () => {
      const w = world();
      const first = await w.client.cluster.push(w.image('pinned'));
      await run('pinned-0', [container(w.image('pinned'))]);
      const second = await w.client.cluster.push(w.image('pinned'));
      await w.client.cluster.push(w.image('pinned'));
      // The node holds the tag, but not this digest: IfNotPresent has to pull.
      const reference = `${w.image('pinned')}@${second.digest}`;
      const pod = await run('pinned-1', [container(reference)]);
      expect(digestOf(pod)).toBe(second.digest);
      expect(pod.spec.containers[0].imagePullPolicy).toBe('IfNotPresent');
      expect(said(await w.events(pod.metadata.uid))).toContain(`Pulling: Pulling image "${reference}"`);
      // And the old one is on the node already.
      const old = `${w.image('pinned')}@${first.digest}`;
      const again = await run('pinned-2', [container(old)]);
      expect(digestOf(again)).toBe(first.digest);
      expect(said(await w.events(again.metadata.uid))).toContain(
        `Pulled: Container image "${old}" already present on machine and can be accessed by the pod`,
      );
    });

    test('names the alphabetically first of the names that the node knows the same image by', async () => {
      const w = world();
      const pushed = await w.client.cluster.push(w.image('same-b'), { version: w.namespace });
      const twin = await w.client.cluster.push(w.image('same-a'), { version: w.namespace });
      expect(twin.digest).toBe(pushed.digest);
      await run('same-1', [container(w.image('same-b'))]);
      const pod = await run('same-2', [container(w.image('same-a')), { ...container(w.image('same-b')), name: 'b' }]);
      const name = `${w.image('same-a').replace(':v1', '')}@${pushed.digest}`;
      expect(pod.status.containerStatuses.map((one: Json) => one.imageID)).toEqual([name, name]);
    });

    test('of a running pod stays while its node learns another name for the image; the next pod shows that one', async () => {
      const w = world();
      await w.client.cluster.push(w.image('twin-b'), { version: `${w.namespace} twin` });
      const { digest } = await w.client.cluster.push(w.image('twin-a'), { version: `${w.namespace} twin` });
      const probe = {
        readinessProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1 },
        env: [{ name: 'READY_AFTER', value: '6s' }],
      };
      const spec = template('twin-1', [container(w.image('twin-b'), probe)], { nodeSelector: { 'repull.test/node': '1' } }).spec;
      await w.create('pods', { metadata: { name: 'twin-1', labels: { app: 'twin-1' } }, spec });
      await w.until('pods', 'twin-1', (object) => object.status?.containerStatuses?.[0].state.running !== undefined);
      await run('twin-2', [container(w.image('twin-a'))]);
      // Its getting ready is one more report about it.
      const first = await w.until('pods', 'twin-1', isRunning);
      expect(imageIdOf(first)).toBe(`${w.image('twin-b').replace(':v1', '')}@${digest}`);
      const next = await run('twin-3', [container(w.image('twin-b'))]);
      expect(imageIdOf(next)).toBe(`${w.image('twin-a').replace(':v1', '')}@${digest}`);
    });

    test('stays when the tag moves away, while `image` becomes the bare configuration digest', async () => {
      const w = world();
      const old = await w.client.cluster.push(w.image('moved'));
      await run('moved-1', [container(w.image('moved'))]);
      await w.client.cluster.push(w.image('moved'));
      await run('moved-2', [container(w.image('moved'), { imagePullPolicy: 'Always' })]);
      // Deleting makes the kubelet report once more.
      const watch = w.client.watch(w.path('pods', '', '?watch=true&fieldSelector=metadata.name%3Dmoved-1'));
      await w.client.do('DELETE', w.path('pods', 'moved-1'));
      let last: Json;
      for await (const { type, object } of watch) {
        last = object.status.containerStatuses[0];
        if (type === 'DELETED') break;
      }
      expect(last.imageID).toBe(`${w.image('moved').replace(':v1', '')}@${old.digest}`);
      expect(last.image).toMatch(/^sha256:[0-9a-f]{64}$/);
    });

    test('of a reference without a tag means latest, and its policy is Always', async () => {
      const w = world();
      const pushed = await w.client.cluster.push(w.image('untagged', 'latest'));
      const reference = w.image('untagged').replace(':v1', '');
      const pod = await run('untagged', [container(reference)]);
      expect(pod.spec.containers[0].imagePullPolicy).toBe('Always');
      expect(digestOf(pod)).toBe(pushed.digest);
      expect(said(await w.events(pod.metadata.uid))).toContain(`Pulling: Pulling image "${reference}"`);
    });
  });

  describe('an image volume', () => {
    test('is fetched before the containers start, and its events name none of them', async () => {
      const w = world();
      const image = w.image('volume');
      await w.client.cluster.push(image);
      // Not mounted: an old containerd cannot do that. The container runs the same image.
      const volumes = [{ name: 'data', image: { reference: image, pullPolicy: 'Always' } }];
      const pod = await run('volume', [container(image, { imagePullPolicy: 'IfNotPresent' })], { volumes });
      const events = (await w.events(pod.metadata.uid)).filter((event) => event.reason === 'Pulled');
      const about = (text: string) => events.filter((event) => event.message.includes(text)).map((event) => event.involvedObject.fieldPath);
      expect(new Set(about('Successfully pulled'))).toEqual(new Set([undefined]));
      expect(about('already present')).toEqual(['spec.containers{app}']);
      expect(Object.keys(pod.status).filter((key) => /volume/i.test(key))).toEqual([]);
    });
  });

  describe('init containers and sidecars', () => {
    test('start one after the other, each with events of its own', async () => {
      const w = world();
      const image = w.image('inits');
      await w.client.cluster.push(image);
      const initContainers = [
        { name: 'first', image, args: ['version'] },
        { name: 'side', image, restartPolicy: 'Always' },
        { name: 'second', image, args: ['version'] },
      ];
      const pod = await run('inits', [container(image)], { initContainers });
      const [first, side, second] = pod.status.initContainerStatuses;
      expect(first).toMatchObject({
        name: 'first',
        ready: true,
        started: false,
        state: { terminated: { exitCode: 0, reason: 'Completed' } },
      });
      expect(side).toMatchObject({ name: 'side', ready: true, started: true });
      expect(side.state.running.startedAt).toBeTruthy();
      expect(second).toMatchObject({ name: 'second', ready: true, state: { terminated: { exitCode: 0 } } });
      expect(new Set([first, side, second].map((one: Json) => one.imageID)).size).toBe(1);
      const events = await w.events(pod.metadata.uid);
      const started = events.filter((event) => event.reason === 'Started').map((event) => event.involvedObject.fieldPath);
      expect(new Set(started)).toEqual(
        new Set(['spec.initContainers{first}', 'spec.initContainers{side}', 'spec.initContainers{second}', 'spec.containers{app}']),
      );
      expect(pod.status.conditions.find((one: Json) => one.type === 'Initialized').status).toBe('True');
      const log = await w.client.ask('GET', w.path('pods', 'inits', '/log?container=first'));
      expect(log.status).toBe(200);
      expect(log.text.trim()).not.toBe('');
    });

    test('hold the pod back while one fails, and the others wait as PodInitializing', async () => {
      const w = world();
      const image = w.image('held');
      await w.client.cluster.push(image);
      await w.create('pods', {
        metadata: { name: 'held' },
        spec: template('held', [container(image)], { initContainers: [{ name: 'first', image: w.image('held', 'nope') }] }).spec,
      });
      const pod = await w.until(
        'pods',
        'held',
        (object) => object.status.initContainerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull',
      );
      expect(pod.status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing');
      expect(pod.status.phase).toBe('Pending');
      expect(pod.status.conditions.find((one: Json) => one.type === 'Initialized')).toMatchObject({
        status: 'False',
        reason: 'ContainersNotInitialized',
        message: 'containers with incomplete status: [first]',
      });
    });
  });
}
