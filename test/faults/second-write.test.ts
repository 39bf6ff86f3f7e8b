import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEV } from '../support/line.ts';
import { until } from '../support/until.ts';
import type { Json } from '../support/world.ts';
import { openStage, type Stage } from './stage.ts';

describe('what follows a patch, through lost answers and kills', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => stage.world.simulated?.cluster.faults.clear());
  const cluster = () => {
    const simulated = stage.world.simulated?.cluster;
    if (simulated === undefined) throw new Error('this needs the simulated cluster');
    return simulated;
  };
  const list = async (path: string): Promise<Json[]> => (await stage.world.request('GET', path.replace('NS', stage.namespace))).body.items;

  it('a Job whose creation was carried out and its answer lost is there once', async () => {
    const { ref } = await stage.world.push(`${stage.namespace}/nightly:v1`);
    const container = { name: 'app', image: ref, imagePullPolicy: 'IfNotPresent', command: ['/app', 'ready'] };
    const template = { spec: { restartPolicy: 'Never', containers: [container] } };
    await stage.world.request('POST', `/apis/batch/v1/namespaces/${stage.namespace}/cronjobs`, {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: stage.namespace },
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
    });
    cluster().faults.loseReply({ verb: 'create', resource: 'jobs' }, 2);
    await stage.say(DEV, '/repull nightly staging --now');
    const card = await stage.untilCard('nightly', /Succeeded|Failed/);
    expect(card.text).toMatch(/Succeeded[\s\S]*pulled new/);
    const jobs = await list('/apis/batch/v1/namespaces/NS/jobs');
    expect(jobs.filter((job) => job.metadata.name.startsWith('nightly-'))).toHaveLength(1);
    const [cronJob] = await list('/apis/batch/v1/namespaces/NS/cronjobs');
    expect(cronJob.metadata.generation).toBe(2);
  });

  it('a worker that dies between the patch and the evictions of an OnDelete StatefulSet: patched once, every pod replaced once', async () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    await stage.deploy('manual', { kind: 'StatefulSet', replicas: 3, pullPolicy: 'IfNotPresent', spec });
    const fresh = await stage.push('manual');
    const gone = new Map<string, number>();
    const watch = stage.world.watch(
      `/api/v1/namespaces/${stage.namespace}/pods?watch=true&labelSelector=app%3Dmanual`,
      ({ type, object }) => {
        if (type === 'DELETED') gone.set(object.metadata.name, (gone.get(object.metadata.name) ?? 0) + 1);
      },
    );
    const set = async () => (await list('/apis/apps/v1/namespaces/NS/statefulsets')).find((one) => one.metadata.name === 'manual');
    await stage.say(DEV, '/repull manual staging');
    await until(async () => (await set()).metadata.generation === 2, { what: 'the patch', withinMs: 30_000, everyMs: 5 });
    stage.line.workers.at(-1)?.kill('SIGKILL');
    await stage.line.startWorker();
    const card = await stage.untilCard('manual', /Succeeded|Failed/, 120);
    await watch.stop();
    expect(card.text).toMatch(/Succeeded/);
    expect((await set()).metadata.generation).toBe(2);
    expect((await stage.pods('manual')).map(({ digest }) => digest)).toEqual(Array(3).fill(fresh.digest));
    expect(Object.fromEntries(gone)).toEqual({ 'manual-0': 1, 'manual-1': 1, 'manual-2': 1 });
  });
});
