import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import { aBudget, aDeployment, type KubeSubject } from './subject.ts';
import { failure, lookUntil, onlyPod, refTo, settled } from './steps.ts';

export function evictCases(given: () => KubeSubject): void {
  describe('evicting a pod', () => {
    let cluster: KubeCluster;
    let image: string;
    beforeAll(async () => {
      cluster = given().connect();
      image = (await given().push('evicted')).ref;
    });
    afterAll(async () => {
      await given().clear();
      await cluster.close();
    });

    const running = async (name: string, budgets = 0) => {
      const { namespace, apply } = given();
      await apply(aDeployment(name, { image }));
      for (let index = 0; index < budgets; index++) await apply(aBudget(`${name}-${index}`, name, 1));
      const ref = refTo('Deployment', namespace, name);
      await settled(cluster, ref);
      // Where two select the same pod, the disruption controller keeps only one of them up to date.
      const view = await lookUntil(
        cluster,
        ref,
        'a budget counts the pod',
        (seen) => seen.budgets.length === budgets && (budgets === 0 || seen.budgets.some((one) => one.currentHealthy === 1)),
      );
      return { ref, pod: onlyPod(view) };
    };
    const gently = { forceDelete: false };

    it('makes it go, and its replacement comes', async () => {
      const { ref, pod } = await running('evictable');
      expect(await cluster.evict(pod, gently)).toEqual({ ok: true, gone: false });
      await lookUntil(cluster, ref, 'the pod is gone', ({ pods }) => pods.every(({ uid }) => uid !== pod.uid));
      expect(await cluster.evict(pod, gently)).toEqual({ ok: true, gone: true });
      expect(onlyPod(await settled(cluster, ref)).uid).not.toBe(pod.uid);
    });

    it('never takes another pod that has its name now', async () => {
      const { ref, pod } = await running('namesake');
      const former = { ...pod, uid: '00000000-0000-4000-8000-000000000000' };
      expect(await cluster.evict(former, gently)).toEqual({ ok: true, gone: true });
      expect(await cluster.deletePod(former)).toMatchObject({ ok: true, already: true });
      expect(onlyPod(await settled(cluster, ref))).toMatchObject({ uid: pod.uid, deleting: false });
    });

    it('waits for a disruption budget, and names it', async () => {
      const { ref, pod } = await running('guarded', 1);
      const blocked = await cluster.evict(pod, gently);
      expect(blocked).toMatchObject({
        ok: false,
        blocked: 'guarded-0',
        detail: expect.stringContaining('needs 1 healthy pods and has 1 currently'),
      });
      expect(onlyPod(await settled(cluster, ref))).toMatchObject({ uid: pod.uid, deleting: false });
    });

    it('is a plain delete past the budget only where that is asked for', async () => {
      const { ref, pod } = await running('forced', 1);
      expect(await cluster.evict(pod, { forceDelete: true })).toEqual({ ok: true, gone: false });
      await lookUntil(cluster, ref, 'the pod is gone', ({ pods }) => pods.every(({ uid }) => uid !== pod.uid));
    });

    it('under two budgets is a misconfiguration, which waiting does not cure', async () => {
      const { pod } = await running('twice-guarded', 2);
      const refused = failure(await cluster.evict(pod, gently));
      expect(refused).toMatchObject({
        code: 'budget-misconfigured',
        evidence: expect.stringContaining('more than one PodDisruptionBudget'),
      });
    });
  });
}
