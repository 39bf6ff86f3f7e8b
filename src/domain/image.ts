/**
 * Container image references, as the kubelet and the registries read them
 * (https://github.com/distribution/reference/blob/main/reference.go).
 */

export interface ImageReference {
  /** Host and optional port, `docker.io` when the text names none. */
  registry: string;
  /** Path below the registry, `library/` added for Docker Hub's short names. */
  repository: string;
  tag?: string;
  /** `sha256:` and 64 hex digits. */
  digest?: string;
}

const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?$|^\[[a-fA-F0-9:]+\](?::[0-9]+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

export const isTag = (text: string): boolean => TAG.test(text);
export const isDigest = (text: string): boolean => DIGEST.test(text);

/** Reads a reference, or returns undefined where the kubelet would say InvalidImageName. */
export function parseImage(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) return undefined;
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/') && colon > 0;
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) return undefined;
  const name = tagged ? named.slice(0, colon) : named;
  const slash = name.indexOf('/');
  const head = slash < 0 ? '' : name.slice(0, slash);
  // Only a dot, a colon, "localhost" or an upper-case letter makes the first part a host; "shop/api" is Docker Hub.
  const isHost = head !== '' && (/[.:]/.test(head) || head === 'localhost' || head !== head.toLowerCase());
  const registry = isHost ? canonicalHost(head) : 'docker.io';
  let repository = isHost ? name.slice(slash + 1) : name;
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  if (!DOMAIN.test(registry) || !PATH.test(repository) || registry.length + repository.length > 254) return undefined;
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

const canonicalHost = (host: string): string => (host === 'index.docker.io' ? 'docker.io' : host);

/** The full, unambiguous text: host, repository, tag, digest. `parseImage(formatImage(r))` is `r` again. */
export function formatImage(image: ImageReference): string {
  const tag = image.tag === undefined ? '' : `:${image.tag}`;
  const digest = image.digest === undefined ? '' : `@${image.digest}`;
  return `${image.registry}/${image.repository}${tag}${digest}`;
}

/** What people write: Docker Hub's host and `library/` left out. */
export function familiarImage(image: ImageReference): string {
  const full = formatImage(image);
  if (image.registry !== 'docker.io') return full;
  const short = full.replace(/^docker\.io\/(?:library\/)?/, '');
  // `docker.io/my.team/api` keeps its host: without it `my.team` would be read as one.
  const read = parseImage(short);
  return read !== undefined && formatImage(read) === full ? short : full;
}

/** The tag that is asked of the registry: none means `latest`, unless a digest stands alone. */
export const effectiveTag = (image: ImageReference): string | undefined => image.tag ?? (image.digest === undefined ? 'latest' : undefined);

/** `repo:tag@sha256:…`: the exact bytes, the tag kept for the reader. */
export const pinnedTo = (image: ImageReference, digest: string): ImageReference => ({ ...image, digest });

/**
 * The digest inside `containerStatuses[].imageID`, whatever the runtime: containerd and CRI-O `repo@sha256:…`,
 * cri-dockerd `docker-pullable://repo@sha256:…`, or a bare config digest (`sha256:…`, `docker://sha256:…`).
 */
export function runningDigest(imageId: string): { digest: string; of: 'manifest' | 'config' } | undefined {
  const bare = imageId.replace(/^[a-z-]+:\/\//, '');
  const at = bare.lastIndexOf('@');
  const digest = at < 0 ? bare : bare.slice(at + 1);
  if (!isDigest(digest)) return undefined;
  return { digest, of: at < 0 ? 'config' : 'manifest' };
}
