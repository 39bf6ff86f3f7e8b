import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse } from 'yaml';

/** What passed, and what came back; 0: nothing did. */
export interface Passed {
  method: string;
  url: URL;
  status: number;
  /** The first bytes of the answer. */
  begins: string;
}

type Meddling =
  /** Changes the query before it is sent on. */
  | { rewrite: (url: URL) => void }
  /** Does something first, then lets it pass. */
  | { first: () => Promise<unknown> }
  /** Never reaches the server. */
  | { answer: { status: number; body: unknown } }
  /** Is carried out, and its answer is lost. */
  | { loseReply: true }
  /** Is accepted, and nothing ever comes. */
  | { mute: true };

/** A real API server with an unreliable way to it: plain HTTP on loopback, to which the caller's own token is passed on. */
export interface ApiProxy {
  kubeconfig: string;
  readonly passed: Passed[];
  /** The next requests that match, as often as `times` says (once). The latest rule comes first. */
  meddle(match: (request: { method: string; url: URL }) => boolean, how: Meddling, times?: number): void;
  clear(): void;
  close(): Promise<void>;
}

interface Rule {
  match: (request: { method: string; url: URL }) => boolean;
  how: Meddling;
  left: number;
}

interface KubeConfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

const plain = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text, 'base64'));

/** @param kubeconfig the administrator's; whoever sends no token is passed on as the administrator. */
export async function apiProxy(kubeconfig: string): Promise<ApiProxy> {
  const config = parse(kubeconfig) as KubeConfig;
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined) throw new Error('the kubeconfig names no cluster');
  const tls = { ca: plain(cluster['certificate-authority-data']) };
  const admin = { ...tls, cert: plain(user?.['client-certificate-data']), key: plain(user?.['client-key-data']) };
  const passed: Passed[] = [];
  const rules: Rule[] = [];
  const open = new Set<ServerResponse>();

  const ruleFor = (request: { method: string; url: URL }): Meddling | undefined => {
    const rule = rules.findLast(({ match, left }) => left > 0 && match(request));
    if (rule !== undefined) rule.left -= 1;
    return rule?.how;
  };

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', cluster.server);
    const method = incoming.method ?? 'GET';
    const body: Buffer[] = [];
    for await (const chunk of incoming) body.push(chunk as Buffer);
    const note: Passed = { method, url, status: 0, begins: '' };
    passed.push(note);
    const how = ruleFor({ method, url });
    if (how !== undefined && 'answer' in how) {
      note.status = how.answer.status;
      outgoing.writeHead(how.answer.status, { 'content-type': 'application/json', date: new Date().toUTCString() });
      outgoing.end(JSON.stringify(how.answer.body));
      return;
    }
    if (how !== undefined && 'mute' in how) {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.flushHeaders();
      return;
    }
    if (how !== undefined && 'first' in how) await how.first();
    if (how !== undefined && 'rewrite' in how) how.rewrite(url);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = incoming.headers;
    const upstream = secureRequest(url, { method, headers, ...(headers.authorization === undefined ? admin : tls) }, (reply) => {
      note.status = reply.statusCode ?? 0;
      if (how !== undefined && 'loseReply' in how) {
        reply.resume();
        reply.on('end', () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(note.status, reply.headers);
      outgoing.flushHeaders();
      reply.on('data', (chunk: Buffer) => {
        if (note.begins.length < 2000) note.begins += chunk.toString();
        outgoing.write(chunk);
      });
      reply.on('end', () => outgoing.end());
      reply.on('error', () => outgoing.destroy());
    });
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    upstream.end(Buffer.concat(body));
  };

  const server = createServer((incoming, outgoing) => {
    open.add(outgoing);
    outgoing.on('close', () => open.delete(outgoing));
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const through = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  return {
    kubeconfig: JSON.stringify({
      ...config,
      clusters: config.clusters.map(({ name }) => ({ name, cluster: through })),
      users: config.users.map((each) => ({ ...each, user: {} })),
    }),
    passed,
    meddle: (match, how, times = 1) => void rules.push({ match, how, left: times }),
    clear: () => void rules.splice(0),
    close: async () => {
      for (const each of open) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
