import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, failingApp, type FailingApp } from '../support/failing-app.ts';
import { judgeFailures, type Failing } from '../support/failing.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** What `MODE` and its kin say is read from a ConfigMap: changed there, new pods fail while the template stays as it was planned. */
const FROM_CONFIG = (app: string) => ({ envFrom: [{ configMapRef: { name: app } }] });
const READY = { exec: { command: ['/app', 'ready'] }, periodSeconds: 1 };

describe('a container that does not come up, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;

  beforeAll(async () => {
    stage = await openStage();
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    await failing?.close();
    await stage?.close();
  }, 60_000);

  const start = async (app: string, options: FailingApp = {}, config?: Record<string, string>): Promise<void> => {
    await stage.push(app);
    if (config !== undefined) await stage.apply(configMap(app, config));
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), options));
    await stage.ready(app, 1);
    await stage.push(app);
  };

  it.concurrent('that crashes: exit code, restarts, its last lines, and Roll back', async () => {
    await start('x-crash');
    await stage.push('x-crash', { crash: true });
    const text = await failing.fails('x-crash');
    failing.inTime('x-crash', failing.reports.of('x-crash', /^BackOff: Back-off restarting failed container/)[0]);
    expect(text).toMatch(/x-crash-\S+\/app crashes after it starts\./);
    expect(text).toMatch(/exit code 1 \(Error\), restarted \d times/);
    expect(text).toMatch(/last lines of its log:\s+app: asked to crash/);
    expect(text).toMatch(/Next: Read the last lines of its log\. Roll back brings the recorded digests back\./);
    expect(text).toMatch(/To see more: kubectl -n \S+ logs x-crash-\S+ -c app --previous/);
    expect(text).toMatch(/\[Roll back/);
  });

  it.concurrent('that needs more memory than it may have: killed, out of memory', async () => {
    await start('x-hungry', { container: { ...FROM_CONFIG('x-hungry'), resources: { limits: { memory: '48Mi' } } } }, { GOMAXPROCS: '1' });
    // A Go program allocates for each of its processors before it does anything else.
    await stage.apply(configMap('x-hungry', { GOMAXPROCS: '30000' }));
    const text = await failing.fails('x-hungry');
    failing.inTime('x-hungry', failing.reports.of('x-hungry', /^BackOff: Back-off restarting failed container/)[0]);
    expect(text).toMatch(/x-hungry-\S+\/app was killed: out of memory\./);
    expect(text).toMatch(/exit code 137 \(OOMKilled\), restarted \d times/);
    expect(text).toMatch(/Next: Raise its memory limit, or roll back\./);
  });

  it.concurrent('whose command is not in the image: cannot be created, and why', async () => {
    await start('x-mistyped', { container: { ...FROM_CONFIG('x-mistyped'), command: ['$(PROGRAM)'] } }, { PROGRAM: '/app' });
    await stage.apply(configMap('x-mistyped', { PROGRAM: '/ap' }));
    const text = await failing.fails('x-mistyped');
    failing.inTime('x-mistyped', failing.reports.of('x-mistyped', /^(?:BackOff: Back-off restarting|Failed: Error: failed to create)/)[1]);
    expect(text).toMatch(/x-mistyped-\S+\/app cannot be created\./);
    expect(text).toMatch(/exec: "\/ap": stat \/ap: no such file or directory/);
    expect(text).toMatch(/Next: Add what is missing, then press Retry; or roll back\./);
  });

  it.concurrent('whose ConfigMap is gone: names it', async () => {
    const env = [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'x-unconfigured', key: 'MODE' } } }];
    await start('x-unconfigured', { container: { env } }, { MODE: 'fine' });
    await stage.kubectl('delete', 'configmap', 'x-unconfigured');
    const text = await failing.fails('x-unconfigured');
    failing.inTime('x-unconfigured', failing.reports.of('x-unconfigured', /^Failed: Error: configmap/)[1]);
    expect(text).toMatch(/x-unconfigured-\S+\/app cannot be created\./);
    expect(text).toMatch(/CreateContainerConfigError: configmap "x-unconfigured" not found/);
    expect(text).toMatch(/Its configuration names something that is not there/);
  });

  it.concurrent.each([
    ['x-startup', 'startupProbe', /Startup probe failed/],
    ['x-liveness', 'livenessProbe', /Liveness probe failed/],
  ])('that its %s probe has killed again and again', async (app, probe, said) => {
    // Without minReadySeconds, a liveness probe speaks only when the rollout is over.
    const container = { ...FROM_CONFIG(app), [probe]: { ...READY, failureThreshold: 2 } };
    await start(app, { container, spec: { minReadySeconds: 20 } }, { MODE: 'fine' });
    await stage.apply(configMap(app, { MODE: 'unready' }));
    const text = await failing.fails(app);
    failing.inTime(app, failing.reports.of(app, new RegExp(`^Killing: .*failed ${app.slice(2)} probe`))[1]);
    expect(text).toMatch(new RegExp(`${app}-\\S+/app runs but does not become ready\\.`));
    expect(text).toMatch(said);
    expect(text).toMatch(/Next: Look at the log of the container and at the probe \(path, port, delay\), or roll back\./);
  });

  it.concurrent('that is never ready: said meanwhile, and its probe is the cause when the deadline of the rollout is over', async () => {
    const container = { ...FROM_CONFIG('x-unready'), readinessProbe: READY };
    await start('x-unready', { container, spec: { progressDeadlineSeconds: 15 } }, { MODE: 'fine' });
    await stage.apply(configMap('x-unready', { MODE: 'unready' }));
    await stage.say('/repull x-unready staging');
    await failing.shows('x-unready', /1 starting \(Readiness probe failed\)/);
    const text = await failing.failed('x-unready');
    const { conditions } = (await stage.object('deployment', 'x-unready')).status;
    const over = conditions.find(({ reason }: { reason: string }) => reason === 'ProgressDeadlineExceeded');
    failing.inTime('x-unready', Date.parse(over.lastTransitionTime));
    expect(text).toMatch(/x-unready-\S+\/app runs but does not become ready\./);
    expect(text).toMatch(/Readiness probe failed \(\d+ times?\); ReplicaSet "x-unready-\S+" has timed out progressing/);
  });

  it.concurrent.each([
    [
      'x-misnamed',
      'Side:v1',
      'Always',
      /^Failed: Error: InvalidImageName/,
      /The image reference of x-misnamed-\S+\/side is not valid\./,
      /must be lowercase/,
    ],
    [
      'x-absent',
      'absent-side:v1',
      'Never',
      /^Failed: Error: ErrImageNeverPull/,
      /The image of x-absent-\S+\/side is not on its node, and may not be fetched\./,
      /is not present with pull policy of Never/,
    ],
  ] as const)(
    'of a pod that was broken before (%s): at once, because no second attempt can differ',
    async (app, image, imagePullPolicy, event, what, said) => {
      await stage.push(app);
      const side = { name: 'side', image: `${stage.world.registry}/${stage.namespace}/${image}`, imagePullPolicy };
      await stage.apply(failingApp(stage.namespace, app, stage.image(app), { more: [side] }));
      await until(async () => (await stage.object('deployment', app)).status.unavailableReplicas >= 1, {
        what: `${app} is broken`,
        withinMs: 60_000,
        everyMs: 250,
      });
      await stage.push(app);
      const text = await failing.fails(app, '--container app --force');
      const pod = new RegExp(`(${app}-\\S+)/side`).exec(text)?.[1] ?? 'none';
      failing.inTime(app, failing.reports.of(pod, event)[0]);
      expect(text).toMatch(what);
      expect(text).toMatch(said);
    },
  );
});
