#!/usr/bin/env node
// Builds a runnable image around the static binary `app` and pushes it to a
// registry over the distribution API (https://distribution.github.io/distribution/spec/api/).
//
//   push.mjs localhost:15000/shop/my-app:v1 [--version TEXT] [--size BYTES] [--crash] [--index]
//
// --version  text of /version in the image (default: a random one, so that every push is a new digest)
// --size     bytes of random ballast in a layer of its own, so that a pull takes a while
// --crash    the container exits 1 at once
// --index    push an OCI image index (linux/amd64 and a linux/arm64 entry) instead of a single manifest
// Prints one JSON line: {"ref", "digest", "manifests": {"linux/amd64": digest, …}}.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string' },
    size: { type: 'string', default: '0' },
    crash: { type: 'boolean', default: false },
    index: { type: 'boolean', default: false },
    app: { type: 'string', default: process.env.REPULL_TEST_APP ?? new URL('app/app', import.meta.url).pathname },
  },
});
const match = /^([^/]+)\/(.+?)(?::([\w][\w.-]{0,127}))?$/.exec(positionals[0] ?? '');
if (!match) {
  console.error('usage: push.mjs HOST:PORT/NAME[:TAG] [--version V] [--size N] [--crash] [--index]');
  process.exit(2);
}
const [, host, name, tag = 'latest'] = match;
const base = `${process.env.REPULL_TEST_REGISTRY_SCHEME ?? 'http'}://${host}/v2/${name}`;

const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** One ustar entry; `name` at most 100 bytes. */
function tarEntry(name, content, mode = 0o644) {
  const header = Buffer.alloc(512);
  const field = (text, offset) => header.write(text, offset);
  const octal = (value, offset, width) => field(value.toString(8).padStart(width - 1, '0'), offset);
  field(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.fill(' ', 148, 156);
  field('0', 156);
  field('ustar\0', 257);
  field('00', 263);
  field(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
const layer = (...entries) => Buffer.concat([...entries, Buffer.alloc(1024)]);

async function put(url, body, type) {
  const response = await fetch(url, { method: 'PUT', body, headers: { 'content-type': type } });
  if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`);
}
async function pushBlob(bytes) {
  const digest = sha256(bytes);
  if ((await fetch(`${base}/blobs/${digest}`, { method: 'HEAD' })).ok) return digest;
  const start = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  if (start.status !== 202) throw new Error(`POST ${base}/blobs/uploads/: ${start.status} ${await start.text()}`);
  const location = new URL(start.headers.get('location'), base);
  location.searchParams.set('digest', digest);
  await put(location, bytes, 'application/octet-stream');
  return digest;
}

const version = values.version ?? randomUUID();
const files = [tarEntry('version', Buffer.from(`${version}\n`))];
if (values.crash) files.push(tarEntry('crash', Buffer.alloc(0)));
const tars = [layer(tarEntry('app', readFileSync(values.app), 0o755)), layer(...files)];
if (Number(values.size) > 0) tars.push(layer(tarEntry('ballast', randomBytes(Number(values.size)))));

async function pushManifest(architecture) {
  const layers = [];
  for (const tar of tars) {
    const blob = gzipSync(tar, { level: 1 });
    layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', size: blob.length, digest: await pushBlob(blob) });
  }
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Entrypoint: ['/app'], Labels: { version } },
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: config.length, digest: await pushBlob(config) },
      layers,
    }),
  );
  return { bytes: manifest, digest: sha256(manifest), type: 'application/vnd.oci.image.manifest.v1+json' };
}

const platforms = values.index ? ['amd64', 'arm64'] : ['amd64'];
const manifests = [];
for (const architecture of platforms) manifests.push({ architecture, ...(await pushManifest(architecture)) });
let top = manifests[0];
if (values.index) {
  for (const one of manifests) await put(`${base}/manifests/${one.digest}`, one.bytes, one.type);
  const type = 'application/vnd.oci.image.index.v1+json';
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      manifests: manifests.map((one) => ({
        mediaType: one.type,
        size: one.bytes.length,
        digest: one.digest,
        platform: { os: 'linux', architecture: one.architecture },
      })),
    }),
  );
  top = { bytes, digest: sha256(bytes), type };
}
await put(`${base}/manifests/${tag}`, top.bytes, top.type);
console.log(
  JSON.stringify({
    ref: `${host}/${name}:${tag}`,
    digest: top.digest,
    manifests: Object.fromEntries(manifests.map((one) => [`linux/${one.architecture}`, one.digest])),
  }),
);
