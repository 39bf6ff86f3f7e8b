import { isRecord } from './json.ts';
import type { Call } from './call.ts';
import { ApiError } from './errors.ts';
import type { User } from './rbac.ts';
import { RESOURCES } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Reply, Services } from './services.ts';

const AUTHORIZATION = 'authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';

/** Paths that are no resource: health, version, discovery, and the reviews that are answered and not stored. */
export function discover(call: Call, services: Services): Reply {
  const { path } = call;
  if (['/readyz', '/livez', '/healthz'].includes(path)) return { status: 200, text: 'ok' };
  if (path === '/version') return json(VERSION);
  if (call.user.name === 'system:anonymous') {
    throw new ApiError(403, 'Forbidden', `forbidden: User "system:anonymous" cannot ${call.method.toLowerCase()} path "${path}"`);
  }
  if (path === '/api') return json({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
  if (path === '/api/v1')
    return json(
      resourceList(
        'v1',
        RESOURCES.filter((one) => one.group === ''),
      ),
    );
  if (path === '/apis') return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups().keys()].map(groupOf) });
  const [, root, group = '', version = '', review = ''] = path.split('/');
  if (root === 'apis' && groups().has(group)) {
    if (!version) return json({ ...groupOf(group), kind: 'APIGroup', apiVersion: 'v1' });
    if (version === groups().get(group)) {
      if (!review)
        return json(
          resourceList(
            `${group}/${version}`,
            RESOURCES.filter((one) => one.group === group),
          ),
        );
      if (group === AUTHORIZATION && review === 'selfsubjectaccessreviews' && call.method === 'POST') return accessReview(call, services);
      if (group === AUTHENTICATION && review === 'selfsubjectreviews' && call.method === 'POST') return whoAmI(call.user);
    }
  }
  if (root === 'api' || root === 'apis') throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  return { status: 404, text: '404 page not found\n' };
}

/** The version whose behaviour and texts are reproduced here. */
const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const json = (body: unknown): Reply => ({ status: 200, json: body });

/** Group to version. */
function groups(): Map<string, string> {
  const named = RESOURCES.filter((one) => one.group !== '').map((one) => [one.group, one.version] as const);
  return new Map([...named, [AUTHORIZATION, 'v1'], [AUTHENTICATION, 'v1']]);
}

function groupOf(name: string): Record<string, unknown> {
  const version = groups().get(name) ?? '';
  const entry = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [entry], preferredVersion: entry };
}

function resourceList(groupVersion: string, resources: readonly Resource[]): Record<string, unknown> {
  const entries = resources.flatMap((one) => [
    {
      name: one.plural,
      singularName: one.singular,
      namespaced: one.namespaced,
      kind: one.kind,
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      ...(one.shortNames.length > 0 ? { shortNames: one.shortNames } : {}),
    },
    ...one.subresources.map((sub) => subresourceEntry(one, sub)),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: entries };
}

function subresourceEntry(one: Resource, sub: string): Record<string, unknown> {
  const base = { name: `${one.plural}/${sub}`, singularName: '', namespaced: one.namespaced };
  if (sub === 'eviction') return { ...base, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] };
  if (sub === 'scale') return { ...base, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  if (sub === 'token') return { ...base, group: AUTHENTICATION, version: 'v1', kind: 'TokenRequest', verbs: ['create'] };
  return { ...base, kind: one.kind, verbs: sub === 'log' ? ['get'] : ['get', 'patch', 'update'] };
}

function accessReview(call: Call, services: Services): Reply {
  const body = isRecord(call.body) ? call.body : {};
  const spec = isRecord(body['spec']) ? body['spec'] : {};
  const asked = (isRecord(spec['resourceAttributes']) ? spec['resourceAttributes'] : {}) as Record<string, string | undefined>;
  const allowed = services.rights.isAllowed(call.user, {
    verb: asked['verb'] ?? '',
    group: asked['group'] ?? '',
    resource: [asked['resource'] ?? '', asked['subresource']].filter(Boolean).join('/'),
    namespace: asked['namespace'] ?? '',
    name: asked['name'] ?? '',
  });
  const status = allowed ? { allowed, reason: '' } : { allowed };
  return { status: 201, json: { kind: 'SelfSubjectAccessReview', apiVersion: `${AUTHORIZATION}/v1`, metadata: {}, spec, status } };
}

function whoAmI(user: User): Reply {
  const userInfo = { username: user.name, groups: user.groups };
  return { status: 201, json: { kind: 'SelfSubjectReview', apiVersion: `${AUTHENTICATION}/v1`, metadata: {}, status: { userInfo } } };
}
