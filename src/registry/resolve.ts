import { Agent } from 'undici';
import type { Registry, RegistryCredential, ResolveOptions } from '../app/ports-registry.ts';
import { effectiveTag, formatImage, type ImageReference, parseImage } from '../domain/image.ts';
import type { Identity, RegistryAnswer } from '../domain/registry-answer.ts';
import { configCredentials, matching } from './docker-config.ts';
import { baseUrl } from './hosts.ts';
import { ACCEPT, type Child, identity, readDocument, readPlatform, sha256 } from './manifest.ts';
import { Session } from './session.ts';
import { Trouble, troubleFrom } from './trouble.ts';

export interface RegistryOptions {
  /** Hosts (with or without port) that are spoken to in plain HTTP; loopback always is. */
  insecureHosts: string[];
  /** `config.json`; without it no config file is read. */
  dockerConfigPath?: string;
  /** Of each request; default 5 s. */
  timeoutMs?: number;
  /** How long a known answer is good for; default 10 s. */
  cacheMs?: number;
  now?: () => number;
}

const PER_HOST = 4;
/** Platforms of an index whose configs are fetched when nobody says which are needed. */
const PLATFORMS = 8;
const KEPT = 500;
/** A registry may ask for hours; once a minute hurts nobody, and a person who was let in again wants to know. */
const LONGEST_WAIT = 60_000;

type Content = Pick<Extract<RegistryAnswer, { known: true }>, 'identities' | 'platforms'>;

/** The port `Registry` over the distribution API. Never throws: what cannot be asked is unknown, with the reason. */
export class RegistryClient implements Registry {
  readonly #options: Required<Omit<RegistryOptions, 'dockerConfigPath'>>;
  readonly #dockerConfigPath: string | undefined;
  readonly #agent: Agent;
  readonly #answers = new Map<string, { until: number; answer: Promise<RegistryAnswer> }>();
  /** Who was told to wait, by registry and credentials: asking on would only make it longer. */
  readonly #waiting = new Map<string, { until: number; detail: string }>();
  /** Content under a digest never changes, so an unmoved tag costs one HEAD (which Docker Hub does not count as a pull). */
  readonly #contents = new Map<string, Content>();

  constructor(options: RegistryOptions) {
    this.#options = {
      insecureHosts: options.insecureHosts,
      timeoutMs: options.timeoutMs ?? 5000,
      cacheMs: options.cacheMs ?? 10_000,
      now: options.now ?? Date.now,
    };
    this.#dockerConfigPath = options.dockerConfigPath;
    this.#agent = new Agent({ connections: PER_HOST, pipelining: 1, connect: { timeout: this.#options.timeoutMs } });
  }

  async resolve(image: string, credentials: RegistryCredential[], { platforms, fresh }: ResolveOptions = {}): Promise<RegistryAnswer> {
    const parsed = parseImage(image);
    const at = this.#options.now();
    if (parsed === undefined) return { known: false, reference: image, because: 'unsupported', detail: 'not an image reference', at };
    const tag = effectiveTag(parsed);
    const asked: ImageReference = tag === undefined ? parsed : { ...parsed, tag };
    const reference = formatImage(asked);
    const key = JSON.stringify([reference, platforms ?? [], credentials.map(({ host, username, password }) => [host, username, password])]);
    const cached = this.#answers.get(key);
    if (cached !== undefined && at < cached.until && fresh !== true) return await cached.answer;
    const answer = this.#ask(asked, reference, credentials, platforms);
    // While it is on its way everybody shares it; only what is known is kept afterwards.
    this.#answers.set(key, { until: Infinity, answer });
    const { known } = await answer;
    for (const [old, { until }] of this.#answers) if (until <= this.#options.now()) this.#answers.delete(old);
    if (known) this.#answers.set(key, { until: this.#options.now() + this.#options.cacheMs, answer });
    else this.#answers.delete(key);
    return await answer;
  }

  async #ask(
    image: ImageReference,
    reference: string,
    given: RegistryCredential[],
    platforms: string[] | undefined,
  ): Promise<RegistryAnswer> {
    const at = this.#options.now();
    const who = JSON.stringify([image.registry, given.map(({ host, username }) => [host, username])]);
    const waiting = this.#waiting.get(who);
    if (waiting !== undefined && at < waiting.until)
      return { known: false, reference, because: 'rate-limited', detail: waiting.detail, at };
    this.#waiting.delete(who);
    try {
      const session = await this.#session(image, given);
      const digest = await topDigest(session, image.digest ?? image.tag ?? 'latest');
      const key = JSON.stringify([image.registry, image.repository, digest, platforms ?? []]);
      const content = this.#contents.get(key) ?? (await readContent(session, digest, platforms));
      this.#keep(key, content);
      return { known: true, reference, digest, ...content, at };
    } catch (error) {
      const { because, message, retryAfterMs } = troubleFrom(error);
      if (because === 'rate-limited' && retryAfterMs !== undefined)
        this.#waiting.set(who, { until: at + Math.min(retryAfterMs, LONGEST_WAIT), detail: message });
      return { known: false, reference, because, detail: message, at };
    }
  }

  async #session(image: ImageReference, given: RegistryCredential[]): Promise<Session> {
    const { insecureHosts, timeoutMs } = this.#options;
    let credentials = matching(given, image.registry, image.repository);
    if (credentials.length === 0 && this.#dockerConfigPath !== undefined) {
      credentials = matching(await configCredentials(this.#dockerConfigPath, image.registry), image.registry, image.repository);
    }
    return new Session(
      { insecureHosts, timeoutMs, dispatcher: this.#agent },
      baseUrl(image.registry, insecureHosts),
      image.repository,
      credentials,
    );
  }

  #keep(key: string, content: Content): void {
    this.#contents.delete(key);
    this.#contents.set(key, content);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > KEPT && oldest !== undefined) this.#contents.delete(oldest);
  }
}

export const createRegistry = (options: RegistryOptions): RegistryClient => new RegistryClient(options);

const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** The digest that the tag points at: from a HEAD, or where it says nothing of use from the bytes themselves. */
async function topDigest(session: Session, name: string): Promise<string> {
  const told = await session.ask('HEAD', `manifests/${name}`, ACCEPT).then(
    (reply) => reply.header('docker-content-digest'),
    (error: unknown) => {
      if (error instanceof Trouble && error.because === 'unsupported') return undefined;
      throw error;
    },
  );
  if (told !== undefined && DIGEST.test(told)) return told;
  const { bytes, header } = await session.ask('GET', `manifests/${name}`, ACCEPT);
  readDocument(bytes, header('content-type'));
  return sha256(bytes);
}

/** Everything that is the same image: read by digest, so that a tag moving meanwhile cannot mix two images. */
async function readContent(session: Session, digest: string, platforms: string[] | undefined): Promise<Content> {
  const document = await fetchDocument(session, digest);
  if (document.is === 'manifest') {
    const platform = await platformOf(session, document.config);
    return { identities: [identity(digest, 'manifest', platform), identity(document.config, 'config', undefined)], platforms: [] };
  }
  const children = document.children.map((child) => identity(child.digest, 'manifest', child.platform));
  const wanted = document.children.filter(
    ({ platform }) => platforms === undefined || (platform !== undefined && isWanted(platform, platforms)),
  );
  const configs = await Promise.all(wanted.slice(0, PLATFORMS).map((child) => configOf(session, child)));
  const offered = new Set(document.children.flatMap(({ platform }) => platform ?? []));
  return { identities: [identity(digest, 'index', undefined), ...children, ...configs.flat()], platforms: [...offered] };
}

/** A node says `linux/arm64`, an index may say `linux/arm64/v8`. */
const isWanted = (platform: string, wanted: string[]): boolean =>
  wanted.some((one) => platform === one || platform.startsWith(`${one}/`) || one.startsWith(`${platform}/`));

async function configOf(session: Session, { digest, platform }: Child): Promise<Identity[]> {
  const document = await fetchDocument(session, digest);
  return document.is === 'manifest' ? [identity(document.config, 'config', platform)] : [];
}

/**
 * What a single manifest was built for stands in its config only. A blob often lies in a storage service that the worker may not reach: then it
 * stays unknown, which costs a warning in the plan and nothing else.
 */
async function platformOf(session: Session, config: string): Promise<string | undefined> {
  try {
    const { bytes } = await session.ask('GET', `blobs/${config}`, '*/*');
    return sha256(bytes) === config ? readPlatform(bytes) : undefined;
  } catch {
    return undefined;
  }
}

async function fetchDocument(session: Session, digest: string) {
  const { bytes, header } = await session.ask('GET', `manifests/${digest}`, ACCEPT);
  if (sha256(bytes) !== digest) throw new Trouble('server-error', `the registry answered other bytes than ${digest}`);
  return readDocument(bytes, header('content-type'));
}
