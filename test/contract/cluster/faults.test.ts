import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import type { KubeObject, SimulatedCluster, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import { Client, MERGE } from './client.ts';
import type { Json } from './client.ts';

/** What the simulation can do wrong on purpose. Each fault is seen from outside, over HTTPS, as repull would see it. */
let registry: SimulatedRegistry;
let cluster: SimulatedCluster;
let client: Client;

beforeEach(async () => {
  registry = await startSimulatedRegistry();
  cluster = await startSimulatedCluster({ registry, timeScale: 0.02 });
  const { server, ca, adminToken: token } = cluster;
  client = new Client({
    server,
    ca,
    token,
    registry: registry.host,
    push: async (ref, options) => registry.push(ref, options),
    speed: 50,
    close: async () => {},
  });
  await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' }, data: { a: '1' } });
});

afterEach(async () => {
  await client.close();
  await cluster.close();
  await registry.close();
});

const PATH = '/api/v1/namespaces/default/configmaps';
const change = async (data: Record<string, string>) => await client.ask('PATCH', `${PATH}/cm`, { body: { data }, contentType: MERGE });
const dataOf = (object: KubeObject | undefined) => object?.['data'];
async function readWatch(query = '', onFirst: () => unknown = () => {}): Promise<{ events: Json[]; error: string }> {
  const events: Json[] = [];
  try {
    for await (const event of client.watch(`${PATH}?watch=true${query}`)) if (events.push(event) === 1) onFirst();
  } catch (error) {
    return { events, error: String(error) };
  }
  return { events, error: '' };
}

/** Opens a watch and, once its first event is there, breaks it. */
const brokenWatch = async (how: 'clean' | 'mid-line' | 'reset' | 'expired') =>
  await readWatch('', () => expect(cluster.faults.endWatches({ resource: 'configmaps' }, how)).toBe(1));

describe('requests', () => {
  test('are answered with what was ordered, as often as ordered, and nothing is done', async () => {
    cluster.faults.answer({ verb: 'patch', resource: 'configmaps' }, { status: 429, retryAfter: 2 }, 2);
    const first = await change({ a: '2' });
    expect(first).toMatchObject({
      status: 429,
      json: { reason: 'TooManyRequests', details: { retryAfterSeconds: 2 } },
      headers: { 'retry-after': '2' },
    });
    expect((await change({ a: '2' })).status).toBe(429);
    expect(dataOf(cluster.get('ConfigMap', 'default', 'cm'))).toEqual({ a: '1' });
    expect((await change({ a: '2' })).status).toBe(200);
  });

  test('concern only the verb, resource, place and path that were named', async () => {
    const heal = cluster.faults.answer({ path: /fieldSelector/ }, { status: 500 }, Infinity);
    expect((await client.ask('GET', `${PATH}?fieldSelector=metadata.name%3Dcm`)).status).toBe(500);
    expect((await client.ask('GET', PATH)).status).toBe(200);
    heal();
    expect((await client.ask('GET', `${PATH}?fieldSelector=metadata.name%3Dcm`)).status).toBe(200);
  });

  test('are done, but the reply is lost', async () => {
    cluster.faults.loseReply({ verb: 'patch' });
    await expect(change({ a: '3' })).rejects.toThrow(/other side closed|ECONNRESET|terminated/);
    expect(dataOf(cluster.get('ConfigMap', 'default', 'cm'))).toEqual({ a: '3' });
    expect(cluster.requests.filter((one) => one.verb === 'patch').map(({ status, name, body }) => ({ status, name, body }))).toEqual([
      { status: 0, name: 'cm', body: { data: { a: '3' } } },
    ]);
  });

  test('are reset before anything is done', async () => {
    cluster.faults.reset({ verb: 'patch' });
    await expect(change({ a: '4' })).rejects.toThrow(/ECONNRESET|other side closed/);
    expect(dataOf(cluster.get('ConfigMap', 'default', 'cm'))).toEqual({ a: '1' });
  });

  test('wait as long as they are told to', async () => {
    cluster.faults.delay({ verb: 'list', resource: 'configmaps' }, 300);
    const before = Date.now();
    await client.do('GET', PATH);
    expect(Date.now() - before).toBeGreaterThanOrEqual(290);
  });

  test('are written down with who asked for what', async () => {
    await client.ask('PATCH', `${PATH}/cm?fieldManager=repull`, { body: { data: { b: '1' } }, contentType: MERGE });
    const [entry] = cluster.requests.filter((one) => one.verb === 'patch');
    expect(entry).toMatchObject({
      method: 'PATCH',
      path: `${PATH}/cm`,
      resource: 'configmaps',
      namespace: 'default',
      name: 'cm',
      fieldManager: 'repull',
      user: 'kubernetes-admin',
      userAgent: 'contract/1',
      contentType: MERGE,
      status: 200,
    });
    cluster.requests.clear();
    expect(cluster.requests).toHaveLength(0);
  });
});

describe('watches', () => {
  test('get an ERROR event 410 when their version is forgotten, and continue tokens a 410', async () => {
    await cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'second' } });
    const first = await client.do('GET', `${PATH}?limit=1`);
    await change({ a: '5' });
    cluster.faults.compact();
    const { events } = await readWatch(`&resourceVersion=${first.metadata.resourceVersion}`);
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
    const next = await client.ask('GET', `${PATH}?limit=1&continue=${first.metadata.continue}`);
    expect(next).toMatchObject({ status: 410, json: { reason: 'Expired' } });
    expect(next.json.message).toMatch(/^The provided continue parameter is too old to display a consistent list result\./);
  });

  test('can be refused with a status 410, too', async () => {
    cluster.faults.answer({ verb: 'watch' }, { status: 410 });
    expect((await readWatch()).error).toMatch(/410/);
  });

  test('can end at once, empty, with 200', async () => {
    cluster.faults.emptyWatch({ resource: 'configmaps' });
    expect(await readWatch()).toEqual({ events: [], error: '' });
  });

  test('can be ended in the middle of a line', async () => {
    const { events, error } = await brokenWatch('mid-line');
    expect(events).toMatchObject([{ type: 'ADDED' }]);
    expect(error).toMatch(/other side closed|terminated|aborted/);
  });

  test('can be reset, ended, and told that they are too old', async () => {
    expect((await brokenWatch('reset')).error).toMatch(/ECONNRESET|other side closed|terminated/);
    expect(await brokenWatch('clean')).toMatchObject({ error: '' });
    const { events } = await brokenWatch('expired');
    expect(events.at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410 } });
  });
});

describe('a token for a few rights', () => {
  test('may do that and nothing else', async () => {
    const token = cluster.tokenFor('few', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], namespaces: ['default'] }]);
    expect((await client.ask('GET', `${PATH}/cm`, { token })).status).toBe(200);
    expect((await client.ask('GET', PATH, { token })).json.message).toBe(
      'configmaps is forbidden: User "system:serviceaccount:default:few" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
    expect(cluster.kubeconfig(token)).toContain(`token: ${token}`);
  });
});
