import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedRegistry } from '../../../src/playground/cluster/start.ts';
import type { RegistryAuth, SimulatedRegistry } from '../../../src/playground/cluster/types.ts';
import type { Json } from './client.ts';
import type { World } from './world.ts';
import { container, template } from './world.ts';

/** What nodes say about a registry that refuses or misbehaves. The registry is always the simulated one: it can be made to. */
export function registryContract(world: () => World): void {
  describe('a registry', () => {
    const registries: SimulatedRegistry[] = [];
    const open = async (auth?: RegistryAuth): Promise<SimulatedRegistry> => {
      const registry = await startSimulatedRegistry(auth ? { auth } : {});
      registries.push(registry);
      registry.push('shop/app:v1', { version: '1' });
      return registry;
    };
    const cases: Record<string, { image: string; message: string | RegExp }> = {};
    const expectation = (name: string, { host }: SimulatedRegistry, end: string, path = 'shop/app:v1') => {
      const image = `${host}/${path}`;
      const message = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${end.replaceAll('HOST', host)}`;
      cases[name] = { image, message };
    };

    beforeAll(async () => {
      for (const [status, text] of [
        [403, 'Forbidden'],
        [429, 'Too Many Requests'],
        [500, 'Internal Server Error'],
        [503, 'Service Unavailable'],
      ] as const) {
        const registry = await open();
        registry.faults.answer(status);
        expectation(`answers-${status}`, registry, `pulling from host HOST failed with status code [manifests v1]: ${status} ${text}`);
      }
      const basic = await open({ kind: 'basic', username: 'u', password: 'p' });
      expectation('basic', basic, 'pulling from host HOST failed with status code [manifests v1]: 401 Unauthorized');
      const bearer = await open({ kind: 'bearer', username: 'u', password: 'p' });
      expectation('bearer', bearer, 'failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized');
      const arm = await open();
      arm.push('shop/arm:v1', { version: '1', index: true, platforms: ['linux/arm64'] });
      const image = `${arm.host}/shop/arm:v1`;
      cases['platform'] = {
        image,
        message: `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": no match for platform in manifest: not found`,
      };
      const w = world();
      for (const [name, { image: reference }] of Object.entries(cases)) {
        const spec = template('registry', [container(reference, { probe: false })]).spec;
        await w.create('pods', { metadata: { name: `registry-${name}` }, spec });
      }
    });
    afterAll(async () => {
      for (const registry of registries) await registry.close();
    });

    test.each(['answers-403', 'answers-429', 'answers-500', 'answers-503', 'basic', 'bearer', 'platform'])('that %s', async (name) => {
      const pod = await world().until(
        'pods',
        `registry-${name}`,
        (object) => object.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull',
      );
      expect(pod.status.containerStatuses[0].state.waiting.message).toBe(cases[name]?.message);
    });

    test('is asked by HEAD, with all media types accepted, and with the token that was fetched', async () => {
      const w = world();
      const registry = await open({ kind: 'anonymous-token' });
      const spec = template('asked', [container(`${registry.host}/shop/app:v1`, { probe: false })]).spec;
      await w.create('pods', { metadata: { name: 'registry-asked' }, spec });
      await w.client.until('/version', () => registry.requests.filter((one) => one.method === 'HEAD' && one.status === 200).length > 0);
      const [first, token, second] = [...registry.requests];
      expect(first).toMatchObject({ method: 'HEAD', path: '/v2/shop/app/manifests/v1', status: 401 });
      expect(first?.accept.split(', ')).toEqual(
        expect.arrayContaining([
          'application/vnd.oci.image.index.v1+json',
          'application/vnd.docker.distribution.manifest.list.v2+json',
          '*/*',
        ]),
      );
      expect(token?.path).toMatch(/^\/token\?scope=repository%3Ashop%2Fapp%3Apull&service=/);
      expect(second).toMatchObject({ method: 'HEAD', path: '/v2/shop/app/manifests/v1', status: 200 });
      expect(second?.authorization).toMatch(/^Bearer \S+$/);
    });

    const encoded = (value: object) => JSON.stringify(value);
    const right = { auth: Buffer.from('u:p').toString('base64') };
    const wrong = { auth: Buffer.from('u:old').toString('base64') };

    test.each([
      ['of today’s type', (host: string) => [{ '.dockerconfigjson': encoded({ auths: { [host]: right } }) }]],
      ['of the older type', (host: string) => [{ '.dockercfg': encoded({ [host]: right }) }]],
      ['with a wildcard', (host: string) => [{ '.dockerconfigjson': encoded({ auths: { [`l*:${host.split(':')[1]}`]: right } }) }]],
      ['beside one that is out of date', (host: string) => [wrong, right].map((one) => ({ '.dockercfg': encoded({ [host]: one }) }))],
    ])('whose secret the pod has, %s, is asked with it', async (what, secrets) => {
      const w = world();
      const registry = await open({ kind: 'basic', username: 'u', password: 'p' });
      const name = `registry-secret-${what.replaceAll(/[^a-z]+/g, '-')}`;
      const imagePullSecrets = [];
      for (const [index, stringData] of secrets(registry.host).entries()) {
        const type = '.dockercfg' in stringData ? 'kubernetes.io/dockercfg' : 'kubernetes.io/dockerconfigjson';
        await w.create('secrets', { metadata: { name: `${name}-${index}` }, type, stringData });
        imagePullSecrets.push({ name: `${name}-${index}` });
      }
      const spec = template('secret', [container(`${registry.host}/shop/app:v1`, { probe: false })], { imagePullSecrets }).spec;
      await w.create('pods', { metadata: { name }, spec });
      const isAuthorised = (one: Json) => one.status === 200 && one.authorization === `Basic ${Buffer.from('u:p').toString('base64')}`;
      await w.client.until('/version', () => registry.requests.filter(isAuthorised).length > 0);
      expect(registry.requests.filter((one) => one.status === 200 && one.authorization === '')).toEqual([]);
    });
  });
}
