import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV } from '../support/line.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import type { AppOptions, Json } from '../support/world.ts';

/** Back to what was recorded, whatever method changed it, for every kind; asked for, or by itself where a change failed. */
describe('undo on a real cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ staging: '    on-failure: rollback' });
    await Promise.all([before('survivor', { pullPolicy: 'IfNotPresent' }), before('watched', { pullPolicy: 'IfNotPresent' })]);
    // Everything that a later rollback stands on is in Redis and in the cluster.
    for (const process of [...stage.line.bots, ...stage.line.workers]) process.kill('SIGKILL');
    await Promise.all([...stage.line.bots, ...stage.line.workers].map((each) => each.exited));
    const fresh = [await stage.line.startBot(), await stage.line.startWorker()];
    await Promise.all(fresh.map((each) => each.untilReady()));
  }, 180_000);
  afterAll(async () => {
    await stage?.close();
  }, 60_000);

  const kindOf = ({ kind = 'Deployment' }: Pick<AppOptions, 'kind'>) => kind;
  const podSpec = async (app: string, options: Pick<AppOptions, 'kind'> = {}): Promise<Json> =>
    (await stage.object(kindOf(options), app)).spec.template.spec;

  /** The app runs, is repulled, and its tag moves once more: `old` is what it ran before. */
  const before = async (app: string, options: Omit<AppOptions, 'image'> = {}, more = '') => {
    const old = await stage.start(app, { replicas: 1, ...options });
    const fresh = await stage.push(app, more.includes('--tag v2') ? { tag: 'v2' } : {});
    expect(await stage.repull(app, more)).toMatch(/Succeeded/);
    expect(await stage.digests(app)).toEqual([fresh.digest]);
    await stage.push(app);
    return old;
  };
  /** Asks, and waits for the card that says that it failed: the rollback that follows it has a card of its own. */
  const fails = async (app: string) => {
    await stage.say(`/repull ${app} staging`);
    // The card waits its turn in a channel that takes one message a second.
    return await stage.shows(app, /^[^\n]*Failed/, 150);
  };
  /** The final card of the rollback. */
  const undone = (app: string) => stage.shows(app, /^[^\n]*(?:Succeeded|Failed|Refused)[\s\S]*undoes/, 120);
  const rollBack = async (app: string) => {
    await stage.say(`/repull rollback ${app} staging`);
    return await undone(app);
  };
  const isBack = async (app: string, digest: string, count = 1) => {
    await stage.ready(app, count);
    expect(await stage.digests(app)).toEqual([digest]);
    await stage.shows(app, /Rolled back by/, 30);
  };

  // First, because Slack takes one message a second in a channel, and the threads of these are waited for.
  it.concurrent('a build that crashes is rolled back by itself, which the thread of the failure says', async () => {
    const old = await stage.start('crashy', { replicas: 1 });
    await stage.push('crashy', { crash: true });
    expect(await fails('crashy')).toMatch(/Failed/);
    const text = await undone('crashy');
    expect(text).toMatch(/Succeeded/);
    expect(text).toMatch(/made by repull, because the rollout failed/);
    expect(text).toMatch(/on-failure: rollback of staging/);
    await isBack('crashy', old.digest);
    // Slack takes one message a second in a channel, and this channel is full of others' threads.
    const says = /on-failure: rollback of staging: \S+ brings back what was recorded before/;
    expect((await stage.line.waitFor(DEV, says, { seconds: 120 })).text).toMatch(says);
  });

  it.concurrent('a StatefulSet is freed of the pod that keeps it from going back, though its disruption budget allows no eviction', async () => {
    const old = await stage.start('guarded', { kind: 'StatefulSet', replicas: 1 });
    await stage.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded', namespace: stage.namespace },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
    });
    await stage.push('guarded', { crash: true });
    expect(await fails('guarded')).toMatch(/Failed/);
    expect(await undone('guarded')).toMatch(/Succeeded/);
    await isBack('guarded', old.digest);
  });

  it.concurrent('a rollback by itself that cannot be is told in the thread of the failure', async () => {
    const image = stage.image('hopeless');
    const containers = [{ name: 'app', image, imagePullPolicy: 'Always' }];
    const template = { metadata: { labels: { app: 'hopeless' } }, spec: { terminationGracePeriodSeconds: 1, containers } };
    const metadata = { name: 'hopeless', namespace: stage.namespace, labels: { app: 'hopeless' } };
    const spec = { replicas: 1, selector: { matchLabels: { app: 'hopeless' } }, template };
    await stage.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
    await until(async () => (await stage.pods('hopeless')).length === 1, { what: 'its pod is there', withinMs: 30_000, everyMs: 250 });
    await stage.push('hopeless', { crash: true });
    expect(await fails('hopeless')).toMatch(/Failed/);
    const refused = /The rollback by itself \(\S+\) was refused: nothing-recorded/;
    await until(() => stage.thread('hopeless').some((entry) => refused.test(entry)), {
      what: 'the thread says so',
      withinMs: 120_000,
      everyMs: 250,
    });
    expect(stage.thread('hopeless').join('\n')).toMatch(/It still runs the failed change/);
  });

  it.concurrent.each([
    ['restart', { pullPolicy: 'Always' }],
    ['set-image', { pullPolicy: 'Always' }, '--tag v2'],
    ['evict', { pullPolicy: 'Always' }, '--via evict'],
  ] as [string, Omit<AppOptions, 'image'>, string?][])(
    'a Deployment that %s changed goes back to the recorded digest, though the tag moved again',
    async (method, options, more) => {
      const app = `by-${method}`;
      const old = await before(app, options, more);
      const text = await rollBack(app);
      expect(text).toMatch(/Succeeded/);
      expect(text).toMatch(/pulled|cache, but correct/);
      const spec = await podSpec(app);
      expect(spec.containers[0]).toMatchObject({ image: `${stage.image(app)}@${old.digest}`, imagePullPolicy: options.pullPolicy });
      await isBack(app, old.digest);
    },
  );

  it.concurrent('a Deployment that always changed gets its pull policy back in the same rollout; undone in turn, it is Always again', async () => {
    const old = await before('by-always', { pullPolicy: 'IfNotPresent' }, '--via always');
    const [fresh] = await stage.digests('by-always');
    const changed = await stage.object('deployment', 'by-always');
    expect(changed.spec.template.spec.containers[0].imagePullPolicy).toBe('Always');
    expect(await rollBack('by-always')).toMatch(/Succeeded/);
    const back = await stage.object('deployment', 'by-always');
    expect(back.metadata.generation).toBe(changed.metadata.generation + 1);
    expect(back.spec.template.spec.containers[0]).toMatchObject({
      image: `${stage.image('by-always')}@${old.digest}`,
      imagePullPolicy: 'IfNotPresent',
    });
    await isBack('by-always', old.digest);
    const first = stage.card('by-always')?.ts ?? '';
    await stage.say('/repull rollback by-always staging');
    const again = () => {
      const card = stage.card('by-always');
      return card !== undefined && card.ts > first && /^[^\n]*Succeeded/.test(card.text);
    };
    await until(again, { what: 'the rollback is undone in turn', withinMs: 90_000, everyMs: 100 });
    expect(await stage.digests('by-always')).toEqual([fresh]);
    expect((await podSpec('by-always')).containers[0].imagePullPolicy).toBe('Always');
  });

  it.concurrent.each([
    ['DaemonSet', 'rolling', {}],
    ['StatefulSet', 'OnDelete', { updateStrategy: { type: 'OnDelete' } }],
    ['DaemonSet', 'OnDelete', { updateStrategy: { type: 'OnDelete' } }],
  ] as const)('a %s (%s) goes back to the recorded digest', async (kind, how, spec) => {
    const app = `${kind.toLowerCase()}-${how.toLowerCase()}`;
    const old = await before(app, { kind, pullPolicy: 'IfNotPresent', spec });
    expect(await rollBack(app)).toMatch(/Succeeded/);
    expect((await podSpec(app, { kind })).containers[0].image).toBe(`${stage.image(app)}@${old.digest}`);
    await isBack(app, old.digest, kind === 'DaemonSet' ? 2 : 1);
  });

  it.concurrent('a CronJob that never ran goes back to the tag it named, which is said', async () => {
    await Promise.all([stage.push('idle'), stage.push('idle', { tag: 'v2' })]);
    const containers = [{ name: 'app', image: stage.image('idle'), imagePullPolicy: 'IfNotPresent' }];
    await stage.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'idle', namespace: stage.namespace },
      spec: { schedule: '0 3 1 1 *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers } } } } },
    });
    expect(await stage.repull('idle', '--tag v2')).toMatch(/Succeeded/);
    expect(await rollBack('idle')).toMatch(/Succeeded/);
    const { spec } = await stage.object('cronjob', 'idle');
    expect(spec.jobTemplate.spec.template.spec.containers[0].image).toBe(stage.image('idle'));
    await stage.shows('idle', /Rolled back by/, 30);
  });

  it.concurrent('what was recorded outlives bot and worker: a rollback after both were killed', async () => {
    const [pinned] = await stage.digests('survivor');
    expect(await rollBack('survivor')).toMatch(/Succeeded/);
    const [now] = await stage.digests('survivor');
    expect(now).not.toBe(pinned);
    expect((await podSpec('survivor')).containers[0].image).toBe(`${stage.image('survivor')}@${now}`);
    await stage.shows('survivor', /Rolled back by/, 30);
  });

  it.concurrent('the watch for whoever takes a change back outlives bot and worker, too', async () => {
    await stage.kubectl('set', 'image', 'deployment/watched', `app=${stage.image('watched')}`);
    const text = await stage.shows('watched', /Not so any more/, 60);
    expect(text).toContain(`somebody with kubectl (field manager kubectl-set) reverted the change: app is ${stage.image('watched')} again`);
  });
});
