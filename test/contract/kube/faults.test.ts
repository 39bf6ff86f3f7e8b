import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BackendAway } from '../../../src/app/ports.ts';
import type { KubeCluster } from '../../../src/kube/kube-cluster.ts';
import { simulatedCluster } from '../../support/simulated-cluster.ts';
import { until } from '../../support/until.ts';
import { aDeployment } from './subject.ts';
import { aPatch, failure, look, observed, refTo, settled, value } from './steps.ts';

/** What only a simulation can do on demand: lost replies, overload, pages, outages. */
let subject: Awaited<ReturnType<typeof simulatedCluster>>;
let port: KubeCluster;
let image: string;
const REF = () => refTo('Deployment', subject.namespace, 'web');

beforeAll(async () => {
  subject = await simulatedCluster();
  image = (await subject.push('faulty')).ref;
  await subject.apply(aDeployment('web', { image }));
  port = subject.connect();
  await settled(port, REF());
});
afterEach(() => {
  subject.cluster.faults.clear();
  subject.cluster.requests.clear();
});
afterAll(async () => {
  await port.close();
  await subject.close();
});

const patches = () => subject.cluster.requests.filter(({ method }) => method === 'PATCH');
const planned = async (name: string) => {
  await subject.apply(aDeployment(name, { image, replicas: 0 }));
  const ref = refTo('Deployment', subject.namespace, name);
  return { ref, view: await observed(port, ref) };
};

describe('a write', () => {
  it('whose reply was lost is of unknown outcome, and sending it again finds its stamp', async () => {
    const { ref, view } = await planned('lost-reply');
    subject.cluster.faults.loseReply({ verb: 'patch', resource: 'deployments', name: 'lost-reply' });
    await expect(port.patch(aPatch(view), 'r-1')).rejects.toBeInstanceOf(BackendAway);
    expect(await port.patch(aPatch(view), 'r-1')).toMatchObject({ ok: true, already: true });
    expect((await look(port, ref)).workload.generation).toBe(view.workload.generation + 1);
  });

  it('that never arrived is sent again and applied once', async () => {
    const { ref, view } = await planned('reset');
    subject.cluster.faults.reset({ verb: 'patch', resource: 'deployments', name: 'reset' });
    await expect(port.patch(aPatch(view), 'r-1')).rejects.toBeInstanceOf(BackendAway);
    expect(await port.patch(aPatch(view), 'r-1')).toMatchObject({ ok: true, already: false });
    expect((await look(port, ref)).workload.generation).toBe(view.workload.generation + 1);
  });

  it.each([429, 500, 503])('answered with %i is no failure of the request: the server is to be asked again', async (status) => {
    const { ref, view } = await planned(`overloaded-${status}`);
    subject.cluster.faults.answer({ verb: 'patch', resource: 'deployments' }, { status, message: 'try again later', retryAfter: 2 });
    const patching = port.patch(aPatch(view), 'r-1');
    await expect(patching).rejects.toBeInstanceOf(BackendAway);
    await expect(patching).rejects.toMatchObject({ retryAfterMs: 2000 });
    expect((await look(port, ref)).workload.templateAnnotations).toEqual({});
  });

  it('refused by an admission webhook fails with its words', async () => {
    const { view } = await planned('denied');
    const message = 'admission webhook "images.example" denied the request: tag is not signed';
    subject.cluster.faults.answer({ verb: 'patch', resource: 'deployments' }, { status: 403, reason: 'Forbidden', message });
    expect(failure(await port.patch(aPatch(view), 'r-1'))).toMatchObject({ code: 'admission-refused', evidence: message });
  });

  it('is given up as a conflict when the object moves on faster than it can be sent', async () => {
    const { view } = await planned('busy');
    subject.cluster.requests.clear();
    const conflict = { status: 409, reason: 'Conflict', message: 'the object has been modified' };
    subject.cluster.faults.answer({ verb: 'patch', resource: 'deployments' }, conflict, Infinity);
    expect(failure(await port.patch(aPatch(view), 'r-1')).code).toBe('conflict');
    expect(patches()).toHaveLength(3);
    expect(new Set(patches().map(({ fieldManager, contentType }) => `${fieldManager} ${contentType}`))).toEqual(
      new Set(['repull application/strategic-merge-patch+json']),
    );
  });

  it('sends one request where nothing is in its way', async () => {
    const { view } = await planned('one-request');
    subject.cluster.requests.clear();
    await port.patch(aPatch(view), 'r-1');
    expect(subject.cluster.requests.filter(({ userAgent }) => userAgent === 'repull')).toHaveLength(1);
  });
});

describe('an eviction', () => {
  const pod = async () => {
    const [one] = (await settled(port, REF())).pods;
    if (one === undefined) throw new Error('no pod');
    return one;
  };

  it('answered with 429 that no budget caused is the server’s own overload', async () => {
    subject.cluster.faults.answer(
      { resource: 'pods/eviction' },
      { status: 429, reason: 'TooManyRequests', message: 'too many requests', retryAfter: 1 },
    );
    await expect(port.evict(await pod(), { forceDelete: true })).rejects.toMatchObject({ name: 'BackendAway', retryAfterMs: 1000 });
    expect(subject.cluster.requests.filter(({ verb }) => verb === 'delete')).toHaveLength(0);
  });

  it('answered with a conflict for the very pod is an outage, for another pod of its name means gone', async () => {
    const target = await pod();
    const conflict = { status: 409, reason: 'Conflict', message: 'the object has been modified' };
    subject.cluster.faults.answer({ resource: 'pods/eviction' }, conflict);
    await expect(port.evict(target, { forceDelete: false })).rejects.toBeInstanceOf(BackendAway);
    subject.cluster.faults.answer({ resource: 'pods/eviction' }, conflict);
    expect(await port.evict({ ...target, uid: 'former' }, { forceDelete: false })).toEqual({ ok: true, gone: true });
  });

  it('whose reply was lost finds the pod going or gone the second time', async () => {
    const target = await pod();
    subject.cluster.faults.loseReply({ resource: 'pods/eviction' });
    await expect(port.evict(target, { forceDelete: false })).rejects.toBeInstanceOf(BackendAway);
    expect(await port.evict(target, { forceDelete: false })).toMatchObject({ ok: true });
    await settled(port, REF());
  });
});

describe('a look', () => {
  it('throws BackendAway while the API server is away, and works again when it is back', async () => {
    await subject.cluster.faults.apiAway();
    await expect(port.snapshot([REF()])).rejects.toBeInstanceOf(BackendAway);
    expect(await port.ready()).toBe(false);
    await subject.cluster.faults.apiBack();
    expect(value(await port.snapshot([REF()])).workloads).toHaveLength(1);
    expect(await port.ready()).toBe(true);
  });

  it('reads many pods in pages, and starts again where the continue token expired between two', async () => {
    const labels = { run: 'crowd' };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }], nodeSelector: { none: 'such' } },
    };
    await subject.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'crowd' },
      spec: { replicas: 620, selector: { matchLabels: labels }, template },
    });
    await until(() => subject.cluster.list('pods', subject.namespace, labels).length === 620, {
      what: 'all pods are there',
      withinMs: 30_000,
    });
    const ref = refTo('Deployment', subject.namespace, 'crowd');
    subject.cluster.requests.clear();
    expect((await look(port, ref)).pods).toHaveLength(620);
    const pages = () => subject.cluster.requests.filter(({ verb, resource }) => verb === 'list' && resource === 'pods');
    expect(pages().map(({ query }) => [query['limit'], query['continue'] !== undefined])).toEqual([
      ['500', false],
      ['500', true],
    ]);
    subject.cluster.requests.clear();
    subject.cluster.faults.answer(
      { verb: 'list', resource: 'pods', path: /continue=/ },
      { status: 410, reason: 'Expired', message: 'expired' },
    );
    expect((await look(port, ref)).pods).toHaveLength(620);
    expect(pages().map(({ query }) => query['continue'] !== undefined)).toEqual([false, true, false, true]);
    await subject.cluster.delete('deployments', subject.namespace, 'crowd');
  });
});

describe('connections', () => {
  it('are shared: fifty looks in a row need only a few', async () => {
    const cluster = subject.connect();
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TLSSocketWrap' || name === 'TLSWrap' || name === 'TCPSocketWrap').length;
    await look(cluster, REF());
    const before = sockets();
    for (let index = 0; index < 50; index++) await look(cluster, REF());
    expect(sockets() - before).toBeLessThanOrEqual(12);
    await cluster.close();
  });

  it('take up a new token: a 401 is answered by reading the kubeconfig again', async () => {
    subject.cluster.faults.answer(
      { verb: 'get', resource: 'deployments' },
      { status: 401, reason: 'Unauthorized', message: 'Unauthorized' },
    );
    expect(value(await port.snapshot([REF()])).workloads).toHaveLength(1);
    subject.cluster.faults.answer(
      { verb: 'get', resource: 'deployments' },
      { status: 401, reason: 'Unauthorized', message: 'Unauthorized' },
      2,
    );
    await expect(port.snapshot([REF()])).rejects.toThrow(/credentials/);
  });
});
