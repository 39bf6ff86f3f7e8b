import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../support/stage.ts';
import { appManifest, type Json } from '../support/world.ts';
import { until } from '../support/until.ts';

/** ReplicaSets, bare and mirror pods, Jobs and CronJobs, side by side on one real cluster. */
describe('on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  const podSpec = (app: string, pullPolicy: string, command?: string[]) => ({
    terminationGracePeriodSeconds: 1,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    containers: [{ name: 'app', image: stage.image(app), imagePullPolicy: pullPolicy, ...(command === undefined ? {} : { command }) }],
  });
  const cronJob = async (app: string, pullPolicy: string, more: Json = {}) => {
    await stage.push(app);
    const template = { spec: { ...podSpec(app, pullPolicy, ['/app', 'ready']), restartPolicy: 'Never' } };
    await stage.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: app, labels: { app } },
      spec: { schedule: '0 3 * * *', timeZone: 'Europe/Berlin', jobTemplate: { spec: { backoffLimit: 1, template } }, ...more },
    });
  };
  /** Runs it once, by hand, so that there is a last run with a digest. */
  const ran = async (app: string) => {
    await stage.kubectl('create', 'job', `${app}-before`, `--from=cronjob/${app}`);
    await stage.kubectl('wait', '--for=condition=complete', `job/${app}-before`, '--timeout=60s');
  };
  const jobsOf = async (app: string): Promise<Json[]> =>
    JSON.parse(await stage.kubectl('get', 'jobs', '-o', 'json')).items.filter((job: Json) =>
      job.metadata.ownerReferences?.some((owner: Json) => owner.name === app),
    );

  describe('a ReplicaSet that nobody owns', () => {
    it.concurrent('with Always is evicted one at a time', async () => {
      await stage.start('lone', { kind: 'ReplicaSet' });
      const fresh = await stage.push('lone');
      const text = await stage.repull('lone');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toMatch(/Method\W+evict/);
      expect(await stage.digests('lone')).toEqual([fresh.digest]);
      await stage.kubectl('delete', 'replicaset', 'lone', '--wait=false');
    });

    it.concurrent('with IfNotPresent is patched, then evicted; Roll back does the same with the old digest', async () => {
      const old = await stage.start('lonely', { kind: 'ReplicaSet', pullPolicy: 'IfNotPresent' });
      const fresh = await stage.push('lonely');
      const text = await stage.repull('lonely');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('a ReplicaSet replaces no pod by itself, so repull evicts its pods one at a time afterwards');
      expect(await stage.digests('lonely')).toEqual([fresh.digest]);
      await stage.say('/repull rollback lonely staging');
      await stage.shows('lonely', /^# Succeeded[\s\S]*Roll(ed)? back|^# Succeeded.*rollback/i);
      await until(async () => (await stage.digests('lonely')).join() === old.digest, { what: 'the old digest', withinMs: 60_000 });
      await stage.kubectl('delete', 'replicaset', 'lonely', '--wait=false');
    });
  });

  it.concurrent('one pod of several by name: the card says that the others stay as they are', async () => {
    const old = await stage.start('single', { replicas: 2 });
    const fresh = await stage.push('single');
    const [pod] = await stage.pods('single');
    const text = await stage.repull('single', `--pod ${pod?.name ?? ''}`);
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toContain('Every pod that was to be replaced fetched its image');
    expect(text).toContain('1 of 2 pods stays as it is');
    expect(new Set(await stage.digests('single'))).toEqual(new Set([old.digest, fresh.digest]));
    await stage.kubectl('delete', 'deployment', 'single', '--wait=false');
  });

  it.concurrent('a pod or ReplicaSet that a Deployment owns: refused, and the owner is named', async () => {
    await stage.start('owned', { replicas: 1 });
    const [pod] = await stage.pods('owned');
    const text = await stage.repull(pod?.name ?? '');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('belongs to deployment/owned');
    expect(text).toContain(`--workload deployment/owned --pod ${pod?.name ?? ''}`);
    expect((await stage.pods('owned')).map(({ uid }) => uid)).toEqual([pod?.uid]);
    await stage.kubectl('delete', 'deployment', 'owned', '--wait=false');
  });

  it.concurrent('a bare pod: refused, because nobody would bring it back', async () => {
    await stage.push('bare');
    await stage.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', labels: { app: 'bare' } },
      spec: podSpec('bare', 'Always'),
    });
    await stage.ready('bare', 1);
    const text = await stage.repull('bare');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('no controller would bring this pod back');
    expect(text).toContain('run it as a Deployment');
    expect(await stage.pods('bare')).toHaveLength(1);
    await stage.kubectl('delete', 'pod', 'bare', '--wait=false');
  });

  it.concurrent('a mirror pod: refused, and the node whose file it is is named', async () => {
    // As a kubelet makes it of a file on its node. No kubelet runs this one: it would take it away at once, because it has no such file.
    await stage.push('mirror');
    const node = await stage.object('node', 'node-1');
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'mirror',
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: node.metadata.uid, controller: true }],
      },
      spec: { ...podSpec('mirror', 'Always'), nodeName: 'no-such-node' },
    };
    await stage.apply(pod);
    const text = await stage.repull('mirror');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('mirror pod');
    expect(text).toContain('change the manifest file on node-1');
    await stage.kubectl('delete', 'pod', 'mirror', '--force', '--ignore-not-found');
  });

  it.concurrent('a Job: refused, its template cannot change', async () => {
    await stage.push('once');
    await stage.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once' },
      spec: { template: { spec: { ...podSpec('once', 'Always', ['/app', 'ready']), restartPolicy: 'Never' } } },
    });
    const text = await stage.repull('once');
    expect(text).toMatch(/Refused/);
    expect(text).toContain('the template of a Job cannot be changed');
    expect(text).toContain('kubectl replace --force');
  });

  describe('a CronJob', () => {
    it.concurrent('with Always: its next run fetches by itself, and the answer says when', async () => {
      await cronJob('nightly', 'Always');
      await ran('nightly');
      await stage.push('nightly');
      const text = await stage.repull('nightly');
      expect(text).toMatch(/Refused/);
      expect(text).toMatch(/its next run is due at 20\d\d-\d\d-\d\dT0[12]:00:00Z \(0 3 \* \* \*, Europe\/Berlin\)/);
      expect(text).toContain('/repull nightly staging --now');
    });

    it.concurrent('with Always and --now: a Job now, whose pod is proven to have fetched the new image', async () => {
      await cronJob('hurried', 'Always');
      await ran('hurried');
      const fresh = await stage.push('hurried');
      const text = await stage.repull('hurried', '--now');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('pulled new');
      expect(text).toContain(fresh.digest.slice(7, 19));
      const job = (await jobsOf('hurried')).find(({ metadata }) => metadata.annotations?.['repull.dev/request'] !== undefined);
      expect(job?.metadata.name).toMatch(/^hurried-/);
    });

    it.concurrent('with IfNotPresent: its template is pinned for the next run, which is named; nothing is called pulled', async () => {
      await cronJob('weekly', 'IfNotPresent');
      await ran('weekly');
      const fresh = await stage.push('weekly');
      const text = await stage.repull('weekly');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('Nothing was pulled yet');
      expect(text).toContain('its next run is due at');
      expect(text).not.toContain('pulled new');
      const { spec } = await stage.object('cronjob', 'weekly');
      expect(spec.jobTemplate.spec.template.spec.containers[0].image).toBe(`${stage.image('weekly')}@${fresh.digest}`);
      expect((await jobsOf('weekly')).map(({ metadata }) => metadata.name)).toEqual(['weekly-before']);
    });

    it.concurrent('with IfNotPresent and --now: pinned, and a Job now proves it; Roll back restores the old digest', async () => {
      await cronJob('both', 'IfNotPresent');
      await ran('both');
      const before = JSON.parse(await stage.kubectl('get', 'pods', '-l', 'batch.kubernetes.io/job-name=both-before', '-o', 'json'))
        .items[0];
      const old = before.status.containerStatuses[0].imageID.split('@').at(-1);
      const fresh = await stage.push('both');
      const text = await stage.repull('both', '--now');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('pulled new');
      await stage.say('/repull rollback both staging');
      await until(
        async () => {
          const { spec } = await stage.object('cronjob', 'both');
          return spec.jobTemplate.spec.template.spec.containers[0].image === `${stage.image('both')}@${old}`;
        },
        { what: `the template names ${old} again, not ${fresh.digest}`, withinMs: 60_000 },
      );
    });

    it.concurrent('whose Job cannot start: failed, with the cause', async () => {
      await cronJob('broken', 'Always');
      await ran('broken');
      await stage.push('broken', { crash: true });
      await stage.kubectl(
        'patch',
        'cronjob',
        'broken',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/spec/jobTemplate/spec/template/spec/containers/0/command"}]',
      );
      const text = await stage.repull('broken', '--now');
      expect(text).toMatch(/^# Failed/);
      expect(text).toMatch(/exit code \d+/);
    });

    it.concurrent('that is suspended: changed, and the card says that no run is due', async () => {
      await cronJob('asleep', 'IfNotPresent', { suspend: true });
      await stage.push('asleep');
      const text = await stage.repull('asleep');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toContain('no run is due while it is suspended');
    });
  });

  it.concurrent('--now on anything else is refused', async () => {
    await stage.push('steady');
    await stage.apply(appManifest(stage.namespace, 'steady', { image: stage.image('steady'), pullPolicy: 'Always', replicas: 1 }));
    await stage.ready('steady', 1);
    await stage.push('steady');
    const text = await stage.repull('steady', '--now');
    expect(text).toContain('is no CronJob');
    await stage.kubectl('delete', 'deployment', 'steady', '--wait=false');
  });
});
