import { createHash, randomUUID } from 'node:crypto';
import type { PushOptions } from '../types.ts';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** Labels in the image's configuration by which simulated kubelets know what the process would do. */
export const BEHAVIOUR = { crash: 'simulated.repull/crash', unready: 'simulated.repull/unready', exits: 'simulated.repull/exits' } as const;

export interface Document {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

export interface BuiltImage {
  top: Document;
  /** Everything to store: manifests by digest, configurations by digest. */
  manifests: Document[];
  configs: Document[];
  /** Digests by `os/arch`. */
  manifestOf: Record<string, string>;
  configOf: Record<string, string>;
  version: string;
}

/** Compressed size of the layer that holds the program; about what the real test image has. */
const BASE_SIZE = 826_000;

/**
 * Builds the documents of an image. The layers are only named, never made: nobody here downloads them, and a push of a "200 MB" image
 * must cost nothing.
 */
export function buildImage(options: PushOptions): BuiltImage {
  const version = options.version ?? randomUUID();
  const many = options.index === true || (options.platforms?.length ?? 0) > 1;
  const platforms = options.platforms ?? (many ? ['linux/amd64', 'linux/arm64'] : ['linux/amd64']);
  const manifests: Document[] = [];
  const configs: Document[] = [];
  const manifestOf: Record<string, string> = {};
  const configOf: Record<string, string> = {};
  for (const platform of platforms) {
    const { manifest, config } = buildPlatform(platform, version, options);
    manifests.push(manifest);
    configs.push(config);
    manifestOf[platform] = manifest.digest;
    configOf[platform] = config.digest;
  }
  const [first] = manifests;
  if (!first) throw new Error('an image needs at least one platform');
  if (!many) return { top: first, manifests, configs, manifestOf, configOf, version };
  const top = document(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: platforms.map((platform, index) => {
      const manifest = manifests[index] ?? first;
      const [os, architecture] = platform.split('/');
      return { mediaType: MANIFEST, size: manifest.bytes.length, digest: manifest.digest, platform: { os, architecture } };
    }),
  });
  return { top, manifests: [...manifests, top], configs, manifestOf, configOf, version };
}

function buildPlatform(platform: string, version: string, options: PushOptions): { manifest: Document; config: Document } {
  const [os, architecture] = platform.split('/');
  const layers = [
    { mediaType: LAYER, size: BASE_SIZE, digest: sha256(`program ${platform}`) },
    { mediaType: LAYER, size: 200 + version.length, digest: sha256(`version ${version} ${String(options.crash)}`) },
  ];
  if (options.size) layers.push({ mediaType: LAYER, size: options.size, digest: sha256(`ballast ${version} ${options.size}`) });
  const labels: Record<string, string> = { version };
  if (options.crash) labels[BEHAVIOUR.crash] = 'true';
  if (options.unready) labels[BEHAVIOUR.unready] = 'true';
  if (options.exits !== undefined) labels[BEHAVIOUR.exits] = String(options.exits);
  const config = document(CONFIG, {
    architecture,
    os,
    config: { Entrypoint: ['/app'], Labels: labels },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => sha256(`diff ${layer.digest}`)) },
  });
  const manifest = document(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, size: config.bytes.length, digest: config.digest },
    layers,
  });
  return { manifest, config };
}

function document(mediaType: string, content: unknown): Document {
  const bytes = Buffer.from(JSON.stringify(content));
  return { digest: sha256(bytes), mediaType, bytes };
}

export function sha256(content: string | Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
