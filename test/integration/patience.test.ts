import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEV } from '../support/line.ts';
import { until } from '../support/until.ts';
import { create, pathOf, podsOf } from '../support/world.ts';

const MINUTE = 60_000;

/** What may pass gets minutes. The API server's clock is the one that counts them, and the simulated one can be put forward. */
describe('what may pass', () => {
  let stage: Stage;
  beforeAll(async () => {
    const apps = 'apps:\n  throttled: { workloads: [deployment/throttled] }\n  held: { workloads: [statefulset/held] }\n';
    stage = await openStage({ policyOf: (policy) => policy.replace('apps:\n', apps) });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  const cluster = () => stage.world.simulated?.cluster ?? never();
  const merge = 'application/merge-patch+json';

  it('is said from the beginning, ends nothing before its time, and fails with its cause after it', async () => {
    // Its second pod comes only when the first is ready: by then the registry counts.
    await stage.deploy('throttled', { pullPolicy: 'Always', env: { READY_AFTER: '10s' } });
    await stage.deploy('held', { pullPolicy: 'Always', kind: 'StatefulSet', replicas: 1 });
    await stage.deploy('guarded', { pullPolicy: 'Always', env: { READY_AFTER: '10s' } });
    // One on each node.
    await stage.deploy('db', { pullPolicy: 'Always', kind: 'StatefulSet' });
    for (const app of ['throttled', 'held', 'guarded', 'db']) await stage.push(app);

    // A finalizer that nobody takes off, a budget that never allows, a registry that counts, and a node that dies.
    const [pod] = await podsOf(stage.world, stage.namespace, 'held');
    await stage.world.request(
      'PATCH',
      pathOf('Pod', stage.namespace, pod?.name),
      { metadata: { finalizers: ['repull.test/hold'] } },
      merge,
    );
    await stage.say(DEV, '/repull held staging');
    const before = (await podsOf(stage.world, stage.namespace, 'guarded')).map(({ uid }) => uid);
    await stage.say(DEV, '/repull guarded staging --via evict');
    const left = async () => (await stage.pods('guarded')).filter(({ uid, deleting }) => before.includes(uid) && !deleting).length;
    await until(async () => (await left()) < 2, { what: 'the first eviction', withinMs: 20_000 });
    await create(stage.world, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'guarded', namespace: stage.namespace },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'guarded' } } },
    } as never);
    await stage.say(DEV, '/repull throttled staging');
    await until(async () => (await stage.generation('throttled')) === 2, { what: 'the patch', withinMs: 20_000 });
    stage.world.simulated?.registry.faults.answer(429, { times: Infinity });
    await stage.untilCard('throttled', /cannot fetch its image yet: [\s\S]*429 Too Many Requests[\s\S]*repull waits 5 min/);
    cluster().faults.skipTime(MINUTE);
    await stage.untilCard(
      'held',
      /held-0 is still terminating: held by the finalizer repull\.test\/hold\. This may pass: repull waits 5 min/,
    );
    await stage.untilCard('guarded', /disruption budget guarded lets no pod go: it wants 2 healthy pods[\s\S]*repull waits 10 min/);

    cluster().faults.skipTime(3.5 * MINUTE);
    for (const app of ['throttled', 'held', 'guarded']) await stage.untilCard(app, /^Rolling out/);

    cluster().faults.skipTime(1.5 * MINUTE);
    const pull = (await stage.untilCard('throttled', /^Failed/)).text;
    expect(pull).toMatch(/The image of throttled-\S+\/app could not be fetched/);
    expect(pull).toMatch(
      /Next: the registry counts the pulls of your nodes: wait for its limit to reset, pull with credentials, or from a mirror/,
    );
    const held = (await stage.untilCard('held', /^Failed/)).text;
    expect(held).toMatch(/The pod held-0 does not end\./);
    expect(held).toMatch(/held by the finalizer repull\.test\/hold/);
    expect(held).toMatch(/Next: let its owner take it off; to let the pod go all the same: kubectl -n \S+ patch pod held-0/);
    await stage.untilCard('guarded', /^Rolling out/);

    cluster().faults.skipTime(5 * MINUTE);
    const guarded = (await stage.untilCard('guarded', /^Failed/)).text;
    expect(guarded).toMatch(/The disruption budget guarded lets no pod go\./);
    expect(guarded).toMatch(/it allowed no eviction for 1\d minutes: it wants 2 healthy pods, and 2 of 2 are/);
  });

  it('a node that died: six minutes, which is one more than Kubernetes itself waits', async () => {
    stage.world.simulated?.registry.faults.clear();
    cluster().faults.stopKubelet('node-2');
    await stage.say(DEV, '/repull db staging');
    await stage.untilCard('db', /is on a node that does not answer: node node-2 is not ready: Kubelet stopped posting node status/);
    cluster().faults.skipTime(5.5 * MINUTE);
    await stage.untilCard('db', /^Rolling out/);
    cluster().faults.skipTime(MINUTE);
    const text = (await stage.untilCard('db', /^Failed/)).text;
    expect(text).toMatch(/The node of db-\d does not answer\./);
    expect(text).toMatch(/Next: bring node-2 back/);
  });
});

function never(): never {
  throw new Error('the stage stands on the simulation');
}
