import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Identity } from '../domain/registry-answer.ts';
import { Trouble } from './trouble.ts';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** All four: a registry converts, or answers 404, for what is not listed. */
export const ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');

const Digest = z.string().regex(/^sha256:[a-f0-9]{64}$/);
const Index = z.object({
  manifests: z.array(
    z.object({
      digest: Digest,
      mediaType: z.string().optional(),
      platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).optional(),
    }),
  ),
});
const Manifest = z.object({ schemaVersion: z.literal(2), config: z.object({ digest: Digest }) });

const Config = z.object({ os: z.string().min(1), architecture: z.string().min(1), variant: z.string().optional() });

export interface Child {
  digest: string;
  platform: string | undefined;
}
export type Document = { is: 'index'; children: Child[] } | { is: 'manifest'; config: string };

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The body of a manifest GET. Throws Trouble for schema 1 and for anything that is neither an index nor an image. */
export function readDocument(bytes: Uint8Array, contentType: string | undefined): Document {
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if ((json as { schemaVersion?: unknown } | null)?.schemaVersion === 1)
    throw new Trouble('unsupported', 'manifest schema 1, which no current runtime pulls');
  const index = Index.safeParse(json);
  if (index.success) return { is: 'index', children: index.data.manifests.flatMap(childOf) };
  const manifest = Manifest.safeParse(json);
  if (manifest.success) return { is: 'manifest', config: manifest.data.config.digest };
  throw new Trouble('unsupported', `neither an image nor an index of images${contentType === undefined ? '' : ` (${contentType})`}`);
}

/** Attestations ride in the index as unknown/unknown; no node runs them. */
function childOf({ digest, platform }: z.infer<typeof Index>['manifests'][number]): Child[] {
  if (platform?.os === 'unknown' || platform?.architecture === 'unknown') return [];
  return [{ digest, platform: platform === undefined ? undefined : platformText(platform) }];
}

/** Of an image config; undefined where it does not say. */
export function readPlatform(bytes: Uint8Array): string | undefined {
  const config = Config.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  return config.success ? platformText(config.data) : undefined;
}

/** `linux/arm64/v8`. */
const platformText = ({ os, architecture, variant }: { os: string; architecture: string; variant?: string | undefined }): string =>
  `${os}/${architecture}${variant === undefined || variant === '' ? '' : `/${variant}`}`;

export const identity = (digest: string, of: Identity['of'], platform: string | undefined): Identity => ({
  digest,
  of,
  ...(platform === undefined ? {} : { platform }),
});
