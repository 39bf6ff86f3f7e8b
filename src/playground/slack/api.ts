/** One HTTP request to the Web API or to a response URL: fault, token, scope, budget, method, answer, log. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from './api-error.ts';
import { showAnswer } from './answers.ts';
import type { Args } from './args.ts';
import { text } from './args.ts';
import { isObject } from './check.ts';
import type { Call, FaultAction } from './fault-types.ts';
import type { Hub } from './hub.ts';
import type { Caller } from './web-api/method.ts';
import { METHODS } from './web-api/methods.ts';

const MAX_BODY = 1_000_000;

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
  result: string;
  response: unknown;
}

/** `/api/METHOD`. */
export async function serveMethod(hub: Hub, method: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { args, warning } = await readArgs(request);
  const token = bearer(request) ?? (typeof args['token'] === 'string' ? args['token'] : undefined);
  delete args['token'];
  await serve(hub, { method, args, token, request, response }, (call) => callMethod(hub, call, warning));
}

/** `/commands/TEAM/N/KEY` and `/actions/TEAM/N/KEY`. */
export async function serveResponseUrl(hub: Hub, key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { args } = await readArgs(request);
  await serve(hub, { method: 'response_url', args, token: undefined, request, response }, () => {
    const handle = hub.handles.findResponseUrl(key);
    if (typeof handle === 'string') return refuse(handle === 'unknown_url' ? 404 : 403, handle);
    try {
      showAnswer(hub, args, handle);
    } catch (error) {
      if (error instanceof ApiError) return refuse(400, error.code, error.extra);
      throw error;
    }
    handle.uses += 1;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}', result: 'ok', response: { ok: true } };
  });
}

const refuse = (status: number, error: string, extra: Record<string, unknown> = {}): Reply =>
  ok({ ok: false, error, ...extra }, {}, status);

const ok = (answer: Record<string, unknown>, headers: Record<string, string> = {}, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(answer),
  result: answer['ok'] === true ? 'ok' : String(answer['error'] as string),
  response: answer,
});

async function serve(
  hub: Hub,
  given: { method: string; args: Args; token: string | undefined; request: IncomingMessage; response: ServerResponse },
  run: (call: Call) => Reply,
): Promise<void> {
  const { method, args, token, request, response } = given;
  const at = hub.clock.now();
  const userAgent = request.headers['user-agent'] ?? '';
  const call = hub.wire.addCall({ method, args, token, at, status: 0, result: 'pending', response: undefined, scopes: [], userAgent });
  const finish = (status: number, result: string, answer?: unknown): void => {
    Object.assign(call, { status, result, response: answer, took: hub.clock.now() - at });
    hub.wire.changed();
  };
  if (hub.faults.isOut()) {
    finish(0, 'outage');
    return void request.socket.destroy();
  }
  const fault = hub.faults.strike({ method, args, token });
  const instead = fault === undefined ? undefined : before(fault);
  if (instead !== undefined) return give(instead, response, finish);
  if (fault?.kind === 'reset' || fault?.kind === 'hang') {
    finish(0, fault.kind);
    if (fault.kind === 'reset') request.socket.destroy();
    return;
  }
  const reply = run(call);
  if (fault?.kind === 'commit-then-reset' || fault?.kind === 'commit-then-hang') {
    finish(0, fault.kind, reply.response);
    if (fault.kind === 'commit-then-reset') request.socket.destroy();
    return;
  }
  if (fault?.kind === 'slow') {
    await new Promise<void>((resolve) => {
      hub.clock.after(fault.ms, resolve);
    });
  }
  give(reply, response, finish);
}

function give(reply: Reply, response: ServerResponse, finish: (status: number, result: string, answer?: unknown) => void): void {
  response.writeHead(reply.status, reply.headers).end(reply.body);
  finish(reply.status, reply.result, reply.response);
}

/** Faults that answer in the method's place. */
function before(fault: FaultAction): Reply | undefined {
  if (fault.kind === 'rate-limit') return tooMany(fault.retryAfter === undefined ? 1 : fault.retryAfter);
  if (fault.kind === 'http') {
    return {
      status: fault.status,
      headers: { 'content-type': 'text/html' },
      body: 'injected',
      result: `http-${fault.status}`,
      response: undefined,
    };
  }
  if (fault.kind === 'error') return ok({ ok: false, error: fault.error, ...(fault.needed === undefined ? {} : { needed: fault.needed }) });
  return undefined;
}

const tooMany = (seconds: number | null): Reply => ({
  ...ok({ ok: false, error: 'ratelimited' }, seconds === null ? {} : { 'retry-after': String(seconds) }, 429),
  result: 'rate-limited',
});

function callMethod(hub: Hub, call: Call, warning: string | undefined): Reply {
  const method = METHODS.get(call.method);
  if (method === undefined) return ok({ ok: false, error: 'unknown_method', req_method: call.method });
  if (call.token === undefined) return ok({ ok: false, error: 'not_authed' });
  const token = hub.directory.tokens.get(call.token);
  if (token === undefined) return ok({ ok: false, error: 'invalid_auth' });
  if (token.state !== 'valid') return ok({ ok: false, error: token.state === 'revoked' ? 'token_revoked' : 'account_inactive' });
  if (method.token !== 'any' && method.token !== token.kind) return ok({ ok: false, error: 'not_allowed_token_type' });
  const headers = { 'x-oauth-scopes': token.scopes.join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') };
  if (method.scopes.length > 0 && !method.scopes.some((scope) => token.scopes.includes(scope))) {
    call.scopes = [...method.scopes];
    return ok({ ok: false, error: 'missing_scope', needed: method.scopes.join(','), provided: token.scopes.join(',') }, headers);
  }
  const wait = hub.limits.take(call.method, method.tier, text(call.args, 'channel'));
  if (wait !== undefined) return tooMany(wait);
  const caller: Caller = { token, needed: new Set(method.scopes.length === 1 ? method.scopes : []) };
  try {
    const answer = method.run(hub, call.args, caller);
    call.scopes = [...caller.needed];
    return ok({ ok: true, ...answer, ...(warning === undefined ? {} : { warning, response_metadata: { warnings: [warning] } }) }, headers);
  } catch (error) {
    call.scopes = [...caller.needed];
    if (error instanceof ApiError) return ok({ ok: false, error: error.code, ...error.extra }, headers);
    throw error;
  }
}

const bearer = (request: IncomingMessage): string | undefined => /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];

/** Query, form or JSON. A JSON body without a charset works, with a warning, as Slack does. */
async function readArgs(request: IncomingMessage): Promise<{ args: Args; warning: string | undefined }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  const args: Args = Object.fromEntries(new URL(request.url ?? '/', 'http://localhost').searchParams);
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) {
    const parsed = parse(body);
    return { args: isObject(parsed) ? { ...args, ...parsed } : args, warning: type.includes('charset') ? undefined : 'missing_charset' };
  }
  return { args: { ...args, ...Object.fromEntries(new URLSearchParams(body)) }, warning: undefined };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
