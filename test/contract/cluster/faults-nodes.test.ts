import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import type { KubeObject, SimulatedCluster, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import { Client } from './client.ts';
import type { Json } from './client.ts';
import { container, template, workload } from './world.ts';

/** The simulation with a part of it away: the API server, a kubelet, a registry. */
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
});

afterEach(async () => {
  await client.close();
  await cluster.close();
  await registry.close();
});

const podsOf = (app: string) => cluster.list('Pod', 'default', { app });

async function deploy(app: string, replicas: number, image: string): Promise<void> {
  await cluster.apply({ apiVersion: 'apps/v1', kind: 'Deployment', ...workload(app, template(app, [container(image)]), { replicas }) });
}
const ready = async (app: string, replicas: number) =>
  await cluster.until('Deployment', 'default', app, (object) => (object as Json)?.status?.readyReplicas === replicas);

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

  // As recorded on the real cluster, where it takes six minutes.
  test('whose kubelet stays away is given up after five minutes: its pods are marked for deletion and replaced, those of a DaemonSet stay', async () => {
    registry.push('shop/app:v1');
    const image = `${registry.host}/shop/app:v1`;
    await deploy('borne', 2, image);
    await cluster.apply({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...workload('agent', template('agent', [container(image)])) });
    await ready('borne', 2);
    await cluster.until('DaemonSet', 'default', 'agent', (object) => (object as Json)?.status?.numberReady === 2);
    const on = (app: string) => podsOf(app).find((one) => (one as Json).spec.nodeName === 'node-1') as Json;
    const { name } = on('borne').metadata;
    cluster.faults.stopKubelet('node-1');
    // As many as there are nodes that answer, as on the real cluster.
    await cluster.until('DaemonSet', 'default', 'agent', (object) => (object as Json)?.status?.desiredNumberScheduled === 1, 30_000);
    const given = (await cluster.until('Pod', 'default', name, (pod) => pod?.metadata.deletionTimestamp !== undefined, 30_000)) as Json;
    expect(given.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }),
    );
    const events = cluster.list('Event', 'default').filter((event) => (event as Json).involvedObject.name === name);
    expect(events.map((event) => (event as Json).message)).toEqual(
      expect.arrayContaining(['Node is not ready', `Marking for deletion Pod default/${name}`]),
    );
    await cluster.until('Deployment', 'default', 'borne', (object) => (object as Json).status.readyReplicas === 2);
    expect(podsOf('borne')).toHaveLength(3);
    expect(on('agent').metadata.deletionTimestamp).toBeUndefined();
    cluster.faults.startKubelet('node-1');
    await cluster.until('Pod', 'default', name, (pod) => pod === undefined);
    await cluster.until('DaemonSet', 'default', 'agent', (object) => (object as Json)?.status?.numberReady === 2);
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
