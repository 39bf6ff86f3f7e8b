import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCluster } from '../../src/kube/kube-cluster.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, followReady, type AppOptions, type Json } from '../support/world.ts';
import { isRealBuilt, startController, type Controller } from './argo-rollouts/controller.ts';

const isReal = await isRealBuilt();
const STEPS = { canary: { steps: [{ setWeight: 50 }, { pause: {} }, { pause: { duration: '1s' } }] } };
const NO_STEPS = { canary: {} };

describe(`an Argo Rollout on a real cluster (${isReal ? 'its real controller' : 'a recording of its controller'})`, () => {
  let stage: Stage;
  let controller: Controller;
  beforeAll(async () => {
    stage = await openStage({
      policy: () => `
apps:
  unlisted: { workloads: [rollout/unlisted] }
  listed: { workloads: [rollout/listed, deployment/listed-template] }
`,
    });
    controller = await startController(stage.world, stage.namespace);
  }, 900_000);
  afterAll(async () => {
    await stage?.kubectl('delete', 'rollouts', '--all', '--wait=false');
    await controller?.stop();
    await stage?.close();
  }, 60_000);

  const manifest = (app: string, strategy: object, options: Partial<AppOptions> = {}): Json => {
    const { spec, ...rest } = appManifest(stage.namespace, app, { image: stage.image(app), pullPolicy: 'Always', replicas: 2, ...options });
    return { ...rest, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { ...spec, strategy } };
  };
  const healthy = async (app: string, count = 2) => {
    await until(async () => (await stage.object('rollout', app)).status?.phase === 'Healthy', {
      what: `${app} is healthy`,
      withinMs: 90_000,
      everyMs: 250,
    });
    await stage.ready(app, count);
  };
  const start = async (app: string, strategy: object, options: Partial<AppOptions> = {}) => {
    const pushed = await stage.push(app);
    await stage.apply(manifest(app, strategy, options));
    await healthy(app, options.replicas ?? 2);
    return pushed;
  };
  /** What `kubectl argo rollouts promote` and `abort` do. */
  const setStatus = (app: string, status: object) =>
    stage.kubectl('patch', 'rollout', app, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
  const imageOf = (object: Json): string => object.spec.template.spec.containers[0].image;

  it.concurrent('restart is its own restartAt: one pod after the other, no new template, every new pod pulled', async () => {
    await start('restarts', STEPS);
    const fresh = await stage.push('restarts');
    expect(await stage.plan('restarts')).toMatch(/restartAt[\s\S]*1 of 2 pods at a time/);
    const ready = await followReady(stage.world, stage.namespace, 'restarts');
    expect(await stage.repull('restarts')).toMatch(/^# Succeeded[\s\S]*pulled new/);
    await ready.stop();
    expect(ready.least()).toBe(1);
    expect(await stage.digests('restarts')).toEqual([fresh.digest]);
    const { spec, status, metadata } = await stage.object('rollout', 'restarts');
    expect(status.restartedAt).toBe(spec.restartAt);
    expect(metadata.annotations['repull.dev/request']).toBeDefined();
    expect(spec.template.metadata.annotations).toBeUndefined();
  });

  it.concurrent('a pin goes through its canary: the card says at which step it is paused and what promotes it, and ends when it is promoted', async () => {
    await start('canary', STEPS, { pullPolicy: 'IfNotPresent' });
    const fresh = await stage.push('canary');
    expect(await stage.plan('canary')).toMatch(/3 canary steps \(50%, pause, pause 1s\)/);
    await stage.say('/repull canary staging');
    const promote = `kubectl argo rollouts promote canary -n ${stage.namespace}`;
    const paused = await stage.shows('canary', /paused it at step 2 of 3/);
    expect(paused).toMatch(/^# Rolling out/);
    expect(paused).toContain(promote);
    await until(() => stage.thread('canary').some((entry) => entry.includes(promote)), {
      what: 'the thread says so too',
      withinMs: 30_000,
    });
    expect(new Set(await stage.digests('canary')).size).toBe(2);
    await setStatus('canary', { pauseConditions: null });
    expect(await stage.shows('canary', /^# Succeeded/)).toMatch(/pulled new/);
    expect(stage.thread('canary').filter((entry) => entry.includes('at step 2 of 3'))).toHaveLength(1);
    expect(await stage.digests('canary')).toEqual([fresh.digest]);
    const { spec, status } = await stage.object('rollout', 'canary');
    expect(imageOf({ spec })).toBe(`${stage.image('canary')}@${fresh.digest}`);
    expect(status.stableRS).toBe(status.currentPodHash);
  });

  it.concurrent('an aborted canary is a failure, in the words of its controller, and the old pods serve on', async () => {
    const old = await start('aborted', STEPS, { pullPolicy: 'IfNotPresent' });
    await stage.push('aborted');
    await stage.say('/repull aborted staging --pin');
    await stage.shows('aborted', /paused it at step 2 of 3/);
    await setStatus('aborted', { abort: true });
    const failed = await stage.shows('aborted', /^# Failed/);
    expect(failed).toContain('RolloutAborted: Rollout aborted update to revision');
    expect(failed).toContain(`kubectl argo rollouts retry rollout aborted -n ${stage.namespace}`);
    await until(async () => (await stage.digests('aborted')).join() === old.digest, {
      what: 'the old pods are alone',
      withinMs: 60_000,
      everyMs: 250,
    });
  });

  it.concurrent('each patch of it is applied at most once: a second send, a change by somebody else and another object are told apart', async () => {
    await start('once', STEPS);
    const cluster = connectCluster({ name: 'test', kubeconfigText: stage.world.kubeconfig });
    const workload = { kind: 'Rollout' as const, namespace: stage.namespace, name: 'once' };
    const look = async () => {
      const seen = await cluster.snapshot([workload]);
      if (!seen.ok) throw new Error(JSON.stringify(seen.failure));
      const { uid, resourceVersion } = seen.value.workloads[0]?.workload ?? { uid: '', resourceVersion: '' };
      return { workload, uid, resourceVersion, annotations: {} };
    };
    const first = await look();
    const restart = { action: 'restart-at' as const, ...first, at: new Date().toISOString().replace(/\.\d+Z/, 'Z') };
    expect(await cluster.patch({ ...restart, uid: 'another' }, 'r-1')).toMatchObject({ failure: { code: 'workload-gone' } });
    // Its controller, or anybody, writes the status all the time.
    await stage.kubectl('annotate', 'rollout', 'once', 'note=x');
    expect(await cluster.patch(restart, 'r-1')).toMatchObject({ ok: true, already: false });
    expect(await cluster.patch(restart, 'r-1')).toMatchObject({ ok: true, already: true });
    expect(await cluster.patch(restart, 'r-2')).toMatchObject({ failure: { code: 'conflict' } });
    await healthy('once');

    const images = [{ container: 'app', role: 'container' as const, image: `${stage.image('once')}@${(await stage.digests('once'))[0]}` }];
    const patch = { action: 'patch-template' as const, ...(await look()), images, pullPolicies: [] };
    await stage.kubectl('annotate', 'rollout', 'once', 'note=y', '--overwrite');
    expect(await cluster.patch(patch, 'r-3')).toMatchObject({ ok: true, already: false });
    expect(await cluster.patch(patch, 'r-3')).toMatchObject({ ok: true, already: true });
    expect(await cluster.patch(patch, 'r-4')).toMatchObject({ failure: { code: 'conflict' } });
    const [container] = (await stage.object('rollout', 'once')).spec.template.spec.containers;
    expect(container).toMatchObject({
      name: 'app',
      image: images[0]?.image,
      imagePullPolicy: 'Always',
      startupProbe: { periodSeconds: 1 },
    });
    await cluster.close();
  });

  // What the recording does not hold is proven by the real controller only.
  describe.runIf(isReal).concurrent('that only its real controller can show', () => {
    it.concurrent('a restart half-way through a canary leaves the canary where it is, and proves the pods of the new template', async () => {
      await start('half-way', STEPS);
      await stage.push('half-way', { tag: 'v2' });
      await stage.apply(manifest('half-way', STEPS, { image: stage.image('half-way', 'v2') }));
      await until(async () => (await stage.object('rollout', 'half-way')).status.phase === 'Paused', {
        what: 'it is paused',
        withinMs: 60_000,
        everyMs: 250,
      });
      const fresh = await stage.push('half-way', { tag: 'v2' });
      const text = await stage.repull('half-way');
      expect(text).toMatch(/^# Succeeded[\s\S]*pulled new/);
      expect(stage.thread('half-way').join('\n')).toContain('Started: restart');
      const { status } = await stage.object('rollout', 'half-way');
      expect([status.phase, status.currentStepIndex]).toEqual(['Paused', 1]);
      expect(await stage.digests('half-way')).toContain(fresh.digest);
    });

    it.concurrent('a new image that crashes ends as a failure while the canary hangs, and the pods before serve on', async () => {
      const old = await start('crashing', STEPS);
      await stage.push('crashing', { tag: 'v2', crash: true });
      const text = await stage.repull('crashing', '--tag v2');
      expect(text).toMatch(/^# Failed/);
      expect(text).toContain('asked to crash');
      expect(await stage.digests('crashing')).toContain(old.digest);
    });

    it.concurrent('a rollback takes it to the recorded digest', async () => {
      const old = await start('undone', NO_STEPS, { pullPolicy: 'IfNotPresent' });
      const fresh = await stage.push('undone');
      expect(await stage.repull('undone')).toMatch(/^# Succeeded/);
      expect(await stage.digests('undone')).toEqual([fresh.digest]);
      await stage.say('/repull rollback undone staging');
      await stage.shows('undone', /^# Succeeded[\s\S]*recorded before/);
      expect(await stage.digests('undone')).toEqual([old.digest]);
      expect(imageOf(await stage.object('rollout', 'undone'))).toBe(`${stage.image('undone')}@${old.digest}`);
    });

    it.concurrent('blue-green: done when the new pods have taken over, though the old ones stay a while', async () => {
      const ports = [{ port: 80 }];
      await stage.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'blue' }, spec: { selector: { app: 'blue' }, ports } });
      await start(
        'blue',
        { blueGreen: { activeService: 'blue', scaleDownDelaySeconds: 600 } },
        { pullPolicy: 'IfNotPresent', replicas: 1 },
      );
      const fresh = await stage.push('blue');
      expect(await stage.repull('blue')).toMatch(/^# Succeeded[\s\S]*pulled new/);
      const service = await stage.object('service', 'blue');
      const { status } = await stage.object('rollout', 'blue');
      expect(service.spec.selector['rollouts-pod-template-hash']).toBe(status.currentPodHash);
      expect(await stage.digests('blue')).toContain(fresh.digest);
      expect(await stage.pods('blue')).toHaveLength(2);
    });

    const refer = async (app: string) => {
      const pushed = await stage.push(app);
      const { spec, ...rest } = manifest(app, NO_STEPS, { pullPolicy: 'IfNotPresent' });
      const template = {
        ...appManifest(stage.namespace, `${app}-template`, { image: '' }),
        spec: { replicas: 0, selector: spec.selector, template: spec.template },
      };
      const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: `${app}-template` };
      await stage.apply([template, { ...rest, spec: { replicas: 2, strategy: NO_STEPS, workloadRef } }]);
      await healthy(app);
      return pushed;
    };

    it.concurrent('a template that lies in a Deployment the policy does not list is not changed: refused, with the way out', async () => {
      await refer('unlisted');
      await stage.push('unlisted');
      const text = await stage.repull('unlisted');
      expect(text).toContain('its template lies in deployment/unlisted-template (workloadRef)');
      expect(text).toContain('list deployment/unlisted-template beside rollout/unlisted');
      expect(imageOf(await stage.object('deployment', 'unlisted-template'))).toBe(stage.image('unlisted'));
    });

    it.concurrent('a template that lies in a listed Deployment is changed there, and said so', async () => {
      await refer('listed');
      const fresh = await stage.push('listed');
      expect(await stage.plan('listed')).toContain(
        'its template lies in deployment/listed-template (workloadRef): that is what is changed',
      );
      expect(await stage.repull('listed')).toMatch(/^# Succeeded[\s\S]*pulled new/);
      expect(imageOf(await stage.object('deployment', 'listed-template'))).toBe(`${stage.image('listed')}@${fresh.digest}`);
      expect(await stage.digests('listed')).toEqual([fresh.digest]);
    });

    it.concurrent('a disruption budget that never allows an eviction refuses the restart, and names what it does not hold back', async () => {
      await start('guarded', NO_STEPS, { replicas: 1 });
      const budget = { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } };
      await stage.apply({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'guarded' }, spec: budget });
      await until(async () => (await stage.object('pdb', 'guarded')).status?.currentHealthy === 1, {
        what: 'it counts',
        withinMs: 30_000,
        everyMs: 250,
      });
      const fresh = await stage.push('guarded');
      const refused = await stage.repull('guarded');
      expect(refused).toContain('can never allow an eviction');
      expect(refused).toContain('/repull guarded staging --pin');
      expect(await stage.repull('guarded', '--pin')).toMatch(/^# Succeeded/);
      expect(await stage.digests('guarded')).toEqual([fresh.digest]);
    });
  });
});
