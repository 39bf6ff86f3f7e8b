import { beforeAll, describe, expect, test } from 'vitest';
import { JSON_PATCH, MERGE, STRATEGIC } from './client.ts';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, template, workload } from './world.ts';

/** Patches of every kind, defaults, conflicts, and the words of refusals. Nothing here runs: replicas is 0. */
export function writeContract(world: () => World): void {
  const two = () => [
    { name: 'app', image: 'localhost:1/a:v1', env: [{ name: 'A', value: '1' }] },
    { name: 'side', image: 'localhost:1/b' },
  ];
  const make = async (name: string) => await world().create('deployments', workload(name, template(name, two()), { replicas: 0 }));
  const send = async (name: string, body: unknown, contentType: string, query = '') =>
    await world().client.ask('PATCH', world().path('deployments', name, query), { body, contentType });
  const containersOf = (answer: { json: Json }): Json[] => answer.json.spec.template.spec.containers;

  describe('creating a Deployment', () => {
    let made: Json;
    beforeAll(async () => {
      made = await make('defaults');
    });

    test('fills in what is not said', () => {
      expect(made.spec).toMatchObject({
        replicas: 0,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      });
      expect(made.spec.template.spec).toMatchObject({
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 1,
        dnsPolicy: 'ClusterFirst',
        schedulerName: 'default-scheduler',
      });
      expect(made.spec.template.spec.containers.map((one: Json) => one.imagePullPolicy)).toEqual(['IfNotPresent', 'Always']);
      expect(made.metadata).toMatchObject({ generation: 1, name: 'defaults' });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(made.status).toEqual({});
    });

    test('that exists already is a conflict', async () => {
      const w = world();
      const answer = await w.client.ask('POST', w.path('deployments'), { body: workload('defaults', template('defaults', two())) });
      expect(answer).toMatchObject({
        status: 409,
        json: {
          reason: 'AlreadyExists',
          message: 'deployments.apps "defaults" already exists',
          details: { name: 'defaults', group: 'apps', kind: 'deployments' },
        },
      });
    });

    test('whose selector does not match, or without an image, is invalid', async () => {
      const w = world();
      const other = await w.client.ask('POST', w.path('deployments'), { body: workload('other', template('defaults', two())) });
      expect(other.status).toBe(422);
      expect(other.json).toMatchObject({ reason: 'Invalid', details: { kind: 'Deployment', group: 'apps', name: 'other' } });
      expect(other.json.message).toBe(
        'Deployment.apps "other" is invalid: spec.template.metadata.labels: Invalid value: {"app":"defaults"}: `selector` does not match template `labels`',
      );
      const bare = await w.client.ask('POST', w.path('deployments'), { body: workload('bare', template('bare', [{ name: 'app' }])) });
      expect(bare.json.message).toBe('Deployment.apps "bare" is invalid: spec.template.spec.containers[0].image: Required value');
    });

    test('in a namespace that is not there is 404', async () => {
      const w = world();
      const answer = await w.client.ask('POST', '/apis/apps/v1/namespaces/nobody-here/deployments', {
        body: workload('x', template('x', two())),
      });
      expect(answer).toMatchObject({
        status: 404,
        json: { message: 'namespaces "nobody-here" not found', details: { name: 'nobody-here', kind: 'namespaces' } },
      });
    });
  });

  describe('a strategic merge patch', () => {
    test('meets containers and variables by name', async () => {
      await make('strategic');
      const answer = await send(
        'strategic',
        {
          spec: {
            template: {
              spec: {
                containers: [
                  { name: 'side', image: 'localhost:1/b:v2' },
                  { name: 'app', env: [{ name: 'B', value: '2' }] },
                ],
              },
            },
          },
        },
        STRATEGIC,
      );
      expect(answer.status).toBe(200);
      const [side, app] = containersOf(answer);
      expect(app).toMatchObject({ name: 'app', image: 'localhost:1/a:v1' });
      expect([...app.env].sort((a: Json, b: Json) => a.name.localeCompare(b.name))).toEqual([
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]);
      // The policy was decided at creation and does not follow the tag.
      expect(side).toMatchObject({ image: 'localhost:1/b:v2', imagePullPolicy: 'Always' });
    });

    test('takes away with $patch: delete, replaces with $patch: replace, and null unsets', async () => {
      await make('directives');
      const gone = await send(
        'directives',
        { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } },
        STRATEGIC,
      );
      expect(containersOf(gone).map((one) => one.name)).toEqual(['app']);
      const replaced = await send(
        'directives',
        {
          spec: {
            template: {
              $patch: 'replace',
              metadata: { labels: { app: 'directives' } },
              spec: { containers: [{ name: 'only', image: 'localhost:1/c:v1' }] },
            },
          },
        },
        STRATEGIC,
      );
      expect(containersOf(replaced).map((one) => [one.name, one.env])).toEqual([['only', undefined]]);
      const unset = await send('directives', { spec: { revisionHistoryLimit: null } }, STRATEGIC);
      expect(unset.json.spec.revisionHistoryLimit).toBe(10);
    });

    test('keeps the order that $setElementOrder asks for', async () => {
      await make('sorted');
      const body = {
        spec: {
          template: {
            spec: {
              $setElementOrder: undefined,
              '$setElementOrder/containers': [{ name: 'side' }, { name: 'app' }],
              containers: [{ name: 'app', image: 'localhost:1/a:v2' }],
            },
          },
        },
      };
      const answer = await send('sorted', body, STRATEGIC);
      expect(containersOf(answer).map((one) => one.name)).toEqual(['side', 'app']);
    });
  });

  describe('a merge patch', () => {
    test('replaces lists as a whole', async () => {
      await make('merge');
      const answer = await send(
        'merge',
        { spec: { template: { spec: { containers: [{ name: 'app', image: 'localhost:1/a:v2' }] } } } },
        MERGE,
      );
      expect(containersOf(answer)).toHaveLength(1);
      expect(containersOf(answer)[0].env).toBeUndefined();
      expect(answer.json.metadata.generation).toBe(2);
    });

    test('of a Deployment’s annotations counts up the generation, of its labels it does not', async () => {
      const annotated = await send('merge', { metadata: { annotations: { a: 'b' } } }, MERGE);
      expect(annotated.json.metadata).toMatchObject({ generation: 3, annotations: { a: 'b' } });
      const labelled = await send('merge', { metadata: { labels: { a: 'b' } } }, MERGE);
      expect(labelled.json.metadata).toMatchObject({ generation: 3, labels: { a: 'b' } });
    });

    test('cannot touch the status', async () => {
      const answer = await send('merge', { status: { replicas: 7 } }, MERGE);
      expect(answer.status).toBe(200);
      expect(answer.json.status.replicas).toBeUndefined();
    });
  });

  describe('a JSON patch', () => {
    test('is done as a whole or not at all', async () => {
      await make('json');
      const image = '/spec/template/spec/containers/0/image';
      const good = await send(
        'json',
        [
          { op: 'test', path: image, value: 'localhost:1/a:v1' },
          { op: 'replace', path: image, value: 'localhost:1/a:v2' },
        ],
        JSON_PATCH,
      );
      expect(containersOf(good)[0].image).toBe('localhost:1/a:v2');
      const bad = await send(
        'json',
        [
          { op: 'replace', path: image, value: 'localhost:1/a:v3' },
          { op: 'test', path: image, value: 'something else' },
        ],
        JSON_PATCH,
      );
      expect(bad.status).toBe(422);
      expect(bad.json).toMatchObject({ reason: 'Invalid', message: 'the server rejected our request due to an error in our request' });
      expect(containersOf({ json: await world().get('deployments', 'json') })[0].image).toBe('localhost:1/a:v2');
    });
  });

  describe('a dry run', () => {
    test('answers what would be, and changes nothing', async () => {
      const before = await world().get('deployments', 'json');
      const answer = await send('json', { spec: { replicas: 0, paused: true } }, MERGE, '?dryRun=All');
      expect(answer.json.spec.paused).toBe(true);
      expect((await world().get('deployments', 'json')).spec.paused).toBe(before.spec.paused);
    });
  });

  describe('a content type that is none', () => {
    test('is refused', async () => {
      const answer = await send('json', { a: 1 }, 'application/json');
      expect(answer.status).toBe(415);
      expect(answer.json).toMatchObject({ reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type' });
    });
  });

  describe('a bare pod', () => {
    test('lets only its image change', async () => {
      const w = world();
      const spec = template('fixed', [container('localhost:1/a:v1')], { nodeSelector: { 'repull.test/nope': 'x' } }).spec;
      await w.create('pods', { metadata: { name: 'fixed' }, spec });
      const image = await w.client.ask('PATCH', w.path('pods', 'fixed'), {
        body: { spec: { containers: [{ name: 'app', image: 'localhost:1/a:v2' }] } },
        contentType: STRATEGIC,
      });
      expect(image.status).toBe(200);
      const policy = await w.client.ask('PATCH', w.path('pods', 'fixed'), {
        body: { spec: { containers: [{ name: 'app', imagePullPolicy: 'Always' }] } },
        contentType: STRATEGIC,
      });
      expect(policy.status).toBe(422);
      expect(policy.json.message).toMatch(
        /^Pod "fixed" is invalid: spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/,
      );
    });
  });
}
