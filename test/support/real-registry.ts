import { spawn } from 'node:child_process';
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export const USER = 'puller';
export const PASSWORD = 'open sesame';
/** bcrypt of the password, the only hash that docker-registry takes. */
const HTPASSWD = `${USER}:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`;

export interface Identity {
  ca: string;
  cert: string;
  key: string;
}
export interface RealRegistryOptions {
  /** A registry of before, whose content this one serves too: what is pushed there without a password is pulled here with one. */
  sameContentAs?: RealRegistry;
  htpasswd?: boolean;
  token?: { realm: string; service: string; issuer: string; root: string };
  tls?: Identity;
  address?: string;
}
export interface RealRegistry {
  /** HOST:PORT; localhost on loopback, because containerd speaks plain HTTP to it. */
  host: string;
  storage: string;
  stop(): Promise<void>;
}

/** Debian's docker-registry on a free port, with the door that is asked for. */
export async function startRealRegistry(options: RealRegistryOptions = {}): Promise<RealRegistry> {
  const dir = mkdtempSync(join(tmpdir(), 'repull-registry-'));
  const address = options.address ?? '127.0.0.1';
  const port = await freePort(address);
  const file = (name: string, content: string): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const storage = options.sameContentAs?.storage ?? join(dir, 'storage');
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: {
      addr: `${address}:${port}`,
      ...(options.tls === undefined
        ? {}
        : { tls: { certificate: file('tls.crt', options.tls.cert), key: file('tls.key', options.tls.key) } }),
    },
    ...(options.htpasswd === true ? { auth: { htpasswd: { realm: 'test', path: file('htpasswd', HTPASSWD) } } } : {}),
    ...(options.token === undefined
      ? {}
      : { auth: { token: { ...options.token, root: undefined, rootcertbundle: file('root.crt', options.token.root) } } }),
  };
  const child = spawn('docker-registry', ['serve', file('config.yml', JSON.stringify(config))], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until(() => answers(address, port), { what: 'docker-registry answers', withinMs: 10_000, everyMs: 50 }).catch(
    (problem: unknown) => {
      child.kill();
      throw new Error(`${String(problem)}: ${said}`);
    },
  );
  return {
    host: `${address === '127.0.0.1' ? 'localhost' : address}:${port}`,
    storage,
    async stop() {
      child.kill();
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const answers = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });

async function freePort(address: string): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface TokenService {
  realm: string;
  service: string;
  issuer: string;
  root: string;
  /** How each token was asked for. */
  asked: { by: 'anonymous' | 'password' | 'refresh-token'; scope: string; granted: boolean }[];
  /** The password-less key that `docker login` keeps in place of a password. */
  refreshToken: string;
  stop(): Promise<void>;
}

/** A token service that a real docker-registry trusts (https://distribution.github.io/distribution/spec/auth/jwt/); public repositories for everybody. */
export async function startTokenService(identity: Identity): Promise<TokenService> {
  const asked: TokenService['asked'] = [];
  const refreshToken = randomUUID();
  const [service, issuer] = ['test-registry', 'test-tokens'];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url ?? '/', 'http://tokens');
      const form = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
      const scope = form.get('scope') ?? '';
      const by = request.method === 'POST' ? 'refresh-token' : request.headers.authorization === undefined ? 'anonymous' : 'password';
      const known = {
        'refresh-token': form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === refreshToken && form.has('client_id'),
        password: request.headers.authorization === `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`,
        anonymous: scope.startsWith('repository:public/'),
      }[by];
      asked.push({ by, scope, granted: known });
      if (!known && by !== 'anonymous') return void response.writeHead(401).end();
      const token = tokenFor(identity, { iss: issuer, aud: service, sub: known ? USER : '' }, known ? scope : '');
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(by === 'refresh-token' ? { access_token: token, expires_in: 60 } : { token }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://localhost:${port}/token`,
    service,
    issuer,
    root: identity.ca,
    asked,
    refreshToken,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function tokenFor({ cert, key }: Identity, claims: object, scope: string): string {
  const [type, name, actions] = scope.split(':');
  const now = Math.floor(Date.now() / 1000);
  const access = scope === '' ? [] : [{ type, name, actions: actions?.split(',') }];
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(cert).raw.toString('base64')] };
  const text = `${encode(header)}.${encode({ ...claims, iat: now, nbf: now - 10, exp: now + 60, jti: randomUUID(), access })}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
