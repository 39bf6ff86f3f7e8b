import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { component } from '../../support/component.ts';
import { failingApp, type FailingApp } from '../../support/failing-app.ts';
import { judgeFailures, type Failing } from '../../support/failing.ts';
import { openStage, type Stage } from '../../support/stage.ts';
import type { Json } from '../../support/world.ts';

const ON_NODE_2 = { nodeSelector: { 'repull.test/node': '2' } };

/** `kubelet-2` stops answering and comes back: node-monitor-grace-period (50 s) is the better part of this test. */
describe('a node that does not answer, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;
  const kubelet = component('kubelet-2');

  beforeAll(async () => {
    stage = await openStage();
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    kubelet.thaw();
    await stage?.kubectl('wait', '--for=condition=Ready', 'node/node-2', '--timeout=60s');
    await failing?.close();
    await stage?.close();
  }, 120_000);

  const start = async (app: string, options: FailingApp = {}): Promise<void> => {
    await stage.push(app);
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), { pod: ON_NODE_2, ...options }));
    await stage.ready(app, 1);
    await stage.push(app);
  };
  const conditionOf = async (kind: string, name: string, type: string): Promise<Json> =>
    (await stage.object(kind, name)).status.conditions.find((one: Json) => one.type === type);

  it('is named with its pods while it may come back; what it keeps from finishing fails with it as the cause; what may wait succeeds when it is back', async () => {
    // The scheduler does not know yet, and puts new pods there.
    await Promise.all([
      start('n-back'),
      start('n-gone', { spec: { progressDeadlineSeconds: 80 } }),
      start('n-db', { kind: 'StatefulSet' }),
      start('n-agent', { kind: 'DaemonSet' }),
    ]);
    kubelet.freeze();
    for (const app of ['n-back', 'n-gone', 'n-db', 'n-agent']) await stage.say(`/repull ${app} staging`);

    const meanwhile = await failing.shows('n-back', /is on a node that does not answer/, 100);
    const knew = Date.parse((await conditionOf('node', 'node-2', 'Ready')).lastTransitionTime);
    expect(Date.now() - knew, 'how late it was said').toBeLessThan(30_000);
    expect(meanwhile).toMatch(/^Rolling out/);
    expect(meanwhile).toMatch(
      /n-back-\S+(?: \(and 1 more\))? is on a node that does not answer: node node-2 is not ready: Kubelet stopped posting node status\. This may pass: repull waits 6 min/,
    );
    expect(meanwhile).toMatch(/1 failed \(node node-2 is not ready\)/);
    // The old pods of these were told to go, and nobody is there to end them.
    expect(await failing.shows('n-db', /n-db-0 is on a node that does not answer: node node-2 is not ready/, 60)).toMatch(/^Rolling out/);

    expect(await failing.shows('n-agent', /n-agent-\S+ is on a node that does not answer: node node-2 is not ready/, 60)).toMatch(
      /^Rolling out/,
    );

    const text = await failing.failed('n-gone');
    failing.inTime('n-gone', Math.max(Date.parse((await conditionOf('deployment', 'n-gone', 'Progressing')).lastTransitionTime), knew));
    expect(text).toMatch(/The node of n-gone-\S+ does not answer\./);
    expect(text).toMatch(
      /node node-2 is not ready: Kubelet stopped posting node status\.; ReplicaSet "n-gone-\S+" has timed out progressing/,
    );
    expect(text).toMatch(
      /Next: bring node-2 back \(its kubelet, its network, its power\); if it is off for good: kubectl delete node node-2/,
    );
    expect(text).toMatch(/To see more: kubectl describe node node-2/);

    kubelet.thaw();
    for (const app of ['n-back', 'n-db', 'n-agent']) expect(await failing.shows(app, /^(?:Succeeded|Failed)/, 90)).toMatch(/^Succeeded/);
    expect(stage.thread('n-back').filter((entry) => /does not answer/.test(entry))).toHaveLength(1);
  });
});
