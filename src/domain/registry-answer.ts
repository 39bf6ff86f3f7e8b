/** What a registry said about one image reference. Unknown stays unknown: it is never read as "nothing new" (product.md §4). */

/** One digest under which the bytes of a tag may show up in a pod's status. */
export interface Identity {
  digest: string;
  of: 'index' | 'manifest' | 'config';
  /** `linux/amd64`, `linux/arm64/v8`; absent on a single manifest whose config could not be read. */
  platform?: string;
  /** Not under the tag (any more), but around a config that is: the same code by another digest. */
  sameConfig?: true;
}

export type RegistryAnswer =
  | {
      known: true;
      /** Canonical reference that was asked. */
      reference: string;
      /** Digest of the tag itself: the index where there is one, else the manifest. */
      digest: string;
      /** Everything that is "the same image": the top digest, child manifests, configs. */
      identities: Identity[];
      /** Platforms an index offers; empty for a single manifest. */
      platforms: string[];
      at: number;
    }
  | {
      known: false;
      reference: string;
      because: 'not-found' | 'unauthorized' | 'rate-limited' | 'unreachable' | 'server-error' | 'timeout' | 'unsupported';
      /** The registry's own words, or the network error's code. */
      detail: string;
      at: number;
    };
