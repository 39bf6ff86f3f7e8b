import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a node meets where repull meets a registry that is well. */
export type Face =
  | { status: number; body?: object; headers?: Record<string, string> }
  /** An image index that offers only this platform. */
  | { only: { os: string; architecture: string } }
  /** The connection ends without an answer. */
  | { cut: true }
  /** Every answer waits for this. */
  | { after: Promise<void> };

export interface TwoFacedRegistry {
  /** `localhost:PORT`: plain HTTP to containerd and to repull alike. */
  readonly host: string;
  /** From now on nodes meet this face of a repository; left out: the registry behind. */
  show(repository: string, face?: Face): void;
  /** Manifest requests of nodes so far. */
  asked(repository: string): number;
  close(): Promise<void>;
}

/** The same registry as `behind`, but for what nodes meet: a cluster can fail to pull what repull's own look found well. */
export async function startTwoFacedRegistry(behind: string): Promise<TwoFacedRegistry> {
  const faces = new Map<string, Face>();
  const asked = new Map<string, number>();
  const [host = '', port = ''] = behind.split(':');

  const pass = (from: IncomingMessage, to: ServerResponse): void => {
    const onwards = request({ host, port, method: from.method, path: from.url, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    onwards.on('error', () => to.destroy());
    from.pipe(onwards);
  };
  const answer = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(from.url ?? '')?.[1];
    const isNode = (from.headers['user-agent'] ?? '').startsWith('containerd/');
    if (repository === undefined || !isNode) return pass(from, to);
    if (from.url?.includes('/manifests/') === true) asked.set(repository, (asked.get(repository) ?? 0) + 1);
    const face = faces.get(repository);
    if (face === undefined) return pass(from, to);
    if ('cut' in face) return void to.destroy();
    if ('after' in face) {
      await face.after;
      return pass(from, to);
    }
    const [status, headers, body] = 'only' in face ? indexOf(face.only) : [face.status, face.headers ?? {}, face.body ?? {}];
    const text = JSON.stringify(body);
    to.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers });
    to.end(from.method === 'HEAD' ? undefined : text);
  };
  const server = createServer((from, to) => void answer(from, to));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    show: (repository, face) => void (face === undefined ? faces.delete(repository) : faces.set(repository, face)),
    asked: (repository) => asked.get(repository) ?? 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
function indexOf(platform: { os: string; architecture: string }): [number, Record<string, string>, object] {
  const manifest = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'0'.repeat(64)}`,
    size: 2,
    platform,
  };
  return [200, { 'content-type': INDEX }, { schemaVersion: 2, mediaType: INDEX, manifests: [manifest] }];
}
