import { randomBytes } from 'node:crypto';
import type { KubeObject, RbacRule } from '../types.ts';
import { ApiError } from './errors.ts';
import type { Store } from './store.ts';

export interface User {
  name: string;
  groups: string[];
}

/** What somebody wants to do, in the words of a rule. */
export interface Access {
  verb: string;
  group: string;
  /** Plural, with `/subresource`. */
  resource: string;
  namespace: string;
  name: string;
}

interface Role extends KubeObject {
  rules?: Omit<RbacRule, 'namespaces'>[];
}

interface Binding extends KubeObject {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const ADMIN: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Who may do what: tokens made here, and the Roles and bindings that are stored like any other object. */
export class Rights {
  readonly adminToken = randomBytes(24).toString('base64url');
  private readonly tokens = new Map<string, User>([[this.adminToken, ADMIN]]);
  private readonly granted = new Map<string, RbacRule[]>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  grant(name: string, rules: RbacRule[]): string {
    const user = `system:serviceaccount:default:${name}`;
    this.granted.set(user, [...(this.granted.get(user) ?? []), ...rules]);
    return this.tokenOf('default', name);
  }

  /** A token of a service account, as `kubectl create token` gives. */
  tokenOf(namespace: string, name: string): string {
    const token = randomBytes(24).toString('base64url');
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    this.tokens.set(token, { name: `system:serviceaccount:${namespace}:${name}`, groups });
    return token;
  }

  authenticate(authorization: string | undefined): User {
    if (!authorization) return { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    const user = this.tokens.get(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '');
    if (!user) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
    return user;
  }

  isAllowed(user: User, access: Access): boolean {
    if (user.groups.includes('system:masters')) return true;
    return this.rulesOf(user, access.namespace).some((rule) => covers(rule, access));
  }

  demand(user: User, access: Access): void {
    if (!this.isAllowed(user, access)) throw forbidden(user, access);
  }

  private rulesOf(user: User, namespace: string): Omit<RbacRule, 'namespaces'>[] {
    const own = (this.granted.get(user.name) ?? []).filter((rule) => !rule.namespaces || rule.namespaces.includes(namespace));
    const everywhere = this.store.list<Binding>('clusterrolebindings');
    const here = namespace ? this.store.list<Binding>('rolebindings', namespace) : [];
    const bound = [...everywhere, ...here].filter((binding) => names(binding, user));
    return [
      ...own,
      ...bound.flatMap((binding) => {
        const { kind, name } = binding.roleRef;
        const role =
          kind === 'ClusterRole'
            ? this.store.get<Role>('clusterroles', undefined, name)
            : this.store.get<Role>('roles', binding.metadata.namespace, name);
        return role?.rules ?? [];
      }),
    ];
  }
}

function names(binding: Binding, user: User): boolean {
  return (binding.subjects ?? []).some((subject) => {
    if (subject.kind === 'ServiceAccount')
      return user.name === `system:serviceaccount:${subject.namespace ?? binding.metadata.namespace ?? ''}:${subject.name}`;
    return subject.kind === 'Group' ? user.groups.includes(subject.name) : user.name === subject.name;
  });
}

function covers(rule: Omit<RbacRule, 'namespaces'>, access: Access): boolean {
  const has = (list: string[] | undefined, value: string) => Boolean(list?.includes('*') || list?.includes(value));
  if (!has(rule.verbs, access.verb) || !has(rule.apiGroups, access.group)) return false;
  const [, subresource] = access.resource.split('/');
  if (!has(rule.resources, access.resource) && !(subresource && rule.resources.includes(`*/${subresource}`))) return false;
  return !rule.resourceNames?.length || rule.resourceNames.includes(access.name);
}

/** The real server's sentence, which repull shows to people who have to write the missing Role. */
function forbidden(user: User, access: Access): ApiError {
  const [plural = ''] = access.resource.split('/');
  const full = access.group ? `${plural}.${access.group}` : plural;
  const where = access.namespace ? `in the namespace "${access.namespace}"` : 'at the cluster scope';
  const named = access.name ? `${full} "${access.name}" is forbidden` : `${full} is forbidden`;
  const message = `${named}: User "${user.name}" cannot ${access.verb} resource "${access.resource}" in API group "${access.group}" ${where}`;
  return new ApiError(403, 'Forbidden', message, {
    ...(access.name ? { name: access.name } : {}),
    ...(access.group ? { group: access.group } : {}),
    kind: plural,
  });
}
