import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV } from '../support/line.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, followReady } from '../support/world.ts';

/** Deployments in every shape, side by side on one real cluster. */
describe('a Deployment on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  /** Runs the app on an old build, pushes a new one, asks, and gives the text of the final card. */
  const repulled = async (app: string, options: Parameters<Stage['start']>[1] = {}, more = '') => {
    const old = await stage.start(app, options);
    const fresh = await stage.push(app);
    const text = await stage.repull(app, more);
    return { text, old, fresh };
  };
  const remove = (app: string) => stage.kubectl('delete', 'deployment', app, '--wait=false');

  it.concurrent('RollingUpdate: every pod on the new digest, pulled new', async () => {
    const { text, fresh } = await repulled('rolling', { replicas: 3 });
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toContain('pulled new');
    expect(text).toMatch(/Downtime\W+none/);
    expect(await stage.digests('rolling')).toEqual([fresh.digest]);
    await remove('rolling');
  });

  it.concurrent('Recreate: the plan predicts the downtime, and the end is proven', async () => {
    await stage.start('recreate', { spec: { strategy: { type: 'Recreate' } } });
    const fresh = await stage.push('recreate');
    const plan = await stage.plan('recreate');
    expect(plan).toContain('downtime: all pods at once');
    expect(plan).toContain('strategy Recreate: all 2 pods stop before the new ones start');
    expect(await stage.repull('recreate')).toMatch(/^# Succeeded/);
    expect(await stage.digests('recreate')).toEqual([fresh.digest]);
    await remove('recreate');
  });

  it.concurrent('maxSurge 0: never more pods than before, one at a time', async () => {
    await stage.start('tight', {
      replicas: 2,
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
    });
    const fresh = await stage.push('tight');
    const follow = await followReady(stage.world, stage.namespace, 'tight');
    const text = await stage.repull('tight');
    await follow.stop();
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toContain('1 of 2 pods at a time');
    expect(follow.least()).toBe(1);
    expect(await stage.digests('tight')).toEqual([fresh.digest]);
    await remove('tight');
  });

  it.concurrent('minReadySeconds: success is said only after the pods have been ready that long', async () => {
    const { text } = await repulled('patient', { replicas: 1, spec: { minReadySeconds: 6 } });
    expect(text).toMatch(/^# Succeeded/);
    const pod = JSON.parse(await stage.kubectl('get', 'pods', '-l', 'app=patient', '-o', 'json')).items[0];
    const ready = pod.status.conditions.find((one: { type: string }) => one.type === 'Ready').lastTransitionTime as string;
    const [line] = await stage.history('patient');
    const ended = Date.parse(String(line?.['endedAt']));
    expect(ended - Date.parse(ready)).toBeGreaterThanOrEqual(6_000);
    await remove('patient');
  });

  it.concurrent('a progress deadline that passes ends as failed, with the cause and the controller’s words', async () => {
    const image = (await stage.push('late')).ref;
    const gated = { replicas: 1, spec: { progressDeadlineSeconds: 8 }, pod: { readinessGates: [{ conditionType: 'repull.test/gate' }] } };
    await stage.apply(appManifest(stage.namespace, 'late', { image, pullPolicy: 'Always', ...gated }));
    const [pod] = await until(async () => (await stage.pods('late')).length === 1 && stage.pods('late'), {
      what: 'a pod',
      withinMs: 20_000,
    });
    const conditions = [{ type: 'repull.test/gate', status: 'True' }];
    await stage.kubectl('patch', 'pod', pod?.name ?? '', '--subresource=status', '-p', JSON.stringify({ status: { conditions } }));
    await stage.ready('late', 1);
    await stage.push('late');
    const text = await stage.repull('late');
    expect(text).toMatch(/^# Failed/);
    expect(text).toContain('has timed out progressing');
    await remove('late');
  });

  it.concurrent('paused: refused, and resume or evict are offered; evict then really fetches', async () => {
    await stage.start('paused');
    const fresh = await stage.push('paused');
    await stage.kubectl('rollout', 'pause', 'deployment/paused');
    const refused = await stage.repull('paused');
    expect(refused).toMatch(/Refused/);
    expect(refused).toContain('rollout resume deployment/paused');
    expect(refused).toContain('/repull paused staging --via evict');
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: stage.answer('paused')?.message.ts ?? '' }, 'evict');
    await stage.shows('paused', /^# Succeeded/);
    expect(await stage.digests('paused')).toEqual([fresh.digest]);
    await remove('paused');
  });

  it.concurrent('replicas 0: nothing to pull, and nothing is changed', async () => {
    await stage.start('idle', { replicas: 1 });
    await stage.kubectl('scale', 'deployment/idle', '--replicas=0');
    await stage.push('idle');
    const { generation } = (await stage.object('deployment', 'idle')).metadata;
    const text = await stage.repull('idle');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('--replicas=1');
    expect((await stage.object('deployment', 'idle')).metadata.generation).toBe(generation);
    await remove('idle');
  });

  it.concurrent('an autoscaler that adds pods mid-way: the new ones count, and the plan had named it', async () => {
    await stage.start('elastic', { replicas: 2, spec: { minReadySeconds: 5 } });
    await stage.apply({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'elastic' },
      spec: {
        minReplicas: 2,
        maxReplicas: 4,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'elastic' },
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
      },
    });
    const fresh = await stage.push('elastic');
    expect(await stage.plan('elastic')).toContain('autoscaler elastic may change the number of pods');
    await stage.say('/repull elastic staging');
    await stage.shows('elastic', /^# Rolling out/);
    await stage.kubectl('scale', 'deployment/elastic', '--replicas=4');
    const text = await stage.shows('elastic', /^# (Succeeded|Failed|Superseded)/);
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toMatch(/pulled new.*4 pods/);
    expect(await stage.digests('elastic')).toEqual([fresh.digest]);
    await remove('elastic');
  });

  it.concurrent('another rollout by somebody else: superseded, and named', async () => {
    await stage.start('contested', { spec: { minReadySeconds: 10 } });
    await stage.push('contested');
    await stage.say('/repull contested staging');
    await stage.shows('contested', /^# Rolling out/);
    await stage.push('contested', { tag: 'v2' });
    await stage.kubectl('set', 'image', 'deployment/contested', `app=${stage.image('contested', 'v2')}`);
    const text = await stage.shows('contested', /^# (Succeeded|Failed|Superseded)/);
    expect(text).toMatch(/^# Superseded/);
    expect(text).toContain('kubectl-set');
    await remove('contested');
  });

  it.concurrent('a quota that blocks the surge ends as failed, with the quota’s words, and the old pods still serve', async () => {
    await stage.start('quota', {
      replicas: 2,
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
      pod: { priorityClassName: 'system-cluster-critical' },
    });
    await stage.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'two-pods' },
      spec: {
        hard: { pods: '2' },
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-cluster-critical'] }] },
      },
    });
    await stage.push('quota');
    const text = await stage.repull('quota');
    expect(text).toMatch(/^# Failed/);
    expect(text).toContain('exceeded quota: two-pods');
    expect((await stage.pods('quota')).filter((pod) => pod.ready)).toHaveLength(2);
    await remove('quota');
  });
});
