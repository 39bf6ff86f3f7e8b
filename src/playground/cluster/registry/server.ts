import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistryRequest } from '../types.ts';
import type { Door } from './auth.ts';
import type { Content } from './content.ts';
import type { RegistryFaultList } from './faults.ts';
import { INDEX } from './manifests.ts';
import type { Document } from './manifests.ts';

export interface RegistryParts {
  content: Content;
  door: Door;
  faults: RegistryFaultList;
  log: RegistryRequest[];
}

const LOG_LIMIT = 10_000;

/** The distribution API, read side (https://distribution.github.io/distribution/spec/api/), and DELETE of manifests. */
export function createRegistryServer(parts: RegistryParts) {
  return createServer((request, response) => {
    const entry: RegistryRequest = {
      at: Date.now(),
      method: request.method ?? '',
      path: request.url ?? '',
      userAgent: request.headers['user-agent'] ?? '',
      authorization: request.headers.authorization ?? '',
      accept: request.headers.accept ?? '',
      status: 0,
    };
    parts.log.push(entry);
    if (parts.log.length > LOG_LIMIT) parts.log.splice(0, LOG_LIMIT / 4);
    response.on('finish', () => {
      entry.status = response.statusCode;
    });
    response.on('error', () => {});
    serve(parts, request, response).catch((error: unknown) => fail(response, 500, 'UNKNOWN', String(error)));
  });
}

async function serve(parts: RegistryParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET' } = request;
  const path = new URL(request.url ?? '/', 'http://registry').pathname;
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  const fault = parts.faults.meet(method, path);
  if (fault.milliseconds > 0) await sleep(fault.milliseconds);
  if (fault.status) {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', String(fault.retryAfter));
    return fail(response, fault.status, codeOf(fault.status), `the simulated registry was told to answer ${fault.status}`);
  }
  if (path === '/token') return issueToken(parts.door, request, response);
  const [, repository = '', kind = '', reference = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  const challenge = parts.door.challenge(request, repository);
  if (challenge) {
    response.setHeader('www-authenticate', challenge);
    return fail(response, 401, 'UNAUTHORIZED', 'authentication required');
  }
  if (path === '/v2/' || path === '/v2') return json(response, {});
  if (path === '/v2/_catalog') return json(response, { repositories: parts.content.names() });
  if (!parts.content.has(repository)) return fail(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry');
  if (kind === 'tags') return json(response, { name: repository, tags: parts.content.tagsOf(repository) });
  if (kind === 'blobs') {
    const blob = parts.content.blob(reference);
    if (!blob) return fail(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    return send(request, response, { ...blob, mediaType: 'application/octet-stream' }, fault);
  }
  if (method === 'DELETE') {
    if (!parts.content.remove(repository, reference)) return fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    response.writeHead(202).end();
    return;
  }
  const manifest = parts.content.manifest(repository, reference);
  if (!manifest) return fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  const refusal = unacceptable(request, manifest);
  if (refusal) return fail(response, 404, 'MANIFEST_UNKNOWN', refusal);
  send(request, response, manifest, fault);
}

/** A client that does not say that it understands OCI gets a 404, as from docker-registry 2.8. */
function unacceptable(request: IncomingMessage, manifest: Document): string | undefined {
  const { accept = '' } = request.headers;
  if (accept.includes(manifest.mediaType) || accept.includes('*/*')) return undefined;
  return manifest.mediaType === INDEX
    ? 'OCI index found, but accept header does not support OCI indexes'
    : 'OCI manifest found, but accept header does not support OCI manifests';
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  document: Document,
  fault: { brokenBody: boolean; noDigestHeader: boolean },
): void {
  response.setHeader('content-type', document.mediaType);
  if (!fault.noDigestHeader) {
    response.setHeader('docker-content-digest', document.digest);
    response.setHeader('etag', `"${document.digest}"`);
  }
  const bytes = fault.brokenBody ? document.bytes.subarray(0, document.bytes.length / 2) : document.bytes;
  response.setHeader('content-length', bytes.length);
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : bytes);
}

function issueToken(door: Door, request: IncomingMessage, response: ServerResponse): void {
  const token = door.issue(request);
  if (!token) fail(response, 401, 'UNAUTHORIZED', 'authentication required');
  else json(response, { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() });
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) response.destroy();
  else
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ errors: [{ code, message }] }));
}

function codeOf(status: number): string {
  const codes: Record<number, string> = {
    401: 'UNAUTHORIZED',
    403: 'DENIED',
    404: 'MANIFEST_UNKNOWN',
    429: 'TOOMANYREQUESTS',
    503: 'UNAVAILABLE',
  };
  return codes[status] ?? 'UNKNOWN';
}
