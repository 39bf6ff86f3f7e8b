/** The public face of the simulated registry. */

export interface RequestLog<T> extends Iterable<T> {
  readonly length: number;
  filter(test: (request: T) => boolean): T[];
  clear(): void;
}

export type RegistryAuth =
  /** Nobody has to say who they are. */
  | { kind: 'none' }
  /** A Bearer challenge, and a token service that gives tokens to everybody for pulls, like Docker Hub. */
  | { kind: 'anonymous-token' }
  /** A Bearer challenge; tokens only for this user. */
  | { kind: 'bearer'; username: string; password: string }
  | { kind: 'basic'; username: string; password: string };

export interface StartRegistryOptions {
  /** 0 or absent: any free port. */
  port?: number;
  auth?: RegistryAuth;
}

export interface PushOptions {
  /** Text of /version and the label `version`. Default: random, so that every push is a new digest. */
  version?: string;
  /** The process exits 1 at once after `app: asked to crash`. */
  crash?: boolean;
  /** The process runs but its readiness probe never succeeds. */
  unready?: boolean;
  /** The process ends at once with this exit code and no message (init containers, jobs). */
  exits?: number;
  /** An OCI image index instead of a single manifest. */
  index?: boolean;
  /** Compressed bytes of a layer of its own, so that a pull takes a while. */
  size?: number;
  /** `os/arch` entries of the index (implies `index` when there are several). Default: linux/amd64, with `index` also linux/arm64. */
  platforms?: string[];
}

export interface Pushed {
  /** HOST/NAME:TAG */
  ref: string;
  /** What the tag points at: the index's digest for an index. */
  digest: string;
  /** Manifest digest per platform. */
  manifests: Record<string, string>;
  /** Config digest per platform. */
  configs: Record<string, string>;
}

export interface RegistryTag {
  repository: string;
  tag: string;
  ref: string;
  digest: string;
  version: string;
  pushedAt: string;
}

export interface SimulatedRegistry {
  /** localhost:PORT */
  readonly host: string;
  /** `ref` with or without the host; without a tag: latest. */
  push(ref: string, options?: PushOptions): Pushed;
  tags(): RegistryTag[];
  /** Called after every push and delete. Returns the function that stops it. */
  onChange(listener: () => void): () => void;
  /** Takes a tag away (`repo:tag`), or a manifest with every tag on it (`repo@sha256:…`). */
  delete(ref: string): void;
  readonly faults: RegistryFaults;
  readonly requests: RequestLog<RegistryRequest>;
  /** Connections are cut and refused, until `up()`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** Faults concern manifests and tags unless `path` says otherwise; `times` defaults to Infinity. Each returns a function that takes it away. */
export interface RegistryFaults {
  /** 401, 403, 404, 429 (with `retryAfter` seconds), 500, 503 … */
  answer(status: number, options?: { retryAfter?: number; path?: RegExp; method?: string; times?: number }): () => void;
  /** Real milliseconds before every answer. */
  slow(milliseconds: number, options?: { path?: RegExp; times?: number }): () => void;
  /** Half a JSON body. */
  brokenBody(options?: { path?: RegExp; times?: number }): () => void;
  /** No Docker-Content-Digest header. */
  noDigestHeader(options?: { path?: RegExp; times?: number }): () => void;
  clear(): void;
}

export interface RegistryRequest {
  at: number;
  method: string;
  path: string;
  userAgent: string;
  authorization: string;
  accept: string;
  status: number;
}
