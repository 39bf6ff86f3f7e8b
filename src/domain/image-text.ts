import { parseImage } from './image.ts';

/** `repo:tag@digest` taken apart as written, so that what we write looks like what stood there before. */
interface ImageText {
  name: string;
  tag: string | undefined;
  digest: string | undefined;
}

function takeApart(text: string): ImageText {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/') && colon > 0;
  return {
    name: tagged ? named.slice(0, colon) : named,
    tag: tagged ? named.slice(colon + 1) : undefined,
    digest: at < 0 ? undefined : text.slice(at + 1),
  };
}

/** The same repository under another tag; a digest that stood there goes, because it would win over the tag. */
export const withTag = (image: string, tag: string): string => `${takeApart(image).name}:${tag}`;

/** The tag alone, where there is one to ask for: an image by digest only has none, an image without either means `latest`. */
export function withoutDigest(image: string): string | undefined {
  const { name, tag, digest } = takeApart(image);
  if (tag === undefined) return digest === undefined ? name : undefined;
  return `${name}:${tag}`;
}

/** `repo:tag@sha256:…`: the exact bytes, the tag kept for the reader. */
export function withDigest(image: string, digest: string): string {
  const { name, tag, digest: old } = takeApart(image);
  const kept = tag ?? (old === undefined ? 'latest' : undefined);
  return kept === undefined ? `${name}@${digest}` : `${name}:${kept}@${digest}`;
}

export const digestOf = (image: string): string | undefined => takeApart(image).digest;

/** Same registry and repository, however they are written. */
export function sameRepository(a: string, b: string): boolean {
  const left = parseImage(a);
  const right = parseImage(b);
  return left !== undefined && right !== undefined && left.registry === right.registry && left.repository === right.repository;
}
