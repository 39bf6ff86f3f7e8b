import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedCluster, startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import type { SimulatedCluster, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import type { Json } from './client.ts';
import { container, template, workload } from './world.ts';

/** Objects recorded on the real cluster (v1.36.3) beside those of the simulation: the same fields, not one more and not one less. */
const recorded = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../support/fixtures/kube/${name}.json`, import.meta.url), 'utf8'));

/** What nobody reads and the simulation leaves out: the mounted service account token and resource accounting. */
const LEFT_OUT = /(volumeMounts|\.volumes|managedFields|\.resources\b|last-applied)/;

/** Every path of an object to a plain value, list indexes and label names left away. */
function fieldsOf(value: Json, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  const isMap = /(labels|annotations|env\[\])$/.test(path);
  return Object.entries(value).flatMap(([key, item]) => fieldsOf(item, isMap ? `${path}{}` : `${path}.${key}`));
}

const shape = (object: Json) => [...new Set(fieldsOf(object))].filter((path) => !LEFT_OUT.test(path)).sort((a, b) => (a < b ? -1 : 1));

describe('the simulation writes the fields that the real cluster writes', () => {
  let registry: SimulatedRegistry;
  let cluster: SimulatedCluster;
  beforeAll(async () => {
    registry = await startSimulatedRegistry();
    cluster = await startSimulatedCluster({ registry, timeScale: 0.02 });
    registry.push('shop/app:v1');
    registry.push('shop/crash:v1', { crash: true });
    const deploy = (app: string, image: string, more: Json = {}) =>
      cluster.apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        ...workload(app, template(app, [container(image, more)]), { replicas: 1 }),
      });
    await deploy('good', `${registry.host}/shop/app:v1`);
    await deploy('missing', `${registry.host}/shop/app:nope`, { probe: false });
    await deploy('crash', `${registry.host}/shop/crash:v1`, { probe: false });
    await deploy('invalid', `${registry.host}/shop/App:v1`, { probe: false });
  });
  afterAll(async () => {
    await cluster.close();
    await registry.close();
  });

  const podOf = async (app: string, holds: (pod: Json) => boolean): Promise<Json> =>
    await new Promise((resolve) => {
      const look = (pod: Json) => {
        if (pod.metadata.labels?.app !== app || !holds(pod)) return false;
        stop();
        resolve(pod);
        return true;
      };
      const stop = cluster.onChange(({ resource, object }) => void (resource === 'pods' && look(object)));
      cluster.list('Pod', 'default', { app }).some(look);
    });
  const waiting = (reason: string) => (pod: Json) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === reason;

  test.each([
    ['pod-ready', 'good', (pod: Json) => pod.status.containerStatuses?.[0]?.ready],
    ['pod-err-image-pull', 'missing', waiting('ErrImagePull')],
    ['pod-image-pull-back-off', 'missing', waiting('ImagePullBackOff')],
    ['pod-invalid-image-name', 'invalid', waiting('InvalidImageName')],
    ['pod-crash-loop-back-off', 'crash', waiting('CrashLoopBackOff')],
    [
      'pod-crashed-and-restarted',
      'crash',
      (pod: Json) => pod.status.containerStatuses?.[0]?.restartCount >= 1 && pod.status.containerStatuses[0].state.terminated,
    ],
  ])('%s', async (name, app, holds) => {
    const real = recorded(name);
    const mine = await podOf(app, holds);
    if (name === 'pod-ready') mine.metadata.annotations = real.metadata.annotations;
    expect(shape(mine)).toEqual(shape(real));
  });

  test('a Deployment that is through', async () => {
    const real = recorded('deployment-rollout').at(-1);
    const mine = await cluster.until('Deployment', 'default', 'good', (object: Json) =>
      object.status.conditions?.some((one: Json) => one.reason === 'NewReplicaSetAvailable'),
    );
    expect(shape(mine)).toEqual(
      shape({ ...real, spec: { ...real.spec, template: { ...real.spec.template, metadata: { labels: { app: 'good' } } } } }),
    );
  });

  test.each(['Pulling', 'Failed', 'BackOff', 'Scheduled'])('an event %s', async (reason) => {
    const real = recorded('events-missing-image').find((event: Json) => event.reason === reason);
    await podOf('missing', waiting('ImagePullBackOff'));
    const mine = cluster
      .list('Event', 'default')
      .find((event: Json) => event.reason === reason && event.involvedObject.name.startsWith('missing-'));
    expect(shape(mine)).toEqual(shape(real));
  });
});
