import type { RegistryCredential } from '../app/ports-registry.ts';
import type { WorkloadRef } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { hasStatus } from './errors.ts';
import { kindOf } from './kinds/all.ts';
import { pullSecretsOf } from './kinds/common.ts';
import { pathOf, templateOf } from './kinds/kind.ts';
import type { RawPod, RawSecret, RawWorkload } from './raw.ts';
import { withReferencedTemplate } from './referenced-template.ts';
import { selectorText } from './selector.ts';

/**
 * What the kubelet would pull the next pods with: the pull secrets of the template, else those of its service account, or where that may
 * not be read, those that admission once took from it onto a pod. Whatever may not be read is left out; the registry is then asked without.
 */
export async function readCredentials(api: KubeApi, ref: WorkloadRef): Promise<RegistryCredential[]> {
  const names = await secretNames(api, ref);
  const found = await Promise.all(names.map((name) => readSecret(api, ref.namespace, name)));
  return found.flat();
}

async function secretNames(api: KubeApi, ref: WorkloadRef): Promise<string[]> {
  const kind = kindOf(ref.kind);
  if (kind === undefined) return [];
  const workload = await allowed(api.json<RawWorkload>({ method: 'GET', path: pathOf(kind, ref.namespace, ref.name) }));
  if (workload === undefined) return [];
  const referenced = await allowed(withReferencedTemplate(api, kind, workload.body));
  const template = templateOf(kind, referenced?.raw ?? workload.body);
  const own = pullSecretsOf(template.spec);
  if (own.length > 0) return own;
  const root = `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}`;
  const account = encodeURIComponent(template.spec?.serviceAccountName ?? 'default');
  const path = `${root}/serviceaccounts/${account}`;
  const read = await allowed(api.json<{ imagePullSecrets?: { name?: string }[] }>({ method: 'GET', path }));
  if (read !== undefined) return pullSecretsOf(read.body);
  const query = { labelSelector: selectorText(workload.body.spec?.selector), limit: '1' };
  const pods = await allowed(api.json<{ items?: RawPod[] }>({ method: 'GET', path: `${root}/pods`, query }));
  return pullSecretsOf(pods?.body.items?.[0]?.spec);
}

async function readSecret(api: KubeApi, namespace: string, name: string): Promise<RegistryCredential[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
  const secret = await allowed(api.json<RawSecret>({ method: 'GET', path }));
  return secret === undefined ? [] : credentialsOf(secret.body);
}

async function allowed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasStatus(error, 403, 404)) return undefined;
    throw error;
  }
}

type AuthEntry = { auth?: string; username?: string; password?: string; identitytoken?: string };

/** Both secret types; anything that cannot be read gives nothing, as the kubelet does. */
export function credentialsOf(secret: RawSecret): RegistryCredential[] {
  const source = `secret ${secret.metadata.namespace ?? ''}/${secret.metadata.name}`;
  const current = decode(secret.data?.['.dockerconfigjson']) as { auths?: Record<string, AuthEntry | null> } | undefined;
  const legacy = decode(secret.data?.['.dockercfg']) as Record<string, AuthEntry | null> | undefined;
  return Object.entries({ ...legacy, ...current?.auths }).flatMap(([host, entry]) => {
    const [username, password] = userOf(entry);
    return username === '' && password === '' ? [] : [{ host, username, password, source }];
  });
}

function userOf(entry: AuthEntry | null): [string, string] {
  if (entry === null) return ['', ''];
  // Docker's own convention for an OAuth2 refresh token.
  if (entry.identitytoken) return ['<token>', entry.identitytoken];
  if (entry.username || entry.password) return [entry.username ?? '', entry.password ?? ''];
  const text = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')];
}

function decode(data: string | undefined): unknown {
  if (data === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
