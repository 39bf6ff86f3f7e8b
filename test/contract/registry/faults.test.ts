import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { makeServerIdentity } from '../../../src/playground/cluster/api-server/tls.ts';
import { until } from '../../support/until.ts';
import { aClient, aHost, aRegistry, closeAll, listening } from './given.ts';
import { known, unknown } from './suite.ts';

afterEach(closeAll);

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

  it('that asked for time is not asked again before, and by other credentials it is', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1');
    registry.faults.answer(429, { retryAfter: 7, times: 1 });
    let now = 1000;
    const client = aClient({ now: () => now });
    const asked = () => registry.requests.length;
    expect(unknown(await client.resolve(ref, [])).because).toBe('rate-limited');
    const before = asked();
    now += 6_900;
    expect(unknown(await client.resolve(ref, [])).detail).toContain('retry after 7 s');
    expect(asked()).toBe(before);
    expect(known(await client.resolve(ref, [{ host: registry.host, username: 'other', password: 'x', source: 'test' }])).digest).toBe(
      digest,
    );
    now += 200;
    expect(known(await client.resolve(ref, [])).digest).toBe(digest);
  });

  it.each([
    [{ 'retry-after': new Date(Date.now() + 90_000).toUTCString() }, /retry after (?:8\d|90) s/],
    [{ 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' }, /the limit is 100 pulls in 360 min/],
    [{ 'retry-after': 'soon' }, /^HTTP 429$/],
  ])('says what a throttling registry says in its headers: %o', async (headers, words) => {
    // It is a HEAD that is refused: there is no body that could tell.
    const host = await aHost((_request, response) => {
      response.writeHead(429, headers).end();
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [])).detail).toMatch(words);
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

  it('is known without its platform where the config of a single manifest cannot be read: blobs often lie elsewhere', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1');
    registry.faults.answer(403, { path: /blobs/ });
    expect(known(await aClient().resolve(ref, [])).identities[0]).toEqual({ digest, of: 'manifest' });
  });

  it('that sends no digest header is read and hashed', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1', { index: true });
    registry.faults.noDigestHeader();
    expect(known(await aClient().resolve(ref, [])).digest).toBe(digest);
  });

  it('that answers other bytes than the digest stands for is not believed', async () => {
    const wrong = `sha256:${'a'.repeat(64)}`;
    const host = await aHost((_request, response) => {
      response.writeHead(200, { 'docker-content-digest': wrong }).end('{"schemaVersion":2}');
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [])).detail).toContain('other bytes');
  });

  it('with schema 1 only is unsupported', async () => {
    const host = await aHost((request, response) => {
      response.writeHead(200).end(request.method === 'HEAD' ? undefined : '{"schemaVersion":1,"name":"shop/api"}');
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, []))).toMatchObject({ because: 'unsupported' });
  });
});

describe('a registry that is not on loopback', () => {
  /** No address that plain HTTP is spoken to unasked. */
  const TWO = '127.0.0.2';

  it('is asked over TLS, and one whose certificate nobody vouches for is unknown', async () => {
    const asked: (string | undefined)[] = [];
    const { key, cert } = makeServerIdentity();
    const host = await listening(
      createSecureServer({ key, cert }, (request, response) => {
        asked.push(request.url);
        response.writeHead(200).end();
      }),
      TWO,
    );
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, []))).toMatchObject({
      because: 'unreachable',
      detail: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
    });
    expect(asked).toEqual([]);
  });

  it('gets no plain HTTP unless it is listed', async () => {
    let asked = 0;
    const host = await listening(
      createServer((_request, response) => {
        asked += 1;
        response.writeHead(404).end();
      }),
      TWO,
    );
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [])).because).toBe('unreachable');
    expect(asked).toBe(0);
    expect(unknown(await aClient({ insecureHosts: ['127.0.0.2'] }).resolve(`${host}/shop/api:v1`, [])).because).toBe('not-found');
    expect(asked).toBe(1);
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

  it('asks again within the cache time where the answer of just now is what is in doubt', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    const client = aClient({ cacheMs: 60_000 });
    await client.resolve(ref, []);
    const { digest } = registry.push('shop/api:v1');
    expect(known(await client.resolve(ref, [])).digest).not.toBe(digest);
    expect(known(await client.resolve(ref, [], { fresh: true })).digest).toBe(digest);
    expect(known(await client.resolve(ref, [])).digest).toBe(digest);
  });

  it('does not keep what it could not find out', async () => {
    const registry = await aRegistry();
    const { ref, digest } = registry.push('shop/api:v1');
    registry.faults.answer(503, { times: 1 });
    const client = aClient({ cacheMs: 60_000 });
    unknown(await client.resolve(ref, []));
    expect(known(await client.resolve(ref, [])).digest).toBe(digest);
  });

  it('asks a host at most four things at a time', async () => {
    const waiting: (() => void)[] = [];
    const host = await aHost((_request, response) => {
      waiting.push(() => response.writeHead(404).end());
    });
    const client = aClient();
    const answers = Promise.all(Array.from({ length: 12 }, (_, index) => client.resolve(`${host}/shop/api:v${index}`, [])));
    await until(() => waiting.length >= 4, { what: 'four are asked' });
    // Time enough for a fifth, were it on its way: others are asked and answer meanwhile.
    const other = await aHost((_request, response) => {
      response.writeHead(404).end();
    });
    for (let index = 0; index < 10; index++) await client.resolve(`${other}/shop/api:v${index}`, []);
    expect(waiting).toHaveLength(4);
    await until(
      () => {
        for (const answer of waiting.splice(0)) answer();
        return Promise.race([answers, Promise.resolve(false)]);
      },
      { what: 'all are answered' },
    );
    expect((await answers).map(({ known: isKnown }) => isKnown)).toEqual(Array.from({ length: 12 }, () => false));
  });

  it('shares one question among all who ask it at the same time', async () => {
    const registry = await aRegistry();
    const { ref } = registry.push('shop/api:v1');
    const client = aClient();
    await Promise.all([client.resolve(ref, []), client.resolve(ref, []), client.resolve(ref, [])]);
    expect(registry.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
  });
});
