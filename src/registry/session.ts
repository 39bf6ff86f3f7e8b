import { type Dispatcher, request } from 'undici';
import type { RegistryCredential } from '../app/ports-registry.ts';
import { basicOf, type Challenge, isRefreshToken, parseChallenge, type TokenAnswer } from './auth.ts';
import { isSafeRealm } from './hosts.ts';
import { Trouble, troubleOf } from './trouble.ts';

export interface SessionOptions {
  insecureHosts: readonly string[];
  timeoutMs: number;
  dispatcher: Dispatcher;
}

export interface Reply {
  status: number;
  bytes: Uint8Array;
  header(name: string): string | undefined;
}

const REDIRECTS = 5;
/** Manifests are limited to 4 MiB by the registries themselves. */
const MAX_BYTES = 4 * 1024 * 1024;

/** The conversation with one registry about one repository, with one set of credentials; the token is asked for once. */
export class Session {
  readonly #options: SessionOptions;
  readonly #base: string;
  readonly #repository: string;
  readonly #credentials: RegistryCredential[];
  /** The first that was accepted is kept: the header, and which credential it came from. */
  #authorization: Promise<string> | undefined;

  constructor(options: SessionOptions, base: string, repository: string, credentials: RegistryCredential[]) {
    this.#options = options;
    this.#base = base;
    this.#repository = repository;
    this.#credentials = credentials;
  }

  /** Below `/v2/<repository>/`. Throws Trouble for everything but 2xx. */
  async ask(method: 'HEAD' | 'GET', path: string, accept: string): Promise<Reply> {
    const url = new URL(`${this.#base}/v2/${this.#repository}/${path}`);
    const known = await this.#authorization;
    const first = await this.#send(method, url, accept, known);
    if (first.status !== 401 || known !== undefined) return settled(first);
    const challenge = parseChallenge(first.header('www-authenticate'));
    if (challenge === undefined) return settled(first);
    return await this.#logIn(challenge, method, url, accept, first);
  }

  /** Tries what the kubelet would: every matching credential in turn, anonymous only where there is none. */
  async #logIn(challenge: Challenge, method: 'HEAD' | 'GET', url: URL, accept: string, first: Reply): Promise<Reply> {
    const candidates: (RegistryCredential | undefined)[] = this.#credentials.length === 0 ? [undefined] : this.#credentials;
    let last: Trouble | undefined;
    for (const credential of candidates) {
      try {
        if (credential === undefined && challenge.scheme === 'basic') throw troubleOfReply(first);
        const authorization = await this.#authorize(challenge, credential);
        const reply = await this.#send(method, url, accept, authorization);
        if (reply.status !== 401 && reply.status !== 403) {
          this.#authorization = Promise.resolve(authorization);
          return settled(reply);
        }
        last = troubleOfReply(reply);
      } catch (error) {
        if (!(error instanceof Trouble) || error.because !== 'unauthorized') throw error;
        last = error;
      }
    }
    const sources = this.#credentials.map(({ source }) => source).join(', ');
    const tried = sources === '' ? 'no credentials were found' : `tried: ${sources}`;
    throw new Trouble('unauthorized', `${last?.message ?? 'HTTP 401'} (${tried})`);
  }

  async #authorize(challenge: Challenge, credential: RegistryCredential | undefined): Promise<string> {
    if (challenge.scheme === 'basic') return credential === undefined ? '' : basicOf(credential);
    const realm = this.#realmOf(challenge.realm);
    const scope = challenge.scope ?? `repository:${this.#repository}:pull`;
    const reply =
      credential !== undefined && isRefreshToken(credential)
        ? await this.#exchange(realm, challenge.service, scope, credential)
        : await this.#fetchToken(realm, challenge.service, scope, credential);
    if (reply.status >= 300) throw troubleOfReply(reply);
    const { token, access_token } = JSON.parse(new TextDecoder().decode(reply.bytes)) as TokenAnswer;
    const found = token ?? access_token;
    if (typeof found !== 'string' || found === '') throw new Trouble('server-error', 'the token service answered without a token');
    return `Bearer ${found}`;
  }

  #realmOf(text: string): URL {
    if (URL.canParse(text)) {
      const realm = new URL(text);
      if (isSafeRealm(realm, this.#options.insecureHosts)) return realm;
    }
    throw new Trouble('unsupported', 'the registry names a token service that is not HTTPS');
  }

  async #fetchToken(realm: URL, service: string | undefined, scope: string, credential: RegistryCredential | undefined): Promise<Reply> {
    if (service !== undefined) realm.searchParams.set('service', service);
    realm.searchParams.set('scope', scope);
    return await this.#send('GET', realm, 'application/json', credential === undefined ? undefined : basicOf(credential));
  }

  async #exchange(realm: URL, service: string | undefined, scope: string, credential: RegistryCredential): Promise<Reply> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: 'repull',
      refresh_token: credential.password,
      scope,
      ...(service === undefined ? {} : { service }),
    });
    return await this.#send('POST', realm, 'application/json', undefined, form.toString());
  }

  /** Follows redirects by itself: what says who we are stays with the host it was meant for. */
  async #send(method: 'HEAD' | 'GET' | 'POST', url: URL, accept: string, authorization: string | undefined, form?: string): Promise<Reply> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    let to = url;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const own = to.origin === url.origin;
      const reply = await request(to, {
        method,
        dispatcher: this.#options.dispatcher,
        signal,
        headers: {
          accept,
          'user-agent': 'repull',
          ...(authorization !== undefined && own ? { authorization } : {}),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { body: form }),
      });
      const location = headerOf(reply, 'location');
      if (![301, 302, 303, 307, 308].includes(reply.statusCode) || location === undefined || form !== undefined)
        return await readReply(reply);
      await reply.body.dump();
      to = new URL(location, to);
      if (!isSafeRealm(to, this.#options.insecureHosts))
        throw new Trouble('unsupported', 'the registry redirects to a host that is not HTTPS');
    }
    throw new Trouble('unsupported', 'too many redirects');
  }
}

async function readReply(reply: Dispatcher.ResponseData): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Trouble('unsupported', 'the answer is larger than a manifest may be');
    chunks.push(chunk);
  }
  return { status: reply.statusCode, bytes: Buffer.concat(chunks), header: (name) => headerOf(reply, name) };
}

const headerOf = (reply: Dispatcher.ResponseData, name: string): string | undefined => {
  const value = reply.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

const troubleOfReply = (reply: Reply): Trouble => troubleOf(reply.status, new TextDecoder().decode(reply.bytes), reply.header, Date.now());

function settled(reply: Reply): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply;
  throw troubleOfReply(reply);
}
