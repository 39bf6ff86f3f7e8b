import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failingApp, type FailingApp } from '../support/failing-app.ts';
import { judgeFailures, plain, type Failing } from '../support/failing.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import type { Json } from '../support/world.ts';

/** Ready some seconds after it started, so that there is time to break something between two evictions. */
const LATE = { startupProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1, initialDelaySeconds: 5 } };

describe('a pod that finds no place, or does not go, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;

  beforeAll(async () => {
    stage = await openStage();
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    await failing?.close();
    // A namespace with a pod that is held would never end.
    const held = JSON.parse((await stage?.kubectl('get', 'pods', '-o', 'json')) ?? '{"items":[]}') as Json;
    for (const pod of held.items) await release(pod.metadata.name);
    await stage?.close();
  }, 60_000);

  const start = async (app: string, options: FailingApp = {}): Promise<void> => {
    await stage.push(app);
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), options));
    await stage.ready(app, options.replicas ?? 1);
    await stage.push(app);
  };
  const hold = (pod: string) =>
    stage.kubectl('patch', 'pod', pod, '--type=merge', '-p', '{"metadata":{"finalizers":["repull.test/hold"]}}');
  const release = (pod: string) =>
    stage.kubectl('patch', 'pod', pod, '--type=merge', '-p', '{"metadata":{"finalizers":null}}').catch(() => '');
  const budget = (app: string, name: string, minAvailable: number): Json => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { minAvailable, selector: { matchLabels: { app } } },
  });
  const counts = (name: string) =>
    until(async () => (await stage.object('pdb', name)).status?.expectedPods > 0, {
      what: `${name} counts`,
      withinMs: 60_000,
      everyMs: 250,
    });
  const firstGone = async (app: string): Promise<void> => {
    const before = (await stage.pods(app)).map((pod) => pod.uid);
    await stage.say(`/repull ${app} staging --via evict`);
    await until(async () => (await stage.pods(app)).filter((pod) => before.includes(pod.uid)).length === before.length - 1, {
      what: `the first pod of ${app} goes`,
      withinMs: 60_000,
      everyMs: 250,
    });
  };

  it.concurrent('that no node takes: a minute, then the scheduler’s own words', async () => {
    const app = 'w-nowhere';
    const term = { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    // One on each node: there is no third for the surge.
    await start(app, { replicas: 2, pod: { affinity } });
    await stage.say(`/repull ${app} staging`);
    await failing.shows(app, /w-nowhere-\S+ finds no node yet: 0\/2 nodes are available.* repull waits 1 min/);
    const text = await failing.failed(app);
    failing.inTime(app, failing.reports.of(app, /^FailedScheduling/)[0], 60_000);
    expect(text).toMatch(/No node takes w-nowhere-\S+\./);
    expect(text).toMatch(/0\/2 nodes are available: 2 node\(s\) didn't (?:match|satisfy) (?:existing )?pods? anti-affinity rules/);
    expect(text).toMatch(/Next: Make room \(or add a node\), or relax what the pod asks for/);
  });

  it.concurrent('whose volume cannot be mounted: a minute, then what is missing', async () => {
    const app = 'w-mount';
    await stage.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: app }, stringData: { key: 'value' } });
    await start(app, {
      pod: { volumes: [{ name: 'keys', secret: { secretName: app } }] },
      container: { volumeMounts: [{ name: 'keys', mountPath: '/keys' }] },
    });
    await stage.kubectl('delete', 'secret', app);
    await stage.say(`/repull ${app} staging`);
    await failing.shows(app, /w-mount-\S+ waits for a volume: .*secret "w-mount" not found.* repull waits 1 min/);
    const text = await failing.failed(app);
    failing.inTime(app, failing.reports.of(app, /^FailedMount/)[0], 60_000);
    expect(text).toMatch(/A volume of w-mount-\S+ cannot be mounted\./);
    expect(text).toMatch(/MountVolume\.SetUp failed for volume "keys" : secret "w-mount" not found/);
    expect(text).toMatch(/Next: Create what the volume is made from/);
  });

  it.concurrent('that its disruption budget never lets go: refused, with what works instead', async () => {
    const app = 'w-single';
    await start(app);
    await stage.apply(budget(app, app, 1));
    await counts(app);
    const text = plain(await stage.repull(app, '--via evict'));
    expect(text).toMatch(/^Refused/);
    expect(text).toMatch(/The disruption budget w-single lets no pod go\./);
    expect(text).toMatch(/it wants 1 of 1 pod healthy, so it can never allow an eviction/);
    expect(text).toMatch(/Next: a rolling restart brings the new pod up first .*: \/repull w-single staging/);
  });

  it.concurrent('that two disruption budgets select: refused, and the same when the second one comes in the middle', async () => {
    const app = 'w-twice';
    await start(app, { replicas: 2, container: LATE });
    await stage.apply(budget(app, app, 1));
    await counts(app);
    await firstGone(app);
    await stage.apply(budget(app, `${app}-too`, 1));
    const text = await failing.failed(app);
    expect(text).toMatch(/The disruption budgets over \S*w-twice-\S+ contradict each other\./);
    expect(text).toMatch(/This pod has more than one PodDisruptionBudget, which the eviction subresource does not support/);
    expect(text).toMatch(/Next: Delete all but one of them/);
    const again = plain(await stage.repull(app, '--via evict --force'));
    expect(again).toMatch(/^Refused/);
    expect(again).toMatch(/is selected by 2 disruption budgets/);
  });

  it.concurrent('that a disruption budget holds in the middle: said, waited for, and over when the budget lets go', async () => {
    const app = 'w-guarded';
    await start(app, { replicas: 2, container: LATE });
    await firstGone(app);
    await stage.apply(budget(app, app, 2));
    await failing.shows(app, /waiting: disruption budget w-guarded allows no more evictions now/);
    await failing.shows(
      app,
      /disruption budget w-guarded lets no pod go: it wants 2 healthy pods, and 2 of 2 are\. .* repull waits 10 min/,
    );
    await stage.kubectl('delete', 'pdb', app);
    expect(await failing.shows(app, /^Succeeded/)).not.toMatch(/lets no pod go/);
  });

  it.concurrent('that a finalizer holds after a rolling update: the request succeeds, and says which pod and why', async () => {
    const app = 'w-held';
    await start(app);
    const [old] = await stage.pods(app);
    await hold(old?.name ?? '');
    await stage.say(`/repull ${app} staging`);
    const text = await failing.shows(app, /^(?:Succeeded|Failed)/, 120);
    expect(text).toMatch(/^Succeeded/);
    expect(text).toMatch(
      new RegExp(`${old?.name ?? '-'} is still terminating, and nothing waits for it: held by the finalizer repull\\.test/hold`),
    );
    expect(text).toMatch(/To end it: let its owner take it off; to let the pod go all the same: kubectl -n \S+ patch pod w-held-/);
    expect(stage.thread(app).filter((entry) => /is still terminating: held by the finalizer/.test(entry))).toHaveLength(1);
    await release(old?.name ?? '');
  });

  it.concurrent('that a finalizer holds in a StatefulSet: said, waited for, and over when it is gone', async () => {
    const app = 'w-sts';
    await start(app, { kind: 'StatefulSet' });
    await hold('w-sts-0');
    await stage.say(`/repull ${app} staging`);
    const text = await failing.shows(
      app,
      /w-sts-0 is still terminating: held by the finalizer repull\.test\/hold\. This may pass: repull waits 5 min/,
      60,
    );
    expect(text).toMatch(/^Rolling out/);
    await release('w-sts-0');
    expect(await failing.shows(app, /^(?:Succeeded|Failed)/, 60)).toMatch(/^Succeeded/);
  });
});
