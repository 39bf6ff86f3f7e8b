import { readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { HttpMethod, RequestContext } from '@kubernetes/client-node';
import { type Dispatcher, request } from 'undici';
import { BackendAway } from '../app/ports.ts';
import { StatusError } from './errors.ts';
import { SharedAgentKubeConfig } from './shared-agent.ts';

/** `file`: one path or several joined like `KUBECONFIG`; neither: the pod's own service account. */
export interface KubeApiOptions {
  kubeconfigFile?: string;
  kubeconfigText?: string;
  context?: string;
  /** Of every call but watches; default 15 s. */
  timeoutMs?: number;
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  timeoutMs?: number;
}

interface Listed<T> {
  items: T[];
  resourceVersion: string;
  /** The API server's `Date`, milliseconds. */
  at: number;
}

const PAGE = 500;
/** Enough to get through a list whose continue token expired, not enough to go round for ever. */
const LIST_ATTEMPTS = 3;

/** Raw JSON over the connection that a kubeconfig describes. Throws StatusError for what the server answered, BackendAway where it did not. */
export class KubeApi {
  readonly #options: KubeApiOptions;
  #config: SharedAgentKubeConfig;

  /** Throws where the kubeconfig cannot be read: a wrong configuration, not an outage. */
  constructor(options: KubeApiOptions) {
    this.#options = options;
    this.#config = loadConfig(options);
  }

  async json<T>(call: Call): Promise<{ body: T; at: number }> {
    const { text, at } = await this.text(call);
    try {
      return { body: JSON.parse(text) as T, at };
    } catch (cause) {
      throw new BackendAway('kubernetes', `${call.method} ${call.path}: the answer is not JSON`, { cause });
    }
  }

  async text(call: Call): Promise<{ text: string; at: number }> {
    const signal = AbortSignal.timeout(call.timeoutMs ?? this.#options.timeoutMs ?? 15_000);
    try {
      const reply = await this.#send(call, signal);
      const text = await reply.body.text();
      if (reply.statusCode >= 300) throw StatusError.from(call, reply.statusCode, text, headerOf(reply, 'retry-after'));
      return { text, at: Date.parse(headerOf(reply, 'date') ?? '') || Date.now() };
    } catch (error) {
      throw asAway(call, error);
    }
  }

  /** The whole collection, in pages of 500; an expired continue token starts it again. */
  async list<T>(path: string, query: Record<string, string | undefined> = {}, accept?: string): Promise<Listed<T>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listPages<T>(path, query, accept);
      } catch (error) {
        const expired = error instanceof StatusError && error.status === 410;
        if (!expired || attempt === LIST_ATTEMPTS) throw error;
      }
    }
  }

  async #listPages<T>(path: string, query: Record<string, string | undefined>, accept: string | undefined): Promise<Listed<T>> {
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const call: Call = { method: 'GET', path, query: { limit: String(PAGE), ...query, continue: next } };
      if (accept !== undefined) call.accept = accept;
      const { body, at } = await this.json<{ items?: T[]; metadata?: { continue?: string; resourceVersion?: string } }>(call);
      items.push(...(body.items ?? []));
      next = body.metadata?.continue === '' ? undefined : body.metadata?.continue;
      if (next === undefined) return { items, resourceVersion: body.metadata?.resourceVersion ?? '', at };
    }
  }

  /** Opens a watch: the caller reads the chunks and aborts. No timeout of its own. */
  async open(path: string, query: Record<string, string | undefined>, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const call: Call = { method: 'GET', path, query };
    try {
      const reply = await this.#send(call, signal);
      if (reply.statusCode !== 200) throw StatusError.from(call, reply.statusCode, await reply.body.text(), headerOf(reply, 'retry-after'));
      return reply.body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw asAway(call, error);
    }
  }

  async close(): Promise<void> {
    await this.#config.destroy();
  }

  async #send(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const reply = await this.#sendOnce(call, signal);
    if (reply.statusCode !== 401) return reply;
    // Tokens and client certificates rotate under us; client-node re-reads them only once a minute. A 401 was not carried out, so a
    // second try is safe for writes, too.
    await reply.body.dump();
    const old = this.#config;
    this.#config = loadConfig(this.#options);
    old.retire();
    return await this.#sendOnce(call, signal);
  }

  async #sendOnce(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const server = this.#config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
    const context = new RequestContext(`${server}${call.path}`, HttpMethod[call.method]);
    for (const [key, value] of Object.entries(call.query ?? {})) if (value !== undefined) context.setQueryParam(key, value);
    context.setHeaderParam('accept', call.accept ?? 'application/json');
    context.setHeaderParam('user-agent', 'repull');
    if (call.body !== undefined) context.setHeaderParam('content-type', call.contentType ?? 'application/json');
    await this.#config.applySecurityAuthentication(context);
    const dispatcher = context.getDispatcher() as Dispatcher | undefined;
    return await request(context.getUrl(), {
      method: call.method,
      headers: context.getHeaders(),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
      // Watches are quiet for minutes; the signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
  }
}

function loadConfig(options: KubeApiOptions): SharedAgentKubeConfig {
  const config = new SharedAgentKubeConfig();
  if (options.kubeconfigText !== undefined) config.loadFromString(options.kubeconfigText);
  else if (options.kubeconfigFile !== undefined) {
    const [first = '', ...others] = options.kubeconfigFile.split(delimiter).filter((file) => file !== '');
    config.loadFromFile(first);
    for (const file of others) {
      const other = new SharedAgentKubeConfig();
      other.loadFromFile(file);
      config.mergeConfig(other, true);
    }
  } else {
    // client-node reads the token lazily; a worker outside a pod shall be told so at once.
    readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token');
    config.loadFromCluster();
  }
  if (options.context !== undefined) config.setCurrentContext(options.context);
  if (config.getCurrentCluster() === null) throw new Error('the kubeconfig names no current cluster');
  return config;
}

const headerOf = (reply: Dispatcher.ResponseData, name: string): string | undefined => {
  const value = reply.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** Whatever is not an answer of the server is an outage: the outcome of a write is then unknown, and its footprint must be looked for. */
function asAway(call: Call, error: unknown): Error {
  if (error instanceof StatusError || error instanceof BackendAway) return error;
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  const what = name === 'TimeoutError' ? 'no answer in time' : (code ?? message ?? String(error));
  return new BackendAway('kubernetes', `${call.method} ${call.path}: ${what}`, { cause: error });
}
