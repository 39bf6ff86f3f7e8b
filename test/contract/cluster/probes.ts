import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, said } from './world.ts';

/** What startup and liveness probes do to a container, and what is said about it. */
export function probeContract(world: () => World): void {
  describe('a container with a probe', () => {
    beforeAll(async () => {
      const w = world();
      await w.client.cluster.push(w.image('probed'));
      const start = async (name: string, env: Json, probes: Json) => {
        const one = { ...container(w.image('probed'), { probe: false, env: [env] }), ...probes };
        await w.create('pods', {
          metadata: { name, labels: { app: name } },
          spec: { terminationGracePeriodSeconds: 1, containers: [one] },
        });
      };
      const probe = (failureThreshold = 2) => ({ exec: { command: ['/app', 'ready'] }, periodSeconds: 1, failureThreshold });
      const unready = { name: 'MODE', value: 'unready' };
      await start('unstarted', unready, { startupProbe: probe() });
      await start('unlive', unready, { livenessProbe: probe() });
      await start('late', { name: 'READY_AFTER', value: '3s' }, { startupProbe: probe(60), readinessProbe: probe() });
    });

    test.each([
      ['unstarted', 'startup', 'Startup'],
      ['unlive', 'liveness', 'Liveness'],
    ])('that fails (%s, %s): ended by its kubelet, which says so, and started again', async (name, kind, word) => {
      const w = world();
      const pod = await w.until('pods', name, (object) => object.status.containerStatuses?.[0]?.restartCount >= 2, 120);
      const [status] = pod.status.containerStatuses;
      expect(status.lastState.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
      const events = await w.events(pod.metadata.uid);
      expect(said(events)).toContain(`Killing: Container app failed ${kind} probe, will be restarted`);
      const unhealthy = events.find((event) => event.reason === 'Unhealthy');
      expect(unhealthy).toMatchObject({ type: 'Warning', involvedObject: { fieldPath: 'spec.containers{app}' } });
      expect(unhealthy.message).toBe(`${word} probe failed: `);
      expect(unhealthy.count).toBeGreaterThanOrEqual(2);
    });

    test('of startup is not ready before that has succeeded, and no readiness probe is asked until then', async () => {
      const w = world();
      const seen: Json[] = [];
      for await (const { object } of w.client.watch(w.path('pods', '', '?watch=true&fieldSelector=metadata.name%3Dlate'))) {
        const [status] = object.status.containerStatuses ?? [];
        if (status?.state.running === undefined) continue;
        seen.push({ started: status.started, ready: status.ready });
        if (status.ready) break;
      }
      expect(seen.at(-1)).toEqual({ started: true, ready: true });
      expect(seen).not.toContainEqual({ started: false, ready: true });
      const pod = await w.get('pods', 'late');
      expect(said(await w.events(pod.metadata.uid)).filter((text) => text.startsWith('Unhealthy: Readiness'))).toEqual([]);
    });
  });
}
