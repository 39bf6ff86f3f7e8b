import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAMP, workloadKey } from '../../src/domain/workload.ts';
import { connectCluster } from '../../src/kube/kube-cluster.ts';
import { REFLECTOR_TIMES } from '../../src/kube/reflector.ts';
import { look, refTo } from '../contract/kube/steps.ts';
import { apiProxy, type ApiProxy, type Passed } from '../support/api-proxy.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, create, podsOf, realWorld, type Json } from '../support/world.ts';

/** Of test/cluster/up. */
const ETCD = 'http://127.0.0.1:12379';

const isWatch = ({ url }: { url: URL }): boolean => url.searchParams.get('watch') === 'true';
const ends = ({ url }: { url: URL }, resource: string): boolean => url.pathname.endsWith(`/${resource}`);

/** A real API server behind a bad way to it, and real objects that somebody takes away. */
describe('on a bad real cluster', () => {
  let stage: Stage;
  /** The worker's way to the API server. */
  let way: ApiProxy;
  let direct: string;
  beforeAll(async () => {
    // The API server makes etcd forget every five minutes, and a young cluster has nothing to forget. It hurts nobody: these are its first writes.
    const forgotten = await fetch(`${ETCD}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision: '10' }) });
    const said = await forgotten.text();
    if (!/"header"|has been compacted/.test(said)) throw new Error(`etcd: ${said}`);
    const open = async () => {
      const world = await realWorld();
      direct = world.kubeconfig;
      way = await apiProxy(direct);
      return { ...world, kubeconfig: way.kubeconfig };
    };
    stage = await openStage({ open, namespaces: (own) => [`${own}-b`] });
    await stage.start('web', { replicas: 1 });
  }, 180_000);
  afterAll(async () => {
    await stage?.close();
    await way?.close();
  }, 60_000);

  describe('a watch', () => {
    const ref = () => refTo('Deployment', stage.namespace, 'web');
    /** A way of its own, and the streams of `web` through it. */
    const watching = async (meddle: (proxy: ApiProxy) => void, times: Partial<typeof REFLECTOR_TIMES> = {}) => {
      const proxy = await apiProxy(direct);
      const watchTimes = { ...REFLECTOR_TIMES, backoffMs: 50, maxBackoffMs: 200, ...times };
      const cluster = connectCluster({ name: 'test', kubeconfigText: proxy.kubeconfig, watchTimes });
      await look(cluster, ref());
      meddle(proxy);
      let wakes = 0;
      cluster.watch([ref()], () => {
        wakes += 1;
      });
      const of = (resource: string) => proxy.passed.filter((one) => ends(one, resource));
      return {
        watches: (resource: string): Passed[] => of(resource).filter(isWatch),
        lists: (resource: string): Passed[] => of(resource).filter((one) => !isWatch(one)),
        /** Changes the object until the watch says so: it may be in between two streams. */
        wakes: () =>
          until(
            async () => {
              const before = wakes;
              await stage.kubectl('label', 'deployment', 'web', `touched=${process.hrtime.bigint()}`, '--overwrite');
              return await until(() => wakes > before, { what: 'it wakes', withinMs: 1000 }).catch(() => false);
            },
            { what: 'the watch wakes for a change', withinMs: 20_000 },
          ),
        close: async () => {
          await cluster.close();
          await proxy.close();
        },
      };
    };
    const fromLongAgo = (url: URL) => url.searchParams.set('resourceVersion', '1');

    it.concurrent('from a resourceVersion that is long gone is answered 410, and listed anew', async () => {
      const watch = await watching((proxy) => proxy.meddle((one) => isWatch(one) && ends(one, 'deployments'), { rewrite: fromLongAgo }));
      await until(() => watch.watches('deployments').length >= 2, { what: 'a second watch', withinMs: 15_000 });
      expect(watch.watches('deployments')[0]?.begins).toMatch(/"code":410/);
      expect(watch.lists('deployments').length).toBeGreaterThanOrEqual(2);
      expect(await watch.wakes()).toBe(true);
      await watch.close();
    });

    it.concurrent('of events from a resourceVersion that is long gone is listed anew, whatever the server answers', async () => {
      const watch = await watching((proxy) => proxy.meddle((one) => isWatch(one) && ends(one, 'events'), { rewrite: fromLongAgo }));
      await until(() => watch.watches('events').length >= 2, { what: 'a second watch', withinMs: 15_000 });
      expect(watch.lists('events').length).toBeGreaterThanOrEqual(3);
      expect(Number(watch.watches('events')[1]?.url.searchParams.get('resourceVersion'))).toBeGreaterThan(1);
      await watch.close();
    });

    it.concurrent('that the server ends every second is opened again every time', async () => {
      const watch = await watching((proxy) =>
        proxy.meddle(isWatch, { rewrite: (url) => url.searchParams.set('timeoutSeconds', '1') }, Infinity),
      );
      await until(() => ['deployments', 'pods', 'events'].every((resource) => watch.watches(resource).length >= 4), {
        what: 'each was opened four times',
        withinMs: 30_000,
      });
      expect(await watch.wakes()).toBe(true);
      await watch.close();
    });

    it.concurrent('that goes quiet is given up and opened again', async () => {
      const watch = await watching((proxy) => proxy.meddle((one) => isWatch(one) && ends(one, 'deployments'), { mute: true }), {
        inactivityMs: 1500,
      });
      await until(() => watch.watches('deployments').length >= 2, { what: 'a second watch', withinMs: 15_000 });
      expect(await watch.wakes()).toBe(true);
      await watch.close();
    });
  });

  it.concurrent('pods come in pages, and start again where the continue token has expired between two', async () => {
    const manifest: Json = appManifest(stage.namespace, 'crowd', { image: stage.image('web'), replicas: 7 });
    // Nobody places them: they cost nothing.
    manifest.spec.template.spec.schedulerName = 'nobody';
    await stage.apply(manifest);
    await until(async () => (await stage.pods('crowd')).length === 7, { what: 'seven pods', withinMs: 30_000, everyMs: 250 });
    const proxy = await apiProxy(direct);
    const cluster = connectCluster({ name: 'test', kubeconfigText: proxy.kubeconfig });
    const isPods = (one: { url: URL }) => ends(one, 'pods');
    proxy.meddle(isPods, { rewrite: (url) => url.searchParams.set('limit', '3') }, Infinity);
    const continues = (one: { url: URL }) => isPods(one) && one.url.searchParams.has('continue');
    const ref = refTo('Deployment', stage.namespace, 'crowd');
    expect((await look(cluster, ref)).pods).toHaveLength(7);
    expect(proxy.passed.filter(isPods).map((one) => one.url.searchParams.has('continue'))).toEqual([false, true, true]);
    proxy.passed.splice(0);
    proxy.meddle(continues, {
      rewrite: (url) => {
        url.searchParams.set('limit', '3');
        const token = JSON.parse(Buffer.from(url.searchParams.get('continue') ?? '', 'base64url').toString()) as object;
        url.searchParams.set('continue', Buffer.from(JSON.stringify({ ...token, rv: 1 })).toString('base64url'));
      },
    });
    expect((await look(cluster, ref)).pods).toHaveLength(7);
    expect(proxy.passed.filter(isPods).map(({ status }) => status)).toEqual([200, 410, 200, 200, 200]);
    await cluster.close();
    await proxy.close();
    await stage.kubectl('delete', 'deployment', 'crowd', '--wait=false');
  });

  const patchOf = (app: string) => (one: { method: string; url: URL }) => one.method === 'PATCH' && ends(one, app);
  const patches = (app: string) => way.passed.filter(patchOf(app)).map(({ status }) => status);
  const template = async (app: string) => {
    const { metadata, spec } = await stage.object('deployment', app);
    return { generation: metadata.generation as number, stamp: spec.template.metadata.annotations?.[STAMP] as string | undefined };
  };

  it.concurrent('a write that meets another is sent again where only a label has changed, and applied once', async () => {
    await stage.start('bumped', { replicas: 1 });
    await stage.push('bumped');
    const { generation } = await template('bumped');
    way.meddle(patchOf('bumped'), { first: () => stage.kubectl('label', 'deployment', 'bumped', 'unrelated=yes') });
    expect(await stage.repull('bumped')).toMatch(/Succeeded/);
    expect(patches('bumped')).toEqual([409, 200]);
    expect((await template('bumped')).generation).toBe(generation + 1);
  });

  it.concurrent('a write that meets a new image fails, names who wrote it, and changes nothing', async () => {
    await stage.start('contested', { replicas: 1 });
    const other = await stage.push('contested', { tag: 'v2' });
    await stage.push('contested');
    const { generation } = await template('contested');
    way.meddle(patchOf('contested'), { first: () => stage.kubectl('set', 'image', 'deployment/contested', `app=${other.ref}`) });
    const text = await stage.repull('contested');
    expect(text).toMatch(/Failed/);
    expect(text).toMatch(/its template was last written by kubectl-set/);
    expect(text).toMatch(/Nothing was changed/);
    expect(await template('contested')).toEqual({ generation: generation + 1, stamp: undefined });
  });

  it.concurrent('a write whose answer is lost is found by its stamp, and not made twice', async () => {
    await stage.start('unheard', { replicas: 1 });
    await stage.push('unheard');
    const { generation } = await template('unheard');
    way.meddle(patchOf('unheard'), { loseReply: true });
    expect(await stage.repull('unheard')).toMatch(/Succeeded/);
    expect(patches('unheard')).toEqual([200, 409]);
    expect((await template('unheard')).generation).toBe(generation + 1);
  });

  it.concurrent('a list of pods that is suddenly empty is neither an end nor a failure', async () => {
    await stage.start('hidden', { replicas: 1 });
    await stage.push('hidden');
    const isHidden = (one: { url: URL }) =>
      ends(one, 'pods') && one.url.searchParams.get('labelSelector') === 'app=hidden' && !isWatch(one);
    const answer = { status: 200, body: { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] } };
    let hidden = 0;
    way.meddle((one) => patches('hidden').includes(200) && isHidden(one) && ++hidden <= 5, { answer }, 5);
    const text = await stage.repull('hidden');
    expect(hidden).toBeGreaterThanOrEqual(5);
    expect(text).toMatch(/Succeeded/);
    expect(text).toMatch(/pulled new/);
  });

  it.concurrent('a rollout whose watches are all refused ends by looking alone', async () => {
    await stage.start('unwatched', { replicas: 1 });
    await stage.push('unwatched');
    const expired = { status: 410, body: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' } };
    const isOurs = ({ url }: { url: URL }) =>
      /(?:app|metadata\.name)=unwatched$/.test(url.searchParams.get('labelSelector') ?? url.searchParams.get('fieldSelector') ?? '');
    way.meddle((one) => isWatch(one) && isOurs(one), { answer: expired }, Infinity);
    expect(await stage.repull('unwatched')).toMatch(/Succeeded[\s\S]*pulled new/);
    expect(way.passed.filter((one) => isWatch(one) && isOurs(one)).every(({ status }) => status === 410)).toBe(true);
  });

  it.concurrent('a workload that is deleted and created again under its name in the middle is not taken for the same', async () => {
    await stage.start('reborn', { replicas: 1, env: { READY_AFTER: '15s' } });
    await stage.push('reborn');
    const fails = stage.repull('reborn');
    await until(async () => (await template('reborn')).stamp !== undefined, { what: 'the patch', withinMs: 60_000, everyMs: 100 });
    await stage.kubectl('delete', 'deployment', 'reborn');
    await stage.apply(appManifest(stage.namespace, 'reborn', { image: stage.image('reborn'), pullPolicy: 'Always', replicas: 1 }));
    const text = await fails;
    expect(text).toMatch(/Failed/);
    expect(text).toContain(workloadKey(refTo('Deployment', stage.namespace, 'reborn')));
    expect(text).toMatch(/is gone|deleted/);
    expect((await template('reborn')).stamp).toBeUndefined();
  });

  it.concurrent('a namespace that vanishes in the middle ends the rollout, in words that say so', async () => {
    const namespace = `${stage.namespace}-b`;
    const { ref: image } = await stage.push('vanishing');
    await create(
      stage.world,
      appManifest(namespace, 'vanishing', { image, pullPolicy: 'Always', replicas: 1, env: { READY_AFTER: '15s' } }),
    );
    const isReady = async () => (await podsOf(stage.world, namespace, 'vanishing')).some((pod) => pod.ready);
    await until(isReady, { what: 'it runs', withinMs: 90_000, everyMs: 250 });
    await stage.push('vanishing');
    const fails = stage.repull('vanishing');
    await until(() => patches('vanishing').includes(200), { what: 'the patch', withinMs: 60_000, everyMs: 100 });
    await stage.world.request('DELETE', `/api/v1/namespaces/${namespace}`);
    const text = await fails;
    expect(text).toMatch(/Failed/);
    expect(text).toMatch(/is gone|is being deleted|its namespace is deleted and took it along/);
  });
});
