import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RegistryAuth } from '../types.ts';

/** The registry's door (https://distribution.github.io/distribution/spec/auth/token/). */
export class Door {
  private readonly tokens = new Set<string>();
  private readonly auth: RegistryAuth;
  private readonly host: () => string;

  constructor(auth: RegistryAuth, host: () => string) {
    this.auth = auth;
    this.host = host;
  }

  /** undefined = come in; else the challenge for WWW-Authenticate. */
  challenge(request: IncomingMessage, repository: string): string | undefined {
    const { authorization = '' } = request.headers;
    if (this.auth.kind === 'none') return undefined;
    if (this.auth.kind === 'basic') return this.knows(authorization) ? undefined : 'Basic realm="simulated registry"';
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    if (this.tokens.has(token)) return undefined;
    const scope = repository ? `,scope="repository:${repository}:pull"` : '';
    return `Bearer realm="http://${this.host()}/token",service="${this.host()}"${scope}`;
  }

  /** The token service: a token, or undefined for somebody it does not know. */
  issue(request: IncomingMessage): string | undefined {
    const { authorization } = request.headers;
    const isWelcome = this.auth.kind === 'anonymous-token' ? !authorization : this.knows(authorization ?? '');
    if (!isWelcome) return undefined;
    const token = randomBytes(18).toString('base64url');
    this.tokens.add(token);
    return token;
  }

  private knows(authorization: string): boolean {
    if (this.auth.kind !== 'basic' && this.auth.kind !== 'bearer') return false;
    const expected = Buffer.from(`${this.auth.username}:${this.auth.password}`).toString('base64');
    return authorization === `Basic ${expected}`;
  }
}
