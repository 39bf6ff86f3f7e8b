import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import type { KubeObject, SimulatedCluster, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import { Client, MERGE } from './client.ts';
import type { Json } from './client.ts';
import { container, template, workload } from './world.ts';

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
const podsOf = (app: string) => cluster.list('Pod', 'default', { app });

async function deploy(app: string, replicas: number, image: string): Promise<void> {
  await cluster.apply({ apiVersion: 'apps/v1', kind: 'Deployment', ...workload(app, template(app, [container(image)]), { replicas }) });
}
const ready = async (app: string, replicas: number) =>
  await cluster.until('Deployment', 'default', app, (object) => (object as Json)?.status?.readyReplicas === replicas);

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

describe('the API server', () => {
  test('goes away and comes back on the same address, and meanwhile nothing is rolled out', async () => {
    registry.push('shop/app:v1');
    await cluster.faults.apiAway();
    await expect(client.ask('GET', '/readyz')).rejects.toThrow(/ECONNREFUSED/);
    await deploy('away', 1, `${registry.host}/shop/app:v1`);
    expect(podsOf('away')).toEqual([]);
    await cluster.faults.apiBack();
    expect(await client.ask('GET', '/readyz')).toMatchObject({ status: 200, text: 'ok' });
    await ready('away', 1);
  });
});

describe('a node', () => {
  test('whose kubelet stops is NotReady after its time, its pods stay, and go on when it is back', async () => {
    registry.push('shop/app:v1');
    await deploy('lost', 2, `${registry.host}/shop/app:v1`);
    await ready('lost', 2);
    cluster.faults.stopKubelet('node-1');
    const isReady = (object: Json) => object.status.conditions.find((one: Json) => one.type === 'Ready').status;
    await cluster.until('Node', '', 'node-1', (node) => isReady(node) === 'Unknown');
    const pod = podsOf('lost').find((one) => (one as Json).spec.nodeName === 'node-1') as Json;
    expect(isReady(pod)).toBe('False');
    await cluster.delete('Pod', 'default', pod.metadata.name);
    expect(cluster.get('Pod', 'default', pod.metadata.name)?.metadata.deletionTimestamp).toBeTruthy();
    cluster.faults.startKubelet('node-1');
    await cluster.until('Pod', 'default', pod.metadata.name, (one) => one === undefined);
    await cluster.until('Node', '', 'node-1', (node) => isReady(node) === 'True');
    await ready('lost', 2);
  });

  test('that is cordoned gets no new pods', async () => {
    registry.push('shop/app:v1');
    await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: { unschedulable: true } });
    await deploy('elsewhere', 2, `${registry.host}/shop/app:v1`);
    await ready('elsewhere', 2);
    expect(podsOf('elsewhere').map((pod) => (pod as Json).spec.nodeName)).toEqual(['node-2', 'node-2']);
  });
});

describe('a registry', () => {
  const messageOf = (pod: KubeObject | undefined): string => (pod as Json)?.status?.containerStatuses?.[0]?.state.waiting?.message ?? '';
  const failure = async (app: string): Promise<string> => {
    await deploy(app, 1, `${registry.host}/shop/app:v1`);
    await cluster.until('Deployment', 'default', app, () => podsOf(app).length > 0);
    const [{ metadata }] = podsOf(app) as [KubeObject];
    return messageOf(await cluster.until('Pod', 'default', metadata.name, (pod) => messageOf(pod) !== ''));
  };

  test('that is down is connection refused, and pulls go on when it is back', async () => {
    registry.push('shop/app:v1');
    await cluster.faults.registryDown();
    expect(await failure('down')).toMatch(
      /failed to do request: Head "http:\/\/localhost:\d+\/v2\/shop\/app\/manifests\/v1": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/,
    );
    await cluster.faults.registryUp();
    await ready('down', 1);
  });

  test('that answers 429 or 503 is named with its status', async () => {
    registry.push('shop/app:v1');
    registry.faults.answer(503);
    expect(await failure('busy')).toMatch(/ with status code \[manifests v1\]: 503 Service Unavailable$/);
    cluster.faults.clear();
    await ready('busy', 1);
  });

  test('that asks for a name refuses pods without the secret, and serves those that have it', async () => {
    const closed = await startSimulatedRegistry({ auth: { kind: 'bearer', username: 'u', password: 'p' } });
    closed.push('shop/app:v1');
    const pod = (name: string, spec: Json) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { ...template(name, [container(`${closed.host}/shop/app:v1`)]).spec, ...spec },
    });
    await cluster.apply(pod('without', {}));
    const refused = await cluster.until('Pod', 'default', 'without', (object) => messageOf(object) !== '');
    expect(messageOf(refused)).toMatch(/failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized$/);
    const config = JSON.stringify({ auths: { [closed.host]: { username: 'u', password: 'p' } } });
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pull' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': config },
    });
    await cluster.apply(pod('with', { imagePullSecrets: [{ name: 'pull' }] }));
    await cluster.until('Pod', 'default', 'with', (object) => (object as Json)?.status.phase === 'Running');
    await closed.close();
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
