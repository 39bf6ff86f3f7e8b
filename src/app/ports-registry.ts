import type { RegistryAnswer } from '../domain/registry-answer.ts';

export interface RegistryCredential {
  /** Host (with port, path or wildcard) as in a docker config file. */
  host: string;
  username: string;
  password: string;
  /** Which secret or file; never the content. */
  source: string;
}

export interface ResolveOptions {
  /** `os/arch[/variant]` of the nodes concerned; without it, up to 8 platforms of an index are looked into. */
  platforms?: string[];
  /** The registry is asked, however short ago it was asked the same. */
  fresh?: boolean;
}

export interface Registry {
  /** Never throws: what cannot be asked is an answer with `known: false`. */
  resolve(image: string, credentials: RegistryCredential[], options?: ResolveOptions): Promise<RegistryAnswer>;
}
