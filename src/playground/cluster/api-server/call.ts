import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './errors.ts';
import { isRecord } from './json.ts';
import type { Query } from './list.ts';
import type { User } from './rbac.ts';
import { findResource } from './resources.ts';
import type { Resource } from './resources.ts';

/** One API request, taken apart. */
export interface Call {
  method: string;
  path: string;
  query: Query;
  accept: string;
  contentType: string;
  userAgent: string;
  user: User;
  body: unknown;
  /** Absent for paths that are no resource: discovery, health, version. */
  found: Resource | undefined;
  verb: string;
  namespace: string;
  name: string;
  subresource: string;
  /** Name for managedFields: what the client says, else the first word of its user agent. */
  manager: string;
}

/** Method, path and query alone; the user and the body are put in once they are known. */
export function parseCall(request: IncomingMessage): Call {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const query = Object.fromEntries(url.searchParams);
  const { method = 'GET' } = request;
  const path = url.pathname.replace(/\/+$/, '') || '/';
  const userAgent = request.headers['user-agent'] ?? '';
  const call: Call = {
    method,
    path,
    query,
    accept: request.headers.accept ?? '',
    contentType: request.headers['content-type'] ?? '',
    userAgent,
    user: { name: '', groups: [] },
    body: undefined,
    found: undefined,
    verb: method.toLowerCase(),
    namespace: '',
    name: '',
    subresource: '',
    manager: query['fieldManager'] ?? userAgent.split('/')[0] ?? '',
  };
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const [root, ...rest] = parts;
  if (root === 'api') placeResource(call, '', rest);
  else if (root === 'apis') placeResource(call, rest.shift() ?? '', rest);
  return call;
}

function placeResource(call: Call, group: string, rest: string[]): void {
  const [version = '', ...parts] = rest;
  if (parts.length === 0) return;
  // …/namespaces/NS/pods/NAME/log, but …/namespaces/NS itself is the Namespace.
  if (parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize') {
    call.namespace = parts[1] ?? '';
    parts.splice(0, 2);
  }
  const [plural = '', name = '', subresource = ''] = parts;
  call.found = findResource(group, version, plural);
  call.name = name;
  call.subresource = subresource;
  if (plural === 'namespaces') call.namespace = name;
  call.verb = verbOf(call);
}

function verbOf(call: Call): string {
  const one = call.name !== '';
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      if (one) return 'get';
      return call.query['watch'] === 'true' || call.query['watch'] === '1' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return one ? 'delete' : 'deletecollection';
    default:
      throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
}

/** `pods/eviction`, as rules and request logs name it. */
export const resourceOf = (call: Call) => (call.found ? call.found.plural + (call.subresource ? `/${call.subresource}` : '') : '');

export function bodyObject(call: Call): Record<string, unknown> {
  if (!isRecord(call.body)) throw badRequest("Object 'Kind' is missing in request body");
  return call.body;
}
