import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegistryCredential } from '../../../src/app/ports-registry.ts';
import { aClient, aHost, aRegistry, closeAll } from './given.ts';
import { known, unknown } from './suite.ts';

afterEach(closeAll);

const credential = (host: string, username: string, password: string): RegistryCredential => ({
  host,
  username,
  password,
  source: `secret shop/${username}`,
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
      await rm(folder, { recursive: true });
    }
  });

  it('exchanges a refresh token at the token service, and never sends it as a password', async () => {
    const seen: { method: string; authorization: string | undefined; body: string }[] = [];
    const host: string = await aHost((request, response) => {
      const said: Buffer[] = [];
      request.on('data', (chunk: Buffer) => said.push(chunk));
      request.on('end', () => {
        const { method = '', url, headers } = request;
        if (url === '/token') {
          seen.push({ method, authorization: headers.authorization, body: Buffer.concat(said).toString() });
          response.end(JSON.stringify({ access_token: 'short-lived' }));
        } else if (headers.authorization === 'Bearer short-lived') response.writeHead(404).end();
        else {
          const challenge = `Bearer realm="http://${headers.host}/token",service="tokens.example"`;
          response.writeHead(401, { 'www-authenticate': challenge }).end();
        }
      });
    });
    const answer = unknown(await aClient().resolve(`${host}/shop/api:v1`, [credential(host, '<token>', 'long-lived')]));
    expect(answer.because).toBe('not-found');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', authorization: undefined });
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'repull',
      refresh_token: 'long-lived',
      scope: 'repository:shop/api:pull',
      service: 'tokens.example',
    });
  });

  it('sends no password to a token service that is not HTTPS', async () => {
    const host = await aHost((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://tokens.example/token",service="x"' }).end();
    });
    const answer = unknown(await aClient().resolve(`${host}/shop/api:v1`, [credential(host, 'puller', 'right')]));
    expect(answer).toMatchObject({ because: 'unsupported', detail: expect.stringContaining('token service') });
  });

  it('keeps the credentials from the host it is redirected to', async () => {
    const seen: (string | undefined)[] = [];
    const other = await aHost((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    const own: (string | undefined)[] = [];
    const host = await aHost((request, response) => {
      own.push(request.headers.authorization);
      if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://${other}${request.url}` }).end();
    });
    expect(unknown(await aClient().resolve(`${host}/shop/api:v1`, [credential(host, 'puller', 'right')])).because).toBe('not-found');
    expect(own.at(-1)).toMatch(/^Basic /);
    expect(seen).toEqual([undefined]);
  });
});
