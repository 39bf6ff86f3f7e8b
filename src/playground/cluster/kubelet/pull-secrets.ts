import type { Store } from '../api-server/store.ts';
import type { Pod } from '../objects.ts';
import { parseReference } from '../registry/reference.ts';
import type { Credentials } from './registry-client.ts';

interface Entry {
  username?: string;
  password?: string;
  auth?: string;
}

/** What the kubelet tries for this image, in turn: every entry of the pod's pull secrets that fits its registry and repository, the longest path first. */
export function credentialsFor(pod: Pod, image: string, store: Store): Credentials[] {
  const reference = parseReference(image);
  if (!reference) return [];
  const entries = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => {
    const secret = store.get('secrets', pod.metadata.namespace, name);
    const data = secret?.['data'] as Record<string, string> | undefined;
    const { auths = {} } = decode(data?.['.dockerconfigjson']) as { auths?: Record<string, Entry> };
    const legacy = decode(data?.['.dockercfg']) as Record<string, Entry>;
    return Object.entries({ ...legacy, ...auths }).map(([key, entry]) => ({ key, entry, secret: secret?.metadata.uid ?? '' }));
  });
  return entries
    .filter(({ key }) => fits(key, reference.host, reference.repository))
    .sort((a, b) => pathOf(b.key).length - pathOf(a.key).length)
    .map(({ entry, secret }) => ({ ...userOf(entry), secret }));
}

/** Anything that cannot be read gives nothing, as on a real node. */
function decode(encoded: string | undefined): object {
  try {
    return JSON.parse(Buffer.from(encoded ?? '', 'base64').toString()) as object;
  } catch {
    return {};
  }
}

function userOf(entry: Entry): { username: string; password: string } {
  if (entry.auth === undefined) return { username: entry.username ?? '', password: entry.password ?? '' };
  const [username = '', ...rest] = Buffer.from(entry.auth, 'base64').toString().split(':');
  return { username, password: rest.join(':') };
}

const bare = (key: string): string => key.replace(/^https?:\/\//, '');
const pathOf = (key: string): string => bare(key).split('/').slice(1).join('/');

/** Labels of the host may hold `*`; ports must agree; a path must be a beginning of the repository. */
function fits(key: string, host: string, repository: string): boolean {
  const pattern = (bare(key).split('/')[0] ?? '').split(/[.:]/);
  const labels = host.split(/[.:]/);
  const path = pathOf(key);
  const isHost = pattern.length === labels.length && pattern.every((part, index) => globs(part, labels[index] ?? ''));
  return isHost && (path === '' || repository === path || repository.startsWith(`${path}/`));
}

const globs = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[^\w*-]/g, '').replaceAll('*', '.*')}$`).test(text);
