/** The challenge of a registry and the tokens it leads to (https://distribution.github.io/distribution/spec/auth/token/). */
import type { RegistryCredential } from '../app/ports-registry.ts';

export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service: string | undefined; scope: string | undefined };

/** Reads WWW-Authenticate. Bearer wins where both are offered; undefined where neither is. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const text = header ?? '';
  const bearer = /(?:^|,\s*)bearer\s+(.*)$/i.exec(text);
  if (bearer !== null) {
    const parameters = new Map<string, string>();
    for (const [, key = '', quoted, bare] of (bearer[1] ?? '').matchAll(/([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/gi)) {
      parameters.set(key.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
    }
    const realm = parameters.get('realm');
    if (realm !== undefined) return { scheme: 'bearer', realm, service: parameters.get('service'), scope: parameters.get('scope') };
  }
  return /(?:^|,\s*)basic\b/i.test(text) ? { scheme: 'basic' } : undefined;
}

export const basicOf = ({ username, password }: Pick<RegistryCredential, 'username' | 'password'>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** `<token>` is docker's mark for an OAuth2 refresh token in place of a password. */
export const isRefreshToken = ({ username }: Pick<RegistryCredential, 'username'>): boolean => username === '<token>';

export interface TokenAnswer {
  token?: string;
  access_token?: string;
  /** Seconds; 60 where the service does not say. */
  expires_in?: number;
}
