import { afterAll, describe, expect, it } from 'vitest';
import { BackendAway } from '../../../src/app/ports.ts';
import { connectCluster } from '../../../src/kube/kube-cluster.ts';
import { until } from '../../support/until.ts';
import { aDeployment, type KubeSubject } from './subject.ts';
import { aPatch, lookUntil, refTo, settled } from './steps.ts';

export function watchCases(given: () => KubeSubject): void {
  describe('watching', () => {
    afterAll(async () => await given().clear());

    it('wakes once when it stands, then for what concerns these workloads, and not after it was stopped', async () => {
      const { namespace, push, apply, connect } = given();
      const cluster = connect();
      const { ref: image } = await push('watched');
      await apply(aDeployment('watched', { image }));
      const ref = refTo('Deployment', namespace, 'watched');
      const view = await settled(cluster, ref);
      let wakes = 0;
      const stop = cluster.watch([ref], () => {
        wakes += 1;
      });
      await until(() => wakes > 0, { what: 'the watch stands' });
      await quiet(() => wakes);
      const before = wakes;
      const since = performance.now();
      await cluster.patch(aPatch(view), 'r-1');
      await until(() => wakes > before, { what: 'it wakes for the patch' });
      await lookUntil(
        cluster,
        ref,
        'the new pod is ready',
        (seen) => seen.revisions[0]?.stamp === 'r-1' && seen.workload.status.ready === 1,
      );
      const woken = wakes - before;
      // One rollout has dozens of changes; it wakes at most five times a second.
      expect(woken).toBeLessThanOrEqual((performance.now() - since) / 200 + 1);
      await settled(cluster, ref);
      await quiet(() => wakes);
      stop();
      const last = wakes;
      await apply(aDeployment('watched', { image, labels: { changed: 'yes' } }));
      const other = connect();
      let seen = 0;
      const stopOther = other.watch([ref], () => {
        seen += 1;
      });
      await until(() => seen > 0, { what: 'another watch saw it' });
      expect(wakes).toBe(last);
      stopOther();
      await other.close();
      await cluster.close();
    });

    it('is not woken by a neighbour', async () => {
      const { namespace, push, apply, connect } = given();
      const cluster = connect();
      const { ref: image } = await push('neighbours');
      await apply(aDeployment('left', { image }));
      await apply(aDeployment('right', { image }));
      const [left, right] = [refTo('Deployment', namespace, 'left'), refTo('Deployment', namespace, 'right')];
      await settled(cluster, left);
      const view = await settled(cluster, right);
      let leftWakes = 0;
      let rightWakes = 0;
      cluster.watch([left], () => {
        leftWakes += 1;
      });
      cluster.watch([right], () => {
        rightWakes += 1;
      });
      await until(() => leftWakes > 0 && rightWakes > 0, { what: 'both watches stand' });
      await quiet(() => leftWakes + rightWakes);
      const before = leftWakes;
      const beforeRight = rightWakes;
      await cluster.patch(aPatch(view), 'r-1');
      await settled(cluster, right);
      expect(rightWakes).toBeGreaterThan(beforeRight);
      expect(leftWakes).toBe(before);
      await cluster.close();
    });
  });

  describe('an API server that is away', () => {
    const nowhere = () =>
      connectCluster({
        name: 'away',
        kubeconfigText: JSON.stringify({
          clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
          users: [{ name: 'u', user: { token: 'x' } }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
          'current-context': 'x',
        }),
      });

    it('is not ready, and every call throws BackendAway: the outcome is unknown', async () => {
      const cluster = nowhere();
      const ref = refTo('Deployment', 'shop', 'api');
      expect(await cluster.ready()).toBe(false);
      await expect(cluster.snapshot([ref])).rejects.toBeInstanceOf(BackendAway);
      await expect(cluster.find({ app: 'api', namespaces: ['shop'], workloads: [] })).rejects.toBeInstanceOf(BackendAway);
      await expect(cluster.evict({ namespace: 'shop', name: 'api-1', uid: 'x' }, { forceDelete: false })).rejects.toBeInstanceOf(
        BackendAway,
      );
      await cluster.close();
    });

    it('is ready when it answers', async () => {
      const cluster = given().connect();
      expect(await cluster.ready()).toBe(true);
      await cluster.close();
    });
  });
}

/** Resolves when the number has not changed for half a second. */
async function quiet(read: () => number): Promise<void> {
  let last = read();
  let since = performance.now();
  await until(
    () => {
      if (read() !== last) {
        last = read();
        since = performance.now();
      }
      return performance.now() - since > 500;
    },
    { what: 'it becomes quiet', withinMs: 20_000, everyMs: 20 },
  );
}
