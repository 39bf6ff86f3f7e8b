import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RegistryCredential } from '../app/ports-registry.ts';

/** Of a docker config file, only what says how to log in; what else is there is other tools' business. */
const Entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const DockerConfig = z.object({
  // One odd entry does not cost the others.
  auths: z.record(z.string(), Entry.catch({})).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string() });

const HELPER_MS = 5000;
/** What a helper is called is part of a command line. */
const HELPER_NAME = /^[a-z0-9][a-z0-9._-]*$/i;

const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
/** The key under which `docker login` and its helpers keep Docker Hub. */
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** Credentials of the config file for this registry; a file that is missing or unreadable has none. */
export async function configCredentials(path: string, registry: string): Promise<RegistryCredential[]> {
  const config = await readConfig(path);
  if (config === undefined) return [];
  const server = registry === 'docker.io' ? DOCKER_HUB_KEY : registry;
  const helper = Object.entries(config.credHelpers ?? {}).find(([host]) => matchesHost(host, registry))?.[1];
  const chosen = helper ?? config.credsStore;
  const helped = chosen === undefined ? undefined : await askHelper(chosen, server);
  const stored = Object.entries(config.auths ?? {}).flatMap(([host, entry]) => {
    const [username, password] = userOf(entry);
    return username === '' && password === '' ? [] : [{ host, username, password, source: 'docker config file' }];
  });
  return [...(helped === undefined ? [] : [{ host: registry, ...helped, source: `credential helper ${chosen ?? ''}` }]), ...stored];
}

async function readConfig(path: string): Promise<z.infer<typeof DockerConfig> | undefined> {
  try {
    return DockerConfig.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function userOf(entry: z.infer<typeof Entry>): [string, string] {
  // Docker's own convention for an OAuth2 refresh token.
  if (entry.identitytoken) return ['<token>', entry.identitytoken];
  if (entry.username || entry.password) return [entry.username ?? '', entry.password ?? ''];
  const text = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')];
}

/** `docker-credential-NAME get`, the protocol of all helpers (ECR, GCR, ACR, pass); no binary or no answer: no credential. */
async function askHelper(name: string, server: string): Promise<{ username: string; password: string } | undefined> {
  if (!HELPER_NAME.test(name)) return undefined;
  const text = await new Promise<string>((resolve) => {
    const child = execFile(`docker-credential-${name}`, ['get'], { timeout: HELPER_MS }, (error, stdout) => resolve(error ? '' : stdout));
    // A helper that is not there, or does not read, breaks the pipe; its exit says the rest.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(server);
  });
  try {
    const { Username, Secret } = HelperAnswer.parse(JSON.parse(text));
    return { username: Username, password: Secret };
  } catch {
    return undefined;
  }
}

/**
 * Those that the kubelet would try for this image, the most specific first: host labels may be `*`, ports must agree, a path must be a
 * prefix of the repository (k8s.io/kubernetes/pkg/credentialprovider/keyring.go).
 */
export function matching(credentials: readonly RegistryCredential[], registry: string, repository: string): RegistryCredential[] {
  return credentials
    .filter(({ host }) => matchesHost(host, registry) && isPrefix(split(host).path, repository))
    .sort((a, b) => split(b.host).path.length - split(a.host).path.length || wildcards(a.host) - wildcards(b.host));
}

function matchesHost(pattern: string, registry: string): boolean {
  const { host } = split(pattern);
  if (DOCKER_HUB.has(host)) return DOCKER_HUB.has(registry);
  const [wanted, wantedPort] = portOf(host);
  const [actual, actualPort] = portOf(registry);
  if (wantedPort !== actualPort) return false;
  const labels = wanted.split('.');
  const parts = actual.split('.');
  return labels.length === parts.length && labels.every((label, index) => globs(label, parts[index] ?? ''));
}

function split(key: string): { host: string; path: string } {
  const bare = key.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  // `/v1/` and `/v2/` are the API, not a repository.
  const path =
    slash < 0
      ? ''
      : bare
          .slice(slash + 1)
          .replace(/^v[12](?:\/|$)/, '')
          .replace(/\/$/, '');
  return { host, path };
}

const portOf = (host: string): [string, string] => {
  const port = /^(.*):(\d+)$/.exec(host);
  return port === null ? [host, ''] : [port[1] ?? '', port[2] ?? ''];
};

const globs = (pattern: string, text: string): boolean => new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`).test(text);
const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const isPrefix = (path: string, repository: string): boolean => path === '' || repository === path || repository.startsWith(`${path}/`);
const wildcards = (host: string): number => host.split('*').length;
