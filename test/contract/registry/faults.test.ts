import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegistryCredential } from '../../../src/app/ports.ts';
import { startSimulatedRegistry } from '../../../src/playground/cluster/registry/start.ts';
import type { SimulatedRegistry, StartRegistryOptions } from '../../../src/playground/cluster/types.ts';
import { createRegistry, type RegistryOptions } from '../../../src/registry/resolve.ts';
import { known, unknown } from './suite.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function aRegistry(options: StartRegistryOptions = {}): Promise<SimulatedRegistry> {
  const registry = await startSimulatedRegistry(options);
  closing.push(() => registry.close());
  return registry;
}
const aClient = (options: Partial<RegistryOptions> = {}) => createRegistry({ insecureHosts: [], cacheMs: 0, ...options });
const credential = (host: string, username: string, password: string): RegistryCredential => ({
  host,
  username,
  password,
  source: `secret shop/${username}`,
});

/** A host of our own, for what no well-behaved registry does. */
async function aHost(listener: RequestListener): Promise<{ host: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('a registry in trouble', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'not-found'],
    [429, 'rate-limited'],
    [500, 'server-error'],
    [503, 'server-error'],
  ])('answering %i is %s, never "nothing new"', async (status, because) => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    registry.faults.answer(status, { retryAfter: 7 });
    expect(unknown(await aClient().resolve(ref, [])).because).toBe(because);
  });

  it('says after how long a throttling registry wants to be asked again', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    registry.faults.answer(429, { retryAfter: 7 });
    expect(unknown(await aClient().resolve(ref, [])).detail).toContain('retry after 7 s');
  });

  it('that does not answer in time is a timeout', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    registry.faults.slow(5000);
    expect(unknown(await aClient({ timeoutMs: 100 }).resolve(ref, [])).because).toBe('timeout');
  });

  it('that is down is unreachable, and known again when it is back', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1');
    const client = aClient();
    await registry.down();
    expect(unknown(await client.resolve(ref, [])).because).toBe('unreachable');
    await registry.up();
    expect(known(await client.resolve(ref, [])).digest).toBe(digest);
  });

  it('whose body breaks off is unknown', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1', { index: true });
    registry.faults.brokenBody();
    expect(unknown(await aClient().resolve(ref, [])).because).toBe('server-error');
  });

  it('is unknown when one child of an index cannot be read: half a set of digests would call the right image wrong', async () => {
    const registry = await aRegistry();
    const { ref, manifests } = registry.push('shop/api:v1', { index: true });
    registry.faults.answer(500, { path: new RegExp(manifests['linux/arm64'] ?? 'none') });
    expect(unknown(await aClient().resolve(ref, [])).because).toBe('server-error');
  });

  it('that sends no digest header is read and hashed', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1', { index: true });
    registry.faults.noDigestHeader();
    expect(known(await aClient().resolve(ref, [])).digest).toBe(digest);
  });

  it('that answers other bytes than the digest stands for is not believed', async () => {
    const wrong = `sha256:${'a'.repeat(64)}`;
    const { host } = await aHost((_request, response) => {
      response.writeHead(200, { 'docker-content-digest': wrong }).end('{"schemaVersion":2}');
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [])).detail).toContain('other bytes');
  });

  it('with schema 1 only is unsupported', async () => {
    const { host } = await aHost((request, response) => {
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : '{"schemaVersion":1,"name":"shop/api"}');
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, []))).toMatchObject({ because: 'unsupported' });
  });
});

describe('logging in', () => {
  it('takes an anonymous token where everybody gets one', async () => {
    const registry = await aRegistry({ auth: { kind: 'anonymous-token' } });
    const { ref, digest } = registry.push('shop/api:v1');
    expect(known(await aClient().resolve(ref, [])).digest).toBe(digest);
  });

  it.each(['bearer', 'basic'] as const)('uses the credential that matches the host, by %s', async (kind) => {
    const registry = await aRegistry({ auth: { kind, username: 'puller', password: 'pa:ss' } });
    const { ref, digest } = registry.push('shop/api:v1', { index: true });
    const wrongHost = credential('elsewhere.example', 'puller', 'pa:ss');
    expect(unknown(await aClient().resolve(ref, [wrongHost]))).toMatchObject({
      because: 'unauthorized',
      detail: expect.stringContaining('no credentials'),
    });
    expect(known(await aClient().resolve(ref, [wrongHost, credential(registry.host, 'puller', 'pa:ss')])).digest).toBe(digest);
  });

  it.each(['bearer', 'basic'] as const)('tries the next matching credential where the first is refused, by %s', async (kind) => {
    const registry = await aRegistry({ auth: { kind, username: 'puller', password: 'right' } });
    const { ref, digest } = registry.push('shop/api:v1');
    const credentials = [credential(registry.host, 'old', 'wrong'), credential(registry.host, 'puller', 'right')];
    expect(known(await aClient().resolve(ref, credentials)).digest).toBe(digest);
  });

  it('names the secrets it tried, and never what is in them', async () => {
    const registry = await aRegistry({ auth: { kind: 'bearer', username: 'puller', password: 'right' } });
    const { ref } = registry.push('shop/api:v1');
    const answer = unknown(await aClient().resolve(ref, [credential(registry.host, 'old', 'wr0ng-pa55')]));
    expect(answer).toMatchObject({ because: 'unauthorized', detail: expect.stringContaining('secret shop/old') });
    expect(JSON.stringify(answer)).not.toContain('wr0ng-pa55');
  });

  it('falls back to the docker config file, and asks the credential helper it names', async () => {
    const registry = await aRegistry({ auth: { kind: 'bearer', username: 'puller', password: 'right' } });
    const { ref, digest } = registry.push('shop/api:v1');
    const folder = await mkdtemp(join(tmpdir(), 'repull-docker-'));
    const dockerConfigPath = join(folder, 'config.json');
    const auth = Buffer.from('puller:right').toString('base64');
    await writeFile(dockerConfigPath, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    expect(known(await aClient({ dockerConfigPath }).resolve(ref, [])).digest).toBe(digest);

    await writeFile(
      join(folder, 'docker-credential-shop'),
      '#!/bin/sh\nread host\necho "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"puller\\",\\"Secret\\":\\"right\\"}"\n',
    );
    await chmod(join(folder, 'docker-credential-shop'), 0o755);
    await writeFile(dockerConfigPath, JSON.stringify({ credHelpers: { [registry.host]: 'shop' } }));
    const path = process.env['PATH'];
    expect(unknown(await aClient({ dockerConfigPath }).resolve(ref, [])).because).toBe('unauthorized');
    process.env['PATH'] = `${folder}:${path}`;
    try {
      expect(known(await aClient({ dockerConfigPath }).resolve(ref, [])).digest).toBe(digest);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('sends no password to a token service that is not HTTPS', async () => {
    const { host, server } = await aHost((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://tokens.example/token",service="x"' }).end();
    });
    const answer = unknown(await aClient().resolve(`${host}/shop/api:v1`, [credential(host, 'puller', 'right')]));
    expect(answer).toMatchObject({ because: 'unsupported', detail: expect.stringContaining('token service') });
    expect(server.listening).toBe(true);
  });

  it('keeps the credentials from the host it is redirected to', async () => {
    const seen: (string | undefined)[] = [];
    const other = await aHost((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    const own: (string | undefined)[] = [];
    const { host } = await aHost((request, response) => {
      own.push(request.headers.authorization);
      if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://${other.host}${request.url}` }).end();
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [credential(host, 'puller', 'right')])).because).toBe('not-found');
    expect(own.at(-1)).toMatch(/^Basic /);
    expect(seen).toEqual([undefined]);
  });
});

describe('sparing the registry', () => {
  it('asks once for the same tag within the cache time, and again after it', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    let now = 1000;
    const client = aClient({ cacheMs: 10_000, now: () => now });
    await client.resolve(ref, []);
    const once = registry.requests.length;
    await client.resolve(ref, []);
    expect(registry.requests.length).toBe(once);
    now += 10_001;
    await client.resolve(ref, []);
    // An unmoved tag: one HEAD, which no registry counts as a pull.
    expect(registry.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(2);
    expect(registry.requests.length).toBe(once + 1);
  });

  it('does not keep what it could not find out', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1');
    registry.faults.answer(503, { times: 1 });
    const client = aClient({ cacheMs: 60_000 });
    unknown(await client.resolve(ref, []));
    expect(known(await client.resolve(ref, [])).digest).toBe(digest);
  });

  it('opens at most four connections to a host', async () => {
    let open = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const { host } = await aHost((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      release.push(() => {
        open -= 1;
        response.writeHead(404).end();
      });
      if (release.length >= 4) for (const answer of release.splice(0)) setImmediate(answer);
    });
    const client = aClient();
    const answers = Array.from({ length: 12 }, (_, index) => client.resolve(`${host}/shop/api:v${index}`, []));
    await Promise.all(answers);
    expect(most).toBe(4);
  });

  it('shares one question among all who ask it at the same time', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    const client = aClient();
    await Promise.all([client.resolve(ref, []), client.resolve(ref, []), client.resolve(ref, [])]);
    expect(registry.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
  });
});
