import { beforeAll, describe, expect, test } from 'vitest';
import type { Json } from './client.ts';
import type { World } from './world.ts';

/** Lists, selectors, watches. ConfigMaps, because nobody else writes them. */
export function readContract(world: () => World): void {
  const names = (list: Json): string[] => list.items.map((item: Json) => item.metadata.name);
  const list = async (query: string) => await world().client.do('GET', world().path('configmaps', '', query));
  const make = async (name: string, labels: Json = {}) =>
    await world().create('configmaps', { metadata: { name, labels }, data: { a: '1' } });
  const scope = 'labelSelector=set%3Dreads';

  beforeAll(async () => {
    await make('cm-1', { set: 'reads', tier: 'web', odd: 'yes' });
    await make('cm-2', { set: 'reads', tier: 'db' });
    await make('cm-3', { set: 'reads', tier: 'web', odd: 'yes' });
    await make('cm-4', { set: 'reads', odd: 'no' });
  });

  describe('a list', () => {
    test('is chosen by labels, by equality and by set', async () => {
      const selected = async (selector: string) => names(await list(`?labelSelector=${encodeURIComponent(`set=reads,${selector}`)}`));
      expect(await selected('tier=web')).toEqual(['cm-1', 'cm-3']);
      expect(await selected('tier!=web')).toEqual(['cm-2', 'cm-4']);
      expect(await selected('tier in (web,db),odd')).toEqual(['cm-1', 'cm-3']);
      expect(await selected('tier notin (web)')).toEqual(['cm-2', 'cm-4']);
      expect(await selected('!odd')).toEqual(['cm-2']);
      expect((await world().client.ask('GET', world().path('configmaps', '', '?labelSelector=a%3D%3D%3Db%3D'))).status).toBe(400);
    });

    test('is chosen by the fields that are known, and others are refused', async () => {
      expect(names(await list('?fieldSelector=metadata.name%3Dcm-2'))).toEqual(['cm-2']);
      const answer = await world().client.ask('GET', world().path('configmaps', '', '?fieldSelector=data.a%3D1'));
      expect(answer.status).toBe(400);
      expect(answer.json.message).toBe('"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"');
      const pods = await world().client.ask('GET', world().path('pods', '', '?fieldSelector=data.a%3D1'));
      expect(pods).toMatchObject({ status: 400, json: { message: 'field label not supported: data.a' } });
    });

    test('comes in pages, and the pages are of one moment', async () => {
      const first = await list('?limit=2&fieldSelector=metadata.name!%3Dkube-root-ca.crt');
      expect(names(first)).toHaveLength(2);
      expect(first.metadata.continue).toBeTruthy();
      await make('cm-0', { set: 'later' });
      const second = await list(
        `?limit=10&fieldSelector=metadata.name!%3Dkube-root-ca.crt&continue=${encodeURIComponent(first.metadata.continue)}`,
      );
      expect([...names(first), ...names(second)].filter((name) => name.startsWith('cm-'))).toEqual(['cm-1', 'cm-2', 'cm-3', 'cm-4']);
      expect(second.metadata.continue).toBeUndefined();
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('has a kind of its own, and items without one', async () => {
      const all = await list(`?${scope}`);
      expect(all).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
      expect(all.items[0].kind).toBeUndefined();
      expect(Number(all.metadata.resourceVersion)).toBeGreaterThan(0);
    });
  });

  describe('a watch', () => {
    /** The first `count` events that are about something. */
    const take = async (query: string, count: number, act: () => Promise<unknown> = async () => {}): Promise<Json[]> => {
      const w = world();
      const stop = new AbortController();
      const events: Json[] = [];
      const reading = (async () => {
        for await (const event of w.client.watch(w.path('configmaps', '', query), stop.signal)) {
          events.push(event);
          if (events.length === count) break;
        }
      })();
      await act();
      await reading;
      return events;
    };
    const brief = (events: Json[]) => events.map((event) => `${event.type} ${event.object.metadata.name}`);

    test('from a version brings what happened since, in order', async () => {
      const w = world();
      const { metadata } = await list(`?${scope}`);
      await make('cm-9', { set: 'reads' });
      await w.client.do('PATCH', w.path('configmaps', 'cm-9'), { body: { data: { b: '2' } }, contentType: 'application/merge-patch+json' });
      await w.client.do('DELETE', w.path('configmaps', 'cm-9'));
      const events = await take(`?watch=true&${scope}&resourceVersion=${metadata.resourceVersion}`, 3);
      expect(brief(events)).toEqual(['ADDED cm-9', 'MODIFIED cm-9', 'DELETED cm-9']);
      expect(events[2].object.kind).toBe('ConfigMap');
      expect(Number(events[2].object.metadata.resourceVersion)).toBeGreaterThan(Number(events[1].object.metadata.resourceVersion));
    });

    test('without a version begins with what is there', async () => {
      const events = await take(`?watch=true&${scope}`, 4);
      expect(brief(events).sort()).toEqual(['ADDED cm-1', 'ADDED cm-2', 'ADDED cm-3', 'ADDED cm-4']);
    });

    test('sees an object come and go as its labels change', async () => {
      const w = world();
      const { metadata } = await list(`?${scope}`);
      const label = async (tier: string) =>
        await w.client.do('PATCH', w.path('configmaps', 'cm-2'), {
          body: { metadata: { labels: { tier } } },
          contentType: 'application/merge-patch+json',
        });
      const events = await take(`?watch=true&labelSelector=tier%3Dcache&resourceVersion=${metadata.resourceVersion}`, 2, async () => {
        await label('cache');
        await label('db');
      });
      expect(brief(events)).toEqual(['ADDED cm-2', 'DELETED cm-2']);
    });

    test('ends by itself after its timeout, with a bookmark before if something else happened meanwhile', async () => {
      const w = world();
      const events: Json[] = [];
      for await (const event of w.client.watch(
        w.path('configmaps', '', `?watch=true&${scope}&allowWatchBookmarks=true&timeoutSeconds=5`),
      )) {
        if (events.push(event) === 1) await make('cm-7', { set: 'elsewhere' });
      }
      const types = events.map((event) => event.type);
      expect(types.slice(0, 4)).toEqual(['ADDED', 'ADDED', 'ADDED', 'ADDED']);
      expect(new Set(types.slice(4))).toEqual(new Set(['BOOKMARK']));
      const begin = events[4].object;
      const end = events.at(-1).object;
      expect(begin).toMatchObject({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
      });
      expect(Object.keys(end.metadata)).toEqual(['resourceVersion']);
      // Of all ConfigMaps of the cluster, so others may have moved it further.
      const made = Number((await w.get('configmaps', 'cm-7')).metadata.resourceVersion);
      expect(Number(end.metadata.resourceVersion)).toBeGreaterThanOrEqual(made);
    });

    test('has no bookmark to give when nothing happens', async () => {
      const { metadata } = await list(`?${scope}`);
      const query = `?watch=true&${scope}&resourceVersion=${metadata.resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=4`;
      const events: Json[] = [];
      for await (const event of world().client.watch(world().path('configmaps', '', query))) events.push(event);
      expect(events).toEqual([]);
    });

    test('from a version that is forgotten gets an ERROR event 410 in a 200', async () => {
      const first = async (plural: string) => {
        for await (const event of world().client.watch(`/api/v1/${plural}?watch=true&resourceVersion=1`)) return event;
        return undefined;
      };
      const event = await first('pods');
      expect(event.type).toBe('ERROR');
      expect(event.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
      expect(event.object.message).toMatch(/^too old resource version: 1 \(\d+\)$/);
    });

    test('with sendInitialEvents marks the end of the initial ones', async () => {
      const events = await take(
        `?watch=true&${scope}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
        5,
      );
      expect(events.slice(0, 4).map((event) => event.type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'ADDED']);
      expect(events[4]).toMatchObject({ type: 'BOOKMARK', object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } });
    });
  });

  describe('events', () => {
    test('are chosen by the object they are about, by reason and by type', async () => {
      const w = world();
      const event = (name: string, reason: string, type: string) => ({
        metadata: { name },
        involvedObject: {
          kind: 'Pod',
          namespace: w.namespace,
          name: 'somebody',
          uid: 'uid-1',
          fieldPath: 'spec.containers{app}',
          apiVersion: 'v1',
        },
        reason,
        type,
        message: 'text',
        source: { component: 'test' },
        count: 1,
      });
      await w.create('events', event('event-1', 'Pulling', 'Normal'));
      await w.create('events', event('event-2', 'Failed', 'Warning'));
      const chosen = async (selector: string) =>
        (await w.list('events', `?fieldSelector=${encodeURIComponent(selector)}`)).map((one) => one.metadata.name);
      expect(await chosen('involvedObject.uid=uid-1')).toEqual(['event-1', 'event-2']);
      expect(await chosen('involvedObject.uid=uid-1,involvedObject.kind=Pod,reason=Failed')).toEqual(['event-2']);
      expect(await chosen('involvedObject.name=somebody,type=Normal')).toEqual(['event-1']);
      expect(await chosen('involvedObject.fieldPath=spec.containers{app},source=test')).toEqual(['event-1', 'event-2']);
      expect(await chosen('involvedObject.uid=uid-2')).toEqual([]);
    });
  });

  describe('discovery', () => {
    test('names the version, the health and the resources', async () => {
      const { client } = world();
      expect((await client.do('GET', '/version')).gitVersion).toBe('v1.36.3');
      expect(await client.ask('GET', '/readyz')).toMatchObject({ status: 200, text: 'ok' });
      const apps = await client.do('GET', '/apis/apps/v1');
      const found = Object.fromEntries(apps.resources.map((one: Json) => [one.name, one]));
      expect(found).toMatchObject({
        deployments: { kind: 'Deployment', singularName: 'deployment', namespaced: true },
        'deployments/scale': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      });
      expect(found.deployments.verbs).toEqual(expect.arrayContaining(['get', 'list', 'watch', 'patch', 'update', 'create', 'delete']));
      const core = await client.do('GET', '/api/v1');
      expect(core.resources.find((one: Json) => one.name === 'pods/eviction')).toMatchObject({
        group: 'policy',
        version: 'v1',
        kind: 'Eviction',
      });
      expect((await client.ask('GET', '/apis/nobody/v1/things')).status).toBe(404);
    });

    test('nodes say what they run on', async () => {
      const { items } = await world().client.do('GET', '/api/v1/nodes');
      expect(items.map((node: Json) => node.metadata.name)).toEqual(['node-1', 'node-2']);
      expect(items[0].status.nodeInfo).toMatchObject({
        architecture: 'amd64',
        operatingSystem: 'linux',
        kubeletVersion: 'v1.36.3',
        containerRuntimeVersion: 'containerd://1.6.20',
      });
      expect(items[0].status.conditions.find((one: Json) => one.type === 'Ready')).toMatchObject({
        status: 'True',
        reason: 'KubeletReady',
      });
    });
  });
}
