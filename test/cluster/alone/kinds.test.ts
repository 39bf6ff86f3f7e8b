import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../../support/stage.ts';
import { until } from '../../support/until.ts';
import { appManifest } from '../../support/world.ts';

describe('what takes the whole cluster', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    await stage?.kubectl('uncordon', 'node-1', 'node-2');
    await stage?.close();
  }, 60_000);

  it('a DaemonSet on a cordoned node is replaced there too: its pods tolerate it', async () => {
    await stage.start('everywhere', { kind: 'DaemonSet' });
    const fresh = await stage.push('everywhere');
    await stage.kubectl('cordon', 'node-2');
    const text = await stage.repull('everywhere');
    await stage.kubectl('uncordon', 'node-2');
    expect(text).toMatch(/^# Succeeded/);
    expect(await stage.digests('everywhere')).toEqual([fresh.digest]);
    await until(async () => (await stage.pods('everywhere')).length === 2, { what: 'two pods', withinMs: 10_000 });
    await stage.kubectl('delete', 'daemonset', 'everywhere', '--wait=false');
  });

  it('a DaemonSet that does not tolerate the taint of a node has no pod there, and none is waited for', async () => {
    await stage.kubectl('taint', 'node', 'node-2', 'repull.test/no=way:NoSchedule');
    try {
      const image = (await stage.push('shy')).ref;
      await stage.apply(appManifest(stage.namespace, 'shy', { kind: 'DaemonSet', image, pullPolicy: 'Always' }));
      await stage.ready('shy', 1);
      const fresh = await stage.push('shy');
      const text = await stage.repull('shy');
      expect(text).toMatch(/^# Succeeded/);
      expect(text).toMatch(/pulled new.*1 pod$/m);
      expect(await stage.digests('shy')).toEqual([fresh.digest]);
    } finally {
      await stage.kubectl('taint', 'node', 'node-2', 'repull.test/no-');
      await stage.kubectl('delete', 'daemonset', 'shy', '--ignore-not-found', '--wait=false');
    }
  });

  it('a hundred pods in one request: counted whole, one card, each pod proven', async () => {
    // A shared CI machine has better to do than to start two hundred programs.
    const replicas = process.env['CI'] === 'true' ? 50 : 100;
    await stage.push('crowd');
    const image = stage.image('crowd');
    // Without a probe: a hundred programs that are started to ask are what takes the time here.
    await stage.apply(
      appManifest(stage.namespace, 'crowd', {
        image,
        pullPolicy: 'Always',
        replicas,
        container: { startupProbe: null },
        spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } } },
      }),
    );
    await stage.ready('crowd', replicas, 170);
    const fresh = await stage.push('crowd');
    const text = await stage.repull('crowd', '', 170);
    expect(text).toMatch(/^# Succeeded/);
    expect(text).toMatch(new RegExp(`pulled new.*${replicas} pods`));
    expect(await stage.digests('crowd')).toEqual([fresh.digest]);
    expect(stage.thread('crowd').join('\n')).toMatch(/and \d+ more/);
  }, 400_000);
});
