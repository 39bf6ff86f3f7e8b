/** Where a registry host really answers, and by which scheme. */

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

const isInsecure = (host: string, insecureHosts: readonly string[]): boolean =>
  LOOPBACK.test(host) || insecureHosts.includes(host) || insecureHosts.includes(host.replace(/:\d+$/, ''));

/** `https://registry-1.docker.io` for docker.io; plain HTTP for loopback and the listed hosts only. */
export function baseUrl(registry: string, insecureHosts: readonly string[]): string {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  return `${isInsecure(host, insecureHosts) ? 'http' : 'https'}://${host}`;
}

/** A token service gets the password: only over TLS, unless its host is one that is spoken to in plain anyway. */
export function isSafeRealm(realm: URL, insecureHosts: readonly string[]): boolean {
  return realm.protocol === 'https:' || (realm.protocol === 'http:' && isInsecure(realm.host, insecureHosts));
}
