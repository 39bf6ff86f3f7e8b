import { parseReference } from '../registry/reference.ts';
import type { CachedImage } from '../types.ts';

export interface StoredImage {
  /** Config digest. */
  id: string;
  size: number;
  labels: Record<string, string>;
}

/**
 * The images of one node, kept as containerd keeps them: names (`repo:tag`, `repo@digest`) that point at images, and images told apart by
 * their configuration. A tag that moves leaves the old image behind under its digest name.
 */
export class ImageStore {
  private readonly names = new Map<string, string>();
  private readonly images = new Map<string, StoredImage>();
  private readonly layers = new Set<string>();

  /** Looks for an image as the pod names it. A reference with a digest is looked up by the digest alone. */
  find(image: string): StoredImage | undefined {
    const direct = this.images.get(image);
    if (direct) return direct;
    const reference = parseReference(image);
    if (!reference) return undefined;
    const key = reference.digest ? `${reference.name}@${reference.digest}` : `${reference.name}:${reference.tag}`;
    const id = this.names.get(key);
    return id ? this.images.get(id) : undefined;
  }

  add(image: string, digest: string, stored: StoredImage): void {
    const reference = parseReference(image);
    if (!reference) return;
    this.images.set(stored.id, stored);
    this.names.set(`${reference.name}@${digest}`, stored.id);
    // With both a tag and a digest, containerd keeps only the digest.
    if (!reference.digest) this.names.set(`${reference.name}:${reference.tag}`, stored.id);
  }

  missingBytes(layers: { digest: string; size: number }[]): number {
    return layers.filter((layer) => !this.layers.has(layer.digest)).reduce((sum, layer) => sum + layer.size, 0);
  }

  addLayers(layers: { digest: string }[]): void {
    for (const { digest } of layers) this.layers.add(digest);
  }

  /** What the runtime says about a container's image now: it depends on what else was pulled since (research §3). */
  describe(id: string, spec: string): { image: string; imageID: string } {
    const { tags, digests } = this.namesOf(id);
    return { image: tags[0] ?? id ?? spec, imageID: digests[0] ?? id };
  }

  list(): CachedImage[] {
    return [...this.images.values()].map(({ id, size }) => ({ id, size, ...this.namesOf(id) }));
  }

  private namesOf(id: string): { tags: string[]; digests: string[] } {
    const names = [...this.names].filter(([, target]) => target === id).map(([name]) => name);
    return { tags: names.filter((name) => !name.includes('@')).sort(), digests: names.filter((name) => name.includes('@')).sort() };
  }
}
