import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningDigest } from '../../../src/domain/image.ts';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import { aBudget, aDaemonSet, aDeployment, aStatefulSet, type KubeSubject } from './subject.ts';
import { failure, look, lookUntil, onlyPod, refTo, settled, value } from './steps.ts';

export function readCases(given: () => KubeSubject): void {
  describe('a snapshot', () => {
    let cluster: KubeCluster;
    beforeAll(() => {
      cluster = given().connect();
    });
    afterAll(async () => {
      await given().clear();
      await cluster.close();
    });

    it('of a Deployment shows its pods with the digests they run, how they were pulled, and its revision', async () => {
      const { namespace, push, apply } = given();
      const image = await push('seen-deployment');
      await apply(aDeployment('seen', { image: image.ref, policy: 'Always', replicas: 2 }));
      const ref = refTo('Deployment', namespace, 'seen');
      const view = await lookAfterPulls(cluster, ref, 2);
      const [revision] = view.revisions;
      expect(view.workload).toMatchObject({ replicas: 2, paused: false, status: { updated: 2, ready: 2, available: 2 } });
      expect(view.workload.containers).toEqual([{ name: 'app', role: 'container', image: image.ref, pullPolicy: 'Always' }]);
      expect(view.workload.strategy).toEqual({ type: 'RollingUpdate', maxSurge: '25%', maxUnavailable: '25%' });
      expect(view.pods.map(({ revision: hash }) => hash)).toEqual([revision?.hash, revision?.hash]);
      expect(view.pods.map(({ containers }) => runningDigest(containers[0]?.imageId ?? '')?.digest)).toEqual([image.digest, image.digest]);
      expect(view.pods.every(({ containers }) => containers[0]?.state?.is === 'running')).toBe(true);
      expect(revision).toMatchObject({ number: 1, images: { app: image.ref } });
      for (const { uid } of view.pods) {
        const pulled = view.events.find(({ objectUid, reason }) => objectUid === uid && reason === 'Pulled');
        expect(pulled).toMatchObject({ container: 'app', type: 'Normal', source: 'kubelet', count: 1 });
        expect(pulled?.message).toMatch(/^Successfully pulled image ".+" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/);
      }
    });

    it('names the nodes that its pods run on, and carries the clock of the API server', async () => {
      const { namespace } = given();
      const snapshot = value(await cluster.snapshot([refTo('Deployment', namespace, 'seen')]));
      const used = new Set(snapshot.workloads.flatMap(({ pods }) => pods.map(({ node }) => node)));
      expect(new Set(snapshot.nodes.map(({ name }) => name))).toEqual(used);
      expect(snapshot.nodes[0]).toMatchObject({ os: 'linux', ready: true, unschedulable: false });
      const newest = Math.max(...snapshot.workloads.flatMap(({ pods }) => pods.map(({ createdAt }) => createdAt)));
      expect(snapshot.at).toBeGreaterThanOrEqual(newest);
      expect(Math.abs(snapshot.at - Date.now())).toBeLessThan(5000);
    });

    it('of a StatefulSet knows ordinals, and that the pods carry the name of its update revision', async () => {
      const { namespace, push, apply } = given();
      const image = await push('seen-stateful');
      await apply(aStatefulSet('seen-sts', { image: image.ref, replicas: 2 }));
      const view = await settled(cluster, refTo('StatefulSet', namespace, 'seen-sts'));
      expect(new Set(view.pods.map(({ ordinal }) => ordinal))).toEqual(new Set([0, 1]));
      expect(view.workload.status.updateRevision).toBe(view.revisions[0]?.hash);
      expect(view.pods.every(({ revision }) => revision === view.revisions[0]?.hash)).toBe(true);
      expect(view.workload).toMatchObject({ podManagement: 'OrderedReady', strategy: { type: 'RollingUpdate', partition: 0 } });
    });

    it('of a DaemonSet counts nodes, and knows its newest revision though the status does not name it', async () => {
      const { namespace, push, apply } = given();
      const image = await push('seen-daemon');
      await apply(aDaemonSet('seen-ds', { image: image.ref }));
      const view = await settled(cluster, refTo('DaemonSet', namespace, 'seen-ds'));
      expect(view.workload.replicas).toBe(view.pods.length);
      expect(view.workload.status.updateRevision).toBe(view.revisions[0]?.hash);
      expect(view.pods.every(({ revision }) => revision === view.revisions[0]?.hash)).toBe(true);
    });

    it('shows init containers and sidecars with the digest each of them runs', async () => {
      const { namespace, push, apply } = given();
      const image = await push('seen-sidecar');
      const init = [{ name: 'proxy', image: image.ref, policy: 'Always' as const, sidecar: true }];
      await apply(aDeployment('with-sidecar', { image: image.ref, init }));
      const view = await settled(cluster, refTo('Deployment', namespace, 'with-sidecar'));
      expect(view.workload.containers.map(({ name, role, pullPolicy }) => [name, role, pullPolicy])).toEqual([
        ['proxy', 'sidecar', 'Always'],
        ['app', 'container', 'IfNotPresent'],
      ]);
      const seen = onlyPod(view).containers.map(({ name, imageId }) => [name, runningDigest(imageId ?? '')?.digest]);
      expect(seen).toEqual([
        ['proxy', image.digest],
        ['app', image.digest],
      ]);
    });

    it('shows budgets and autoscalers that concern the workload, and no others', async () => {
      const { namespace, push, apply } = given();
      const image = await push('budgeted');
      await apply(aDeployment('budgeted', { image: image.ref }));
      await apply(aBudget('for-budgeted', 'budgeted', 1));
      await apply(aBudget('for-others', 'others', 1));
      await apply({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'scales-budgeted' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'budgeted' }, maxReplicas: 3 },
      });
      const view = await lookUntil(cluster, refTo('Deployment', namespace, 'budgeted'), 'the budget counts the pod', ({ budgets }) =>
        budgets.some(({ currentHealthy }) => currentHealthy === 1),
      );
      const pod = onlyPod(view);
      expect(view.budgets).toEqual([
        { name: 'for-budgeted', allowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, pods: [pod.name] },
      ]);
      expect(view.autoscaler).toEqual({ name: 'scales-budgeted', min: 1, max: 3 });
      expect(view.workload.owners).toEqual([expect.objectContaining({ by: 'hpa', name: 'scales-budgeted' })]);
    });

    it('of a workload that is not there is a failure, not an exception', async () => {
      const { namespace } = given();
      const gone = failure(await cluster.snapshot([refTo('Deployment', namespace, 'nobody')]));
      expect(gone).toMatchObject({ code: 'workload-gone', subject: `deployment/${namespace}/nobody` });
    });
  });

  describe('finding an app', () => {
    let cluster: KubeCluster;
    const find = async (app: string, rest: { workloads?: string[]; workload?: string } = {}) =>
      await cluster.find({ app, namespaces: [given().namespace], workloads: [], ...rest });

    beforeAll(async () => {
      const { push, apply, connect } = given();
      cluster = connect();
      const { ref: image } = await push('found');
      await apply(aDeployment('checkout', { image, labels: { 'app.kubernetes.io/name': 'shop-checkout' } }));
      await apply(aDeployment('twice-a', { image, labels: { app: 'twice' } }));
      await apply(aStatefulSet('twice-b', { image, labels: { app: 'twice' } }));
    });
    afterAll(async () => {
      await given().clear();
      await cluster.close();
    });

    it('by its name, or by a well-known label', async () => {
      const expected = [refTo('Deployment', given().namespace, 'checkout')];
      expect(value(await find('checkout'))).toEqual(expected);
      expect(value(await find('shop-checkout'))).toEqual(expected);
    });

    it('lists several hits instead of guessing', async () => {
      const { namespace } = given();
      const ambiguous = failure(await find('twice'));
      expect(ambiguous).toMatchObject({
        code: 'ambiguous-workload',
        remedy: expect.stringMatching(/^--workload (deployment|statefulset)\/twice-/),
      });
      expect(ambiguous.evidence).toContain(`deployment/${namespace}/twice-a`);
      expect(ambiguous.evidence).toContain(`statefulset/${namespace}/twice-b`);
      expect(value(await find('twice', { workload: 'sts/twice-b' }))).toEqual([refTo('StatefulSet', namespace, 'twice-b')]);
    });

    it('names what is close to a name that is not there', async () => {
      expect(failure(await find('chekout'))).toMatchObject({ code: 'unknown-workload', remedy: 'checkout' });
    });

    it('takes the workloads that the policy file lists', async () => {
      const { namespace } = given();
      const found = value(await find('twice', { workloads: ['deployment/twice-a', 'sts/twice-b'] }));
      expect(found).toEqual([refTo('Deployment', namespace, 'twice-a'), refTo('StatefulSet', namespace, 'twice-b')]);
      expect(failure(await find('twice', { workloads: ['deployment/twice-c'] }))).toMatchObject({
        code: 'unknown-workload',
        subject: 'deployment/twice-c',
      });
    });
  });

  describe('the last words of a crashed container', () => {
    it('are its last log lines', async () => {
      const { namespace, push, apply, connect } = given();
      const cluster = connect();
      const image = await push('crashing', { crash: true });
      await apply(aDeployment('crashing', { image: image.ref }));
      const ref = refTo('Deployment', namespace, 'crashing');
      const view = await lookUntil(cluster, ref, 'the container crashed', ({ pods }) => (pods[0]?.containers[0]?.restartCount ?? 0) > 0);
      const pod = onlyPod(view);
      expect(pod.containers[0]?.lastState).toMatchObject({ is: 'terminated', exitCode: 1 });
      expect(await cluster.lastLogs(pod, 'app')).toEqual([expect.stringContaining('asked to crash')]);
      expect(await cluster.lastLogs({ namespace, name: 'nobody' }, 'app')).toBeUndefined();
      await cluster.close();
    });
  });
}

/** Events come a moment after what they tell. */
async function lookAfterPulls(cluster: KubeCluster, ref: ReturnType<typeof refTo>, pods: number) {
  await settled(cluster, ref);
  await lookUntil(
    cluster,
    ref,
    'every pull has its event',
    ({ events }) => events.filter(({ reason }) => reason === 'Pulled').length >= pods,
  );
  return await look(cluster, ref);
}
