import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServerIdentity } from '../../src/playground/cluster/api-server/tls.ts';
import type { RegistryCredential } from '../../src/app/ports-registry.ts';
import { createRegistry } from '../../src/registry/resolve.ts';
import { known, registryContract, unknown } from '../contract/registry/suite.ts';
import { pushImage, type PushedImage } from '../support/push.ts';
import { PASSWORD, startRealRegistry, startTokenService, USER } from '../support/real-registry.ts';
import type { RealRegistry, TokenService } from '../support/real-registry.ts';

/** Set by the env file that test/cluster/up names; without it the suite is shown as skipped. */
const host = process.env['REPULL_TEST_REGISTRY'];

describe.skipIf(host === undefined)('a real registry', () => {
  registryContract('docker-registry', async () => ({ host: host ?? '', push: pushImage, close: async () => undefined }));
});

const credential = (registry: string, username: string, password: string): RegistryCredential => ({
  host: registry,
  username,
  password,
  source: `secret shop/${username}`,
});
const client = () => createRegistry({ insecureHosts: [], cacheMs: 0 });

describe.skipIf(host === undefined)('a real registry with a door', () => {
  let open: RealRegistry;
  let pushed: PushedImage;
  let path: string;
  beforeAll(async () => {
    open = await startRealRegistry();
    pushed = await pushImage(`${open.host}/shop/api:v1`, { index: true });
    path = 'shop/api:v1';
  });
  afterAll(async () => await open.stop());

  describe('for user and password', () => {
    let locked: RealRegistry;
    beforeAll(async () => {
      locked = await startRealRegistry({ sameContentAs: open, htpasswd: true });
    });
    afterAll(async () => await locked.stop());
    const port = () => locked.host.split(':')[1] ?? '';

    it.each([
      ['its host', () => [credential(locked.host, USER, PASSWORD)]],
      ['a wildcard', () => [credential(`loc*:${port()}`, USER, PASSWORD)]],
      ['the path of the repository', () => [credential(`${locked.host}/shop`, USER, PASSWORD)]],
      ['several, of which the first is out of date', () => [credential(locked.host, 'old', 'x'), credential(locked.host, USER, PASSWORD)]],
    ])('answers whoever has a secret for %s', async (_what, secrets) => {
      const answer = known(await client().resolve(`${locked.host}/${path}`, secrets()));
      expect(answer.digest).toBe(pushed.digest);
      expect(answer.identities.filter(({ of }) => of === 'config')).toHaveLength(2);
    });

    it.each([
      ['no secret', () => [], 'no credentials were found'],
      ['a wrong password', () => [credential(locked.host, USER, 'guess')], `tried: secret shop/${USER}`],
      ['a secret for another path', () => [credential(`${locked.host}/other`, USER, PASSWORD)], 'no credentials were found'],
    ])('says that it is not for whoever has %s', async (_what, secrets, words) => {
      const answer = unknown(await client().resolve(`${locked.host}/${path}`, secrets()));
      expect(answer).toMatchObject({ because: 'unauthorized', detail: expect.stringContaining(words) });
    });
  });

  describe('that sends to a token service', () => {
    let tokens: TokenService;
    let locked: RealRegistry;
    beforeAll(async () => {
      tokens = await startTokenService(makeServerIdentity());
      const { realm, service, issuer, root } = tokens;
      locked = await startRealRegistry({ sameContentAs: open, token: { realm, service, issuer, root } });
    });
    afterAll(async () => {
      await locked.stop();
      await tokens.stop();
    });
    const ask = async (repository: string, secrets: RegistryCredential[]) => {
      tokens.asked.length = 0;
      return await client().resolve(`${locked.host}/${repository}`, secrets);
    };

    it('answers user and password with a token for this repository only, asked for once', async () => {
      expect(known(await ask(path, [credential(locked.host, USER, PASSWORD)])).digest).toBe(pushed.digest);
      expect(tokens.asked).toEqual([{ by: 'password', scope: 'repository:shop/api:pull', granted: true }]);
    });

    it('exchanges the refresh token that docker login keeps in place of a password', async () => {
      expect(known(await ask(path, [credential(locked.host, '<token>', tokens.refreshToken)])).digest).toBe(pushed.digest);
      expect(tokens.asked).toEqual([{ by: 'refresh-token', scope: 'repository:shop/api:pull', granted: true }]);
    });

    it('refuses a refresh token that was taken back, and the next secret is tried', async () => {
      const secrets = [credential(locked.host, '<token>', 'taken back'), credential(locked.host, USER, PASSWORD)];
      expect(known(await ask(path, secrets)).digest).toBe(pushed.digest);
      expect(tokens.asked.map(({ by, granted }) => [by, granted])).toEqual([
        ['refresh-token', false],
        ['password', true],
      ]);
    });

    it('lets everybody read what is public, and nobody anything else', async () => {
      const shared = await pushImage(`${open.host}/public/api:v1`);
      expect(known(await ask('public/api:v1', [])).digest).toBe(shared.digest);
      expect(tokens.asked.map(({ by }) => by)).toEqual(['anonymous']);
      expect(unknown(await ask(path, []))).toMatchObject({ because: 'unauthorized' });
    });
  });

  it('over TLS of a private CA is believed where Node was told to trust that CA, and by nobody else', async () => {
    const identity = makeServerIdentity({ ips: ['127.0.0.2'] });
    const address = '127.0.0.2';
    const locked = await startRealRegistry({ sameContentAs: open, tls: identity, address });
    const dir = mkdtempSync(join(tmpdir(), 'repull-ca-'));
    writeFileSync(join(dir, 'ca.crt'), identity.ca);
    try {
      const ref = `${locked.host}/${path}`;
      expect(unknown(await client().resolve(ref, []))).toMatchObject({ because: 'unreachable' });
      const code = `import(${JSON.stringify(pathToFileURL('dist/registry/resolve.js').href)}).then(({ createRegistry }) =>
        createRegistry({ insecureHosts: [] }).resolve(${JSON.stringify(ref)}, [])).then((answer) => console.log(JSON.stringify(answer)))`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(dir, 'ca.crt') };
      const { stdout } = await promisify(execFile)(process.execPath, ['--eval', code], { env });
      expect(JSON.parse(stdout)).toMatchObject({ known: true, digest: pushed.digest });
    } finally {
      await locked.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
