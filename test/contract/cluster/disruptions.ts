import { describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import { MERGE } from './client.ts';
import type { World } from './world.ts';
import { container, said, template, workload } from './world.ts';

/** Evictions, budgets, deletions, quotas. */
export function disruptionContract(world: () => World): void {
  const evict = async (name: string, options: Json = {}) => {
    const w = world();
    return await w.client.ask('POST', w.path('pods', name, '/eviction'), {
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: w.namespace }, ...options },
    });
  };
  const budget = (name: string, minAvailable: number) => ({
    metadata: { name },
    spec: { minAvailable, selector: { matchLabels: { app: 'guarded' } } },
  });
  const allowed = async (count: number) =>
    await world().until(
      'poddisruptionbudgets',
      'guarded',
      ({ metadata, status }) => status.observedGeneration === metadata.generation && status.disruptionsAllowed === count,
    );

  describe('an eviction', () => {
    test('removes a pod, and the controller makes another', async () => {
      const w = world();
      const image = w.image('guarded');
      await w.client.cluster.push(image);
      await w.create('deployments', workload('guarded', template('guarded', [container(image)]), { replicas: 3 }));
      await w.rolledOut('guarded');
      const [victim] = await w.pods('guarded');
      const answer = await evict(victim.metadata.name, { deleteOptions: { preconditions: { uid: victim.metadata.uid } } });
      expect(answer.status).toBe(201);
      expect(answer.json).toMatchObject({ kind: 'Status', status: 'Success' });
      const gone = await w.client.until(
        w.path('pods', victim.metadata.name),
        (object) => object.code === 404 || object.metadata?.deletionTimestamp,
      );
      expect(gone).toBeTruthy();
      await w.rolledOut('guarded');
      expect((await w.pods('guarded')).map((pod) => pod.metadata.uid)).not.toContain(victim.metadata.uid);
    });

    test('of a pod that is not the one meant is a conflict', async () => {
      const w = world();
      const [pod] = await w.pods('guarded');
      const answer = await evict(pod.metadata.name, { deleteOptions: { preconditions: { uid: 'another' } } });
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({ reason: 'Conflict' });
      expect(answer.json.message).toBe(
        `Operation cannot be fulfilled on Pod "${pod.metadata.name}": the UID in the precondition (another) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`,
      );
    });

    test('of a pod that is gone is 404', async () => {
      const answer = await evict('guarded-nobody');
      expect(answer.status).toBe(404);
      expect(answer.json.message).toBe('pods "guarded-nobody" not found');
    });

    test('passes while the budget allows one, and the budget counts it', async () => {
      const w = world();
      await w.create('poddisruptionbudgets', budget('guarded', 2));
      // A pod that still ends counts as expected, so the one that went before is waited for.
      const { status } = await w.until(
        'poddisruptionbudgets',
        'guarded',
        (one) => one.status?.disruptionsAllowed === 1 && one.status.expectedPods === 3,
      );
      expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1 });
      expect(status.conditions.find((one: Json) => one.type === 'DisruptionAllowed')).toMatchObject({
        status: 'True',
        reason: 'SufficientPods',
      });
      const [first, second] = await w.pods('guarded');
      // Both at once: a moment later the first one's successor may be ready, and the budget allow one again. The API server itself takes the first from
      // the budget, so the other is refused whatever the controller does.
      const answers = await Promise.all([evict(first.metadata.name), evict(second.metadata.name)]);
      expect(answers.map(({ status: code }) => code).toSorted((a, b) => a - b)).toEqual([201, 429]);
      await w.rolledOut('guarded');
      await allowed(1);
    });

    test('is refused by a budget with 429 and the cause by which it can be told from an overloaded server', async () => {
      const w = world();
      await w.patch('poddisruptionbudgets', 'guarded', { spec: { minAvailable: 3 } }, MERGE);
      const { status } = await allowed(0);
      expect(status.conditions.find((one: Json) => one.type === 'DisruptionAllowed')).toMatchObject({
        status: 'False',
        reason: 'InsufficientPods',
      });
      const [pod] = await w.pods('guarded');
      const answer = await evict(pod.metadata.name);
      expect(answer.status).toBe(429);
      expect(answer.json).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        reason: 'TooManyRequests',
        details: {
          causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget guarded needs 3 healthy pods and has 3 currently' }],
        },
        code: 429,
      });
    });

    test('under two budgets is a mistake of the cluster: 500', async () => {
      const w = world();
      await w.create('poddisruptionbudgets', budget('second', 1));
      const [pod] = await w.pods('guarded');
      const answer = await evict(pod.metadata.name);
      expect(answer.status).toBe(500);
      expect(answer.json.message).toBe('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
      await w.client.do('DELETE', w.path('poddisruptionbudgets', 'second'));
    });

    test('does not bind a plain delete', async () => {
      const w = world();
      const [pod] = await w.pods('guarded');
      const deleted = await w.client.do('DELETE', w.path('pods', pod.metadata.name), {
        body: { preconditions: { uid: pod.metadata.uid } },
      });
      expect(deleted.metadata).toMatchObject({ name: pod.metadata.name, deletionGracePeriodSeconds: 1 });
      expect(Date.parse(deleted.metadata.deletionTimestamp)).toBeGreaterThan(0);
      await w.client.until(w.path('pods', pod.metadata.name), (object) => object.code === 404);
      expect(said(await w.events(pod.metadata.uid))).toContain('Killing: Stopping container app');
      await w.rolledOut('guarded');
    });
  });

  describe('deleting a workload', () => {
    test('takes its ReplicaSets and pods with it', async () => {
      const w = world();
      const answer = await w.client.do('DELETE', w.path('deployments', 'guarded'));
      expect(answer).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'guarded', group: 'apps', kind: 'deployments' } });
      await w.client.until(w.path('replicasets', '', '?labelSelector=app%3Dguarded'), (list) => list.items.length === 0);
      await w.client.until(w.path('pods', '', '?labelSelector=app%3Dguarded'), (list) => list.items.length === 0);
      await w.client.do('DELETE', w.path('poddisruptionbudgets', 'guarded'));
    });
  });

  describe('a quota', () => {
    test('stops a rollout with FailedCreate, on the ReplicaSet and on the Deployment', async () => {
      const w = world();
      const namespace = `${w.namespace}-quota`;
      await w.addNamespace(namespace);
      const base = `/apis/apps/v1/namespaces/${namespace}`;
      await w.client.do('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, {
        body: { metadata: { name: 'few' }, spec: { hard: { pods: '1' } } },
      });
      await w.client.until(
        `/api/v1/namespaces/${namespace}/resourcequotas/few`,
        ({ status }) => status.hard?.pods === '1' && status.used?.pods === '0',
      );
      const body = workload('two', template('two', [container(w.image('guarded'))]), { replicas: 2 });
      await w.client.do('POST', `${base}/deployments`, { body });
      const failed = (object: Json) => object.status?.conditions?.find((one: Json) => one.type === 'ReplicaFailure');
      const deployment = await w.client.until(`${base}/deployments/two`, (object) => failed(object));
      const text = /^pods "two-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1$/;
      expect(failed(deployment)).toMatchObject({ status: 'True', reason: 'FailedCreate' });
      expect(failed(deployment).message).toMatch(text);
      const [set] = (await w.client.do('GET', `${base}/replicasets`)).items;
      const events = await w.client.do(
        'GET',
        `/api/v1/namespaces/${namespace}/events?fieldSelector=involvedObject.uid%3D${set.metadata.uid},reason%3DFailedCreate`,
      );
      expect(events.items[0].type).toBe('Warning');
      expect(events.items[0].message).toMatch(/^Error creating: pods "two-/);
    });
  });
}
