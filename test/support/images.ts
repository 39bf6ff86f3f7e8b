import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * Pushes the index of a tag again around the same images, so that only its own digest differs.
 * @param sorts where the new digest comes among the names of the image that a runtime sorts
 * @returns the new digest
 */
export async function pushSameCode(registry: string, repository: string, tag: string, sorts: { after: string }): Promise<string> {
  const url = `http://${registry}/v2/${repository}/manifests/${tag}`;
  const read = await fetch(url, { headers: { accept: INDEX } });
  const index = (await read.json()) as object;
  for (let build = 1; ; build++) {
    const body = JSON.stringify({ ...index, annotations: { build: String(build) } });
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (digest <= sorts.after) continue;
    const written = await fetch(url, { method: 'PUT', headers: { 'content-type': INDEX }, body });
    if (!written.ok) throw new Error(`PUT ${url}: ${written.status} ${await written.text()}`);
    return digest;
  }
}

/** Lets a tag point at a manifest that is there already: one platform of an index, for example. */
export async function tagManifest(registry: string, repository: string, digest: string, tag: string): Promise<void> {
  const url = `http://${registry}/v2/${repository}/manifests/`;
  const read = await fetch(url + digest, { headers: { accept: MANIFEST } });
  const written = await fetch(url + tag, { method: 'PUT', headers: { 'content-type': MANIFEST }, body: await read.text() });
  if (!written.ok) throw new Error(`PUT ${url}${tag}: ${written.status} ${await written.text()}`);
}

/** containerd's own tool on a node of the real cluster, in the kubelet's namespace. */
export async function ctr(node: string, ...args: string[]): Promise<string> {
  const socket = join(dirname(process.env['KUBECONFIG'] ?? ''), node, 'containerd.sock');
  const { stdout } = await promisify(execFile)('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args]);
  return stdout;
}
