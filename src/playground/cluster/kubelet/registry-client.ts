import { STATUS_CODES } from 'node:http';
import { request } from 'undici';
import { BEHAVIOUR, INDEX, MANIFEST, sha256 } from '../registry/manifests.ts';
import type { Reference } from '../registry/reference.ts';

export interface Credentials {
  username: string;
  password: string;
  /** The uid of the secret that they come from. */
  secret: string;
}

export interface RemoteImage {
  /** What the tag points at: the index's digest for an index. */
  digest: string;
  configDigest: string;
  labels: Record<string, string>;
  layers: { digest: string; size: number }[];
  /** Everything of this platform, compressed. */
  size: number;
}

/** A pull that failed, with containerd's words. */
export class PullError extends Error {}

const ACCEPT = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  MANIFEST,
  INDEX,
  '*/*',
].join(', ');

interface Manifest {
  mediaType?: string;
  manifests?: { digest: string; size: number; platform?: { os: string; architecture: string } }[];
  config?: { digest: string; size: number };
  layers?: { digest: string; size: number }[];
}

/** Asks a registry as containerd does: HEAD by tag, then manifests by digest, then the configuration. Loopback only. */
export class RegistryClient {
  private readonly reference: Reference;
  private readonly image: string;
  private readonly credentials: Credentials | undefined;
  private token = '';

  /** `image` is the reference as the pod wrote it, for messages. */
  constructor(reference: Reference, image: string, credentials: Credentials | undefined) {
    this.reference = reference;
    this.image = image;
    this.credentials = credentials;
  }

  async fetchImage(architecture: string): Promise<RemoteImage> {
    const { reference } = this;
    const digest = await this.resolve(reference.digest || reference.tag);
    const top = await this.manifest(digest);
    const chosen = top.manifests?.find((entry) => entry.platform?.os === 'linux' && entry.platform.architecture === architecture);
    if (top.manifests && !chosen)
      throw this.failed('NotFound', `failed to pull and unpack image "${this.name}": no match for platform in manifest: not found`);
    const manifest = chosen ? await this.manifest(chosen.digest) : top;
    const config = manifest.config ?? { digest: '', size: 0 };
    const layers = manifest.layers ?? [];
    const labels = await this.labels(config.digest);
    const size = layers.reduce((sum, layer) => sum + layer.size, config.size);
    return { digest, configDigest: config.digest, labels, layers, size };
  }

  private get name(): string {
    const { name, tag, digest } = this.reference;
    return digest ? `${name}@${digest}` : `${name}:${tag}`;
  }

  private async resolve(wanted: string): Promise<string> {
    const response = await this.ask('HEAD', `manifests/${wanted}`, true);
    const digest = response.headers.get('docker-content-digest');
    if (digest) return digest;
    const body = await (await this.ask('GET', `manifests/${wanted}`, true)).text();
    return sha256(body);
  }

  private async manifest(digest: string): Promise<Manifest> {
    const response = await this.ask('GET', `manifests/${digest}`, false);
    const text = await response.text();
    try {
      return JSON.parse(text) as Manifest;
    } catch {
      throw this.failed(
        '',
        `failed to pull and unpack image "${this.name}": failed commit on ref "manifest-${digest}": unexpected commit digest ${sha256(text)}, expected ${digest}: failed precondition`,
      );
    }
  }

  private async labels(configDigest: string): Promise<Record<string, string>> {
    const response = await this.ask('GET', `blobs/${configDigest}`, false);
    const config = (await response.json()) as { config?: { Labels?: Record<string, string> } };
    return config.config?.Labels ?? {};
  }

  private async ask(method: string, path: string, isResolve: boolean): Promise<Response> {
    const { host, repository } = this.reference;
    const url = `http://${host}/v2/${repository}/${path}`;
    const step = isResolve ? `failed to resolve reference "${this.name}": ` : '';
    const where = `failed to pull and unpack image "${this.name}": ${step}`;
    let response: Response;
    try {
      response = await this.send(method, url);
      if (response.status === 401 && (await this.authorise(response, where))) response = await this.send(method, url);
    } catch (error) {
      if (error instanceof PullError) throw error;
      throw this.failed('', `${where}failed to do request: ${method === 'HEAD' ? 'Head' : 'Get'} "${url}": ${dialError(host, error)}`);
    }
    if (response.status === 404) throw this.failed('NotFound', `${where}${isResolve ? this.name : `content at ${url}`}: not found`);
    if (response.status > 399) {
      const status = `status code [${path.replace('/', ' ')}]: ${response.status} ${response.statusText}`;
      throw this.failed('', where + (isResolve ? `pulling from host ${host} failed with ${status}` : `unexpected ${status}`));
    }
    return response;
  }

  private async send(method: string, url: string): Promise<Response> {
    if (!/^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(this.reference.host)) throw new Error('ENOTFOUND');
    const headers: Record<string, string> = { accept: ACCEPT, 'user-agent': 'containerd/1.6.20' };
    if (this.token) headers['authorization'] = this.token;
    // Not fetch: it refuses some ports that a registry, or nobody, may well listen on.
    const answer = await request(url, { method: method as 'GET', headers });
    return new Response(method === 'HEAD' ? null : await answer.body.text(), {
      status: answer.statusCode,
      statusText: STATUS_CODES[answer.statusCode] ?? '',
      headers: Object.entries(answer.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as [string, string]] : [],
      ),
    });
  }

  /** Answers a challenge; false when there is nothing to answer it with. */
  private async authorise(response: Response, where: string): Promise<boolean> {
    const challenge = response.headers.get('www-authenticate') ?? '';
    const basic =
      this.credentials && `Basic ${Buffer.from(`${this.credentials.username}:${this.credentials.password}`).toString('base64')}`;
    if (/^basic/i.test(challenge)) {
      if (!basic) return false;
      this.token = basic;
      return true;
    }
    const value = (key: string) => new RegExp(`${key}="([^"]*)"`).exec(challenge)?.[1] ?? '';
    const url = new URL(value('realm'));
    for (const key of ['scope', 'service']) if (value(key)) url.searchParams.set(key, value(key));
    const answer = await fetch(url, basic ? { headers: { authorization: basic } } : {});
    if (!answer.ok) {
      const what = basic ? 'failed to fetch oauth token' : 'failed to fetch anonymous token';
      throw this.failed('', `${where}failed to authorize: ${what}: unexpected status: ${answer.status} ${answer.statusText}`);
    }
    const { token } = (await answer.json()) as { token: string };
    this.token = `Bearer ${token}`;
    return true;
  }

  private failed(code: string, message: string): PullError {
    return new PullError(code ? `rpc error: code = ${code} desc = ${message}` : message);
  }
}

function dialError(host: string, error: unknown): string {
  const { code: own, errors, message } = error as { code?: string; errors?: { code?: string }[]; message: string };
  const code = own ?? errors?.[0]?.code ?? message;
  const [name = '', port = '443'] = host.split(':');
  if (code === 'ECONNREFUSED') return `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'EOF';
  return `dial tcp: lookup ${name}: no such host`;
}

/** What the image's process does, by its labels. */
export function behaviourOf(labels: Record<string, string>): { crash: boolean; unready: boolean; exits: number | undefined } {
  const exits = labels[BEHAVIOUR.exits];
  return {
    crash: labels[BEHAVIOUR.crash] === 'true',
    unready: labels[BEHAVIOUR.unready] === 'true',
    exits: exits === undefined ? undefined : Number(exits),
  };
}
