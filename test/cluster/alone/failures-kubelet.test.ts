import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterState, component } from '../../support/component.ts';
import { failingApp } from '../../support/failing-app.ts';
import { judgeFailures, type Failing } from '../../support/failing.ts';
import { openStage, type Stage } from '../../support/stage.ts';
import { until } from '../../support/until.ts';
import type { Json } from '../../support/world.ts';

const SELECTOR = { nodeSelector: { 'repull.test/node': '2' } };

/** `kubelet-2` is started with other limits: it may pull once a second, or wants nearly all of the disk free. */
describe('a kubelet at its limits, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;
  const kubelet = component('kubelet-2');
  const file = join(clusterState(), 'node-2', 'kubelet.yaml');
  const before = readFileSync(file, 'utf8');

  beforeAll(async () => {
    stage = await openStage();
    failing = await judgeFailures(stage);
  }, 120_000);
  const pressure = async (): Promise<string> =>
    (await stage.object('node', 'node-2')).status.conditions.find((one: Json) => one.type === 'DiskPressure')?.status ?? '';
  const configure = async (config: string, status: string): Promise<void> => {
    const began = Date.now();
    writeFileSync(file, config);
    await kubelet.restart();
    const beats = async () => Date.parse((await stage.object('node', 'node-2')).status.conditions[0].lastHeartbeatTime) >= began - 1000;
    await until(async () => (await beats()) && (await pressure()) === status, {
      what: `DiskPressure is ${status}`,
      withinMs: 60_000,
      everyMs: 500,
    });
    await stage.kubectl('wait', '--for=condition=Ready', 'node/node-2', '--timeout=60s');
  };
  afterAll(async () => {
    // Before anything that may fail: the next test file finds the cluster as it was.
    await configure(before, 'False');
    await failing?.close();
    await stage?.close();
  }, 150_000);

  it('that may pull once a second: the pods that it puts off are said, with its limit, and come up all the same', async () => {
    const app = 'q-many';
    await stage.push(app);
    const spec = { strategy: { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } } };
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), { pod: SELECTOR, replicas: 6, spec }));
    await stage.ready(app, 6);
    await stage.push(app);
    await configure(before.replace('registryPullQPS: 0', 'registryPullQPS: 1\nregistryBurst: 1'), 'False');
    await stage.say(`/repull ${app} staging`);
    expect(await failing.shows(app, /cannot fetch its image yet: .*pull QPS exceeded.* repull waits 5 min/)).toMatch(/^Rolling out/);
    expect(await failing.shows(app, /^(?:Succeeded|Failed)/, 120)).toMatch(/^Succeeded/);
  });

  it('that is short of disk takes no new pod: the scheduler’s words after a minute, and what to free', async () => {
    const app = 'd-full';
    await stage.push(app);
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), { pod: SELECTOR }));
    await stage.ready(app, 1);
    await stage.push(app);
    await configure(before.replace('nodefs.available: 1%', 'nodefs.available: 99%'), 'True');
    await stage.say(`/repull ${app} staging`);
    await failing.shows(app, /finds no node yet: 0\/2 nodes are available/);
    const text = await failing.failed(app);
    failing.inTime(app, failing.reports.of(app, /^FailedScheduling/)[0], 60_000);
    expect(text).toMatch(/No node takes d-full-\S+\./);
    expect(text).toMatch(/1 node\(s\) had untolerated taint\(s\)\..*\(node-2 is short of disk\)/);
    expect(text).toMatch(/Next: free disk on the nodes that are short of it \(images, logs, emptyDir volumes\), or add a node/);
    expect(text).toMatch(/To see more: kubectl get nodes -o custom-columns=/);
  });
});
