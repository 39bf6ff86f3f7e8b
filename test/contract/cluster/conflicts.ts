import { describe, expect, test } from 'vitest';
import { MERGE, STRATEGIC } from './client.ts';
import type { Answer, Json } from './client.ts';
import type { World } from './world.ts';
import { template, workload } from './world.ts';

/** What happens to a write when somebody else was faster. */
export function conflictContract(world: () => World): void {
  const containers = () => [{ name: 'app', image: 'localhost:1/a:v1' }];
  const make = async (name: string): Promise<Json> =>
    await world().create('deployments', workload(name, template(name, containers()), { replicas: 0 }));
  const send = async (name: string, body: unknown, contentType: string): Promise<Answer> =>
    await world().client.ask('PATCH', world().path('deployments', name), { body, contentType });

  describe('a write with a resourceVersion', () => {
    const message =
      'Operation cannot be fulfilled on deployments.apps "versions": the object has been modified; please apply your changes to the latest version and try again';

    test('is a conflict when the object has moved on', async () => {
      const w = world();
      const before = await make('versions');
      const { resourceVersion } = await w
        .patch('deployments', 'versions', { metadata: { annotations: { moved: 'on' } } })
        .then((object) => object.metadata);
      for (const [body, type] of [
        [{ metadata: { resourceVersion: before.metadata.resourceVersion, annotations: { late: '1' } } }, MERGE],
        [{ metadata: { resourceVersion: before.metadata.resourceVersion, annotations: { late: '1' } } }, STRATEGIC],
      ] as const) {
        expect(await send('versions', body, type)).toMatchObject({
          status: 409,
          json: { reason: 'Conflict', message, details: { name: 'versions', group: 'apps', kind: 'deployments' }, code: 409 },
        });
      }
      const put = await w.client.ask('PUT', w.path('deployments', 'versions'), { body: before });
      expect(put).toMatchObject({ status: 409, json: { message } });
      expect(resourceVersion).not.toBe(before.metadata.resourceVersion);
    });

    test('passes with the present one, and a write that changes nothing keeps it', async () => {
      const w = world();
      // The controller writes now and then; whoever is overtaken reads again.
      const settled = async () =>
        await w.until(
          'deployments',
          'versions',
          ({ metadata, status }) => status.conditions?.length === 2 && status.observedGeneration === metadata.generation,
        );
      const current = await settled();
      const good = await send(
        'versions',
        { metadata: { resourceVersion: current.metadata.resourceVersion, annotations: { now: '1' } } },
        MERGE,
      );
      expect(good.status).toBe(200);
      expect(good.json.metadata.resourceVersion).not.toBe(current.metadata.resourceVersion);
      const after = await settled();
      const same = await send('versions', { metadata: { annotations: { now: '1' } } }, MERGE);
      expect(same.json.metadata.resourceVersion).toBe(after.metadata.resourceVersion);
    });

    test('that names the uid of an earlier object of that name is invalid', async () => {
      const answer = await send(
        'versions',
        { metadata: { uid: '00000000-0000-4000-8000-000000000000', annotations: { late: '1' } } },
        MERGE,
      );
      expect(answer.status).toBe(422);
      expect(answer.json.message).toBe(
        'Deployment.apps "versions" is invalid: metadata.uid: Invalid value: "00000000-0000-4000-8000-000000000000": field is immutable',
      );
    });

    test('of an object that is not there is 404', async () => {
      expect(await send('nobody', { metadata: { annotations: { a: 'b' } } }, MERGE)).toMatchObject({
        status: 404,
        json: {
          reason: 'NotFound',
          message: 'deployments.apps "nobody" not found',
          details: { name: 'nobody', group: 'apps', kind: 'deployments' },
        },
      });
    });
  });
}
