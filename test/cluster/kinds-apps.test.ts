import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';
import { appManifest, create, type Json } from '../support/world.ts';

/** Several workloads per app, several apps per namespace, found by name and by the well-known labels; and many pods. */
describe('apps on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      namespaces: (own) => [`${own}-b`],
      policy: () => `apps:
  shop: { workloads: [deployment/shop-web, statefulset/shop-db, cronjob/shop-clean] }
  mixed: { workloads: [deployment/mixed-good, deployment/mixed-bad] }`,
    });
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  const labelled = async (name: string, labels: Json, namespace = stage.namespace) => {
    const image = (await stage.push(name)).ref;
    const manifest = appManifest(namespace, name, { image, pullPolicy: 'Always', replicas: 1 });
    await create(stage.world, { ...manifest, metadata: Object.assign(manifest.metadata, { labels }) });
  };

  it.concurrent('one card for an app of three workloads of three kinds, each with its own verdict', async () => {
    await Promise.all([
      stage.start('shop-web', { replicas: 2 }),
      stage.start('shop-db', { kind: 'StatefulSet', replicas: 1, pullPolicy: 'IfNotPresent' }),
      stage.push('shop-clean'),
    ]);
    const template = {
      spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: stage.image('shop-clean'), imagePullPolicy: 'IfNotPresent' }] },
    };
    await stage.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'shop-clean' },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    });
    const web = await stage.push('shop-web');
    const db = await stage.push('shop-db');
    const text = await stage.repull('shop');
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toContain('deployment/shop-web');
    expect(text).toContain('statefulset/shop-db');
    expect(text).toContain('cronjob/shop-clean');
    expect(text).toContain(web.digest.slice(7, 19));
    expect(text).toContain(db.digest.slice(7, 19));
    expect(text.match(/pulled new/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain('its next run is due at');
    expect(await stage.digests('shop-web')).toEqual([web.digest]);
    expect(await stage.digests('shop-db')).toEqual([db.digest]);
  });

  it.concurrent('one of two workloads fails: the card says which, and what became of the other', async () => {
    await Promise.all([stage.start('mixed-good', { replicas: 1 }), stage.start('mixed-bad', { replicas: 1 })]);
    const good = await stage.push('mixed-good');
    await stage.push('mixed-bad', { crash: true });
    const text = await stage.repull('mixed');
    expect(text).toMatch(/^# Failed/);
    expect(text).toMatch(/mixed-bad\S*\/app/);
    expect(text).toMatch(/deployment\/\S*mixed-good\W+1 of 1 ready/);
    expect(text).toMatch(/deployment\/\S*mixed-bad\W+0 of 1 ready/);
    expect(await stage.digests('mixed-good')).toEqual([good.digest]);
  });

  it.concurrent.each([
    ['app.kubernetes.io/name', 'named'],
    ['app.kubernetes.io/instance', 'instanced'],
    ['app', 'plainly'],
  ])('found by the label %s', async (label, app) => {
    await labelled(`${app}-workload`, { [label]: app });
    await stage.ready(`${app}-workload`, 1);
    const text = await stage.plan(app);
    expect(text).toContain('Refused');
    expect(text).toContain(`deployment/${app}-workload`);
    expect(text).toContain('nothing new');
  });

  it.concurrent('several hits are listed, never guessed, and a flag tells them apart', async () => {
    await labelled('twin-a', { app: 'twins' });
    await labelled('twin-b', { app: 'twins' });
    await stage.ready('twin-a', 1);
    const text = await stage.repull('twins');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('twin-a');
    expect(text).toContain('twin-b');
    expect(text).toContain('--workload deployment/twin-a');
    await stage.push('twin-a');
    expect(await stage.repull('twins', '--workload deployment/twin-a')).toMatch(/^# Succeeded/);
  });

  it.concurrent('one name in two namespaces is listed, never guessed', async () => {
    await labelled('double', { app: 'double' });
    await labelled('double', { app: 'double' }, `${stage.namespace}-b`);
    const text = await stage.repull('double');
    expect(text).toMatch(/Refused/);
    expect(text).toContain(`deployment/${stage.namespace}/double`);
    expect(text).toContain(`deployment/${stage.namespace}-b/double`);
  });
});
