/** Builds a small runnable image around one static binary and pushes it over the distribution API. For a real registry; the simulated one has its own push. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Problem } from './problem.ts';

export interface BuildOptions {
  /** Path of the static binary that becomes /app. */
  binary: string;
  /** Text of /version: another text, another digest. */
  version: string;
  /** The process exits with 1 at once. */
  crash: boolean;
}

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** One ustar entry; `name` of at most 100 bytes. */
function tarEntry(name: string, content: Buffer, mode: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, offset: number, width: number): void => {
    header.write(value.toString(8).padStart(width - 1, '0'), offset);
  };
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.fill(' ', 148, 156);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
const tar = (...entries: Buffer[]): Buffer => Buffer.concat([...entries, Buffer.alloc(1024)]);

/** `http` only for this machine. */
const registryBase = (host: string): string => `${/^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? 'http' : 'https'}://${host}/v2`;

/** `HOST:PORT/NAME:TAG` in its parts. */
export function splitRef(ref: string): { host: string; name: string; tag: string } {
  const [, host, name, tag] = /^([^/]+)\/(.+):([\w][\w.-]{0,127})$/.exec(ref) ?? [];
  if (!host || !name || !tag) throw new Problem(`"${ref}" is not HOST:PORT/NAME:TAG.`);
  return { host, name, tag };
}

async function send(what: string, url: string | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Problem(`The registry did not take ${what}: ${response.status} ${(await response.text()).slice(0, 200)}`);
  return response;
}

async function pushBlob(base: string, bytes: Buffer): Promise<string> {
  const digest = sha256(bytes);
  if ((await fetch(`${base}/blobs/${digest}`, { method: 'HEAD' })).ok) return digest;
  const begun = await send('an upload', `${base}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(begun.headers.get('location') ?? '', begun.url);
  location.searchParams.set('digest', digest);
  await send('a layer', location, {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: { 'content-type': 'application/octet-stream' },
  });
  return digest;
}

/** Rejects with a Problem when the registry refuses. */
export async function pushBuild(ref: string, options: BuildOptions): Promise<{ ref: string; digest: string }> {
  const { host, name, tag } = splitRef(ref);
  const base = `${registryBase(host)}/${name}`;
  const files = [tarEntry('version', Buffer.from(`${options.version}\n`), 0o644)];
  if (options.crash) files.push(tarEntry('crash', Buffer.alloc(0), 0o644));
  const tars = [tar(tarEntry('app', await readFile(options.binary), 0o755)), tar(...files)];
  const layers: object[] = [];
  for (const one of tars) {
    const blob = gzipSync(one, { level: 1 });
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', size: blob.length, digest: await pushBlob(base, blob) });
  }
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Entrypoint: ['/app'], Labels: { version: options.version } },
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: config.length, digest: await pushBlob(base, config) },
      layers,
    }),
  );
  await send('the manifest', `${base}/manifests/${tag}`, {
    method: 'PUT',
    body: new Uint8Array(manifest),
    headers: { 'content-type': MANIFEST },
  });
  return { ref, digest: sha256(manifest) };
}
