import { createHash } from 'node:crypto';
import { type Cluster, KubeConfig, type RequestContext } from '@kubernetes/client-node';

type Wanted = ReturnType<KubeConfig['createDispatcherOptions']>;
type AgentOptions = Parameters<KubeConfig['createDispatcherOptions']>[1];
type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/**
 * A KubeConfig with ONE connection pool. client-node 2.0.1 makes a new undici Agent for every request, hence a TLS handshake and a
 * socket left open each time (research: 100 reads = 100 connections). The pool is made anew only when the CA, certificate, key or
 * proxy changes, so rotated client certificates are taken up.
 */
export class SharedAgentKubeConfig extends KubeConfig {
  #fingerprint = '';
  #dispatcher: Dispatcher | undefined;

  override createDispatcherOptions(cluster: Cluster | null, options: AgentOptions): Wanted {
    const wanted = super.createDispatcherOptions(cluster, options);
    const fingerprint = fingerprintOf(wanted);
    // "none" makes client-node build no Agent; the one we have is put in its place below.
    if (fingerprint === this.#fingerprint) return { type: 'none' };
    this.#fingerprint = fingerprint;
    return wanted;
  }

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context);
    const made = context.getDispatcher();
    // Two concurrent first calls: the one that made the pool resumes first, because continuations run in order.
    if (made !== undefined) {
      const old = this.#dispatcher;
      this.#dispatcher = made;
      if (old !== undefined) void old.close();
    } else if (this.#dispatcher !== undefined) {
      context.setDispatcher(this.#dispatcher);
    }
  }

  /** Cuts everything that is open, watches included. */
  async destroy(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  /** Lets running calls end, then closes. */
  retire(): void {
    void this.#dispatcher?.close();
  }
}

const fingerprintOf = (wanted: Wanted): string => createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
