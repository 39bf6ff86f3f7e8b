import { toTimestamp } from '../clock.ts';
import type { PushOptions, Pushed, RegistryTag } from '../types.ts';
import { buildImage } from './manifests.ts';
import type { Document } from './manifests.ts';

interface Repository {
  tags: Map<string, { digest: string; pushedAt: string; version: string }>;
  manifests: Map<string, Document>;
}

/** What the registry holds. */
export class Content {
  private readonly repositories = new Map<string, Repository>();
  private readonly blobs = new Map<string, Document>();
  private readonly listeners = new Set<() => void>();

  push(host: string, repositoryName: string, tag: string, options: PushOptions): Pushed {
    const image = buildImage(options);
    const repository = this.repositories.get(repositoryName) ?? { tags: new Map(), manifests: new Map() };
    this.repositories.set(repositoryName, repository);
    for (const manifest of image.manifests) repository.manifests.set(manifest.digest, manifest);
    for (const config of image.configs) this.blobs.set(config.digest, config);
    repository.tags.set(tag, { digest: image.top.digest, pushedAt: toTimestamp(Date.now()), version: image.version });
    this.changed();
    return { ref: `${host}/${repositoryName}:${tag}`, digest: image.top.digest, manifests: image.manifestOf, configs: image.configOf };
  }

  has(repositoryName: string): boolean {
    return this.repositories.has(repositoryName);
  }

  names(): string[] {
    return [...this.repositories.keys()].sort();
  }

  tagsOf(repositoryName: string): string[] {
    return [...(this.repositories.get(repositoryName)?.tags.keys() ?? [])].sort();
  }

  /** `reference` is a tag or a digest. */
  manifest(repositoryName: string, reference: string): Document | undefined {
    const repository = this.repositories.get(repositoryName);
    const digest = reference.startsWith('sha256:') ? reference : repository?.tags.get(reference)?.digest;
    return digest ? repository?.manifests.get(digest) : undefined;
  }

  blob(digest: string): Document | undefined {
    return this.blobs.get(digest);
  }

  tags(host: string): RegistryTag[] {
    return [...this.repositories].flatMap(([repository, { tags }]) =>
      [...tags].map(([tag, { digest, pushedAt, version }]) => ({
        repository,
        tag,
        ref: `${host}/${repository}:${tag}`,
        digest,
        version,
        pushedAt,
      })),
    );
  }

  remove(repositoryName: string, reference: string): boolean {
    const repository = this.repositories.get(repositoryName);
    if (!repository) return false;
    if (!reference.startsWith('sha256:')) {
      const removed = repository.tags.delete(reference);
      if (removed) this.changed();
      return removed;
    }
    if (!repository.manifests.delete(reference)) return false;
    for (const [tag, { digest }] of repository.tags) if (digest === reference) repository.tags.delete(tag);
    this.changed();
    return true;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
