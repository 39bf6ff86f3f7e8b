import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What the stand-in for the base image is made of. */
const NODE_VERSION = '24.9.0';
const NEEDED = 'building the image needs root on Debian with the packages buildah, busybox-static and redis-server';

export interface BuiltImage {
  repository: string;
  tag: string;
  /** Takes it out of buildah's store; the registry keeps it. */
  remove(): Promise<void>;
}

/** @throws with the end of what the command wrote. */
export async function run(command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${message.split('\n')[0]}\n${stdout.slice(-2_000)}\n${stderr.slice(-4_000)}`, { cause: error });
  }
}

const buildah = (...args: string[]) => run('buildah', args, { STORAGE_DRIVER: 'vfs' });

/**
 * The repository's own Dockerfile, built with buildah and pushed to the cluster's registry. `REPULL_TEST_IMAGE` names one that is there already.
 * The base images are stand-ins (base-images): no registry within reach serves the real ones.
 */
export async function buildImage(registry: string, name: string): Promise<BuiltImage> {
  const given = process.env['REPULL_TEST_IMAGE'];
  if (given !== undefined) {
    const [, repository = '', tag = ''] = /^(.*):([^:/]+)$/.exec(given) ?? [];
    return { repository, tag, remove: async () => {} };
  }
  await baseImages(registry);
  const repository = `${registry}/${name}/repull`;
  const secrets = await npmSecrets();
  try {
    await buildah('bud', '--isolation', 'chroot', '--pull-never', ...secrets.flags, '-t', `${repository}:test`, '.');
  } finally {
    secrets.remove();
  }
  await buildah('push', '-q', '--tls-verify=false', `${repository}:test`);
  return { repository, tag: 'test', remove: async () => void (await buildah('rmi', `${repository}:test`)) };
}

/** Makes them only where they are missing: the store of buildah outlives the cluster's registry. */
export async function baseImages(registry: string): Promise<void> {
  const base = /^FROM (\S+)/m.exec(readFileSync('Dockerfile', 'utf8'))?.[1] ?? '';
  const hasBase = await buildah('inspect', '--type', 'image', base).then(
    () => true,
    () => false,
  );
  const hasRedis = await fetch(`http://${registry}/v2/redis/tags/list`).then((response) => response.ok);
  if (hasBase && hasRedis) return;
  await run('test/cluster/base-images', [base, NODE_VERSION]).catch((error: unknown) => {
    throw new Error(`${NEEDED}; test/cluster/base-images could not make the base images:\n${String(error)}`, { cause: error });
  });
}

/** npm's configuration on this machine, for the build's first step and for no layer. */
async function npmSecrets(): Promise<{ flags: string[]; remove(): void }> {
  const setting = async (key: string) => (await run('npm', ['config', 'get', key])).trim();
  const dir = mkdtempSync(join(tmpdir(), 'repull-npm-'));
  const npmrc = join(dir, 'npmrc');
  const own = await setting('userconfig')
    .then((file) => readFileSync(file, 'utf8'))
    .catch(() => '');
  writeFileSync(npmrc, `${own}\nregistry=${await setting('registry')}\n`, { mode: 0o600 });
  const authorities = [await setting('cafile'), process.env['NODE_EXTRA_CA_CERTS'] ?? ''].find((file) => file !== '' && file !== 'null');
  return {
    flags: ['--secret', `id=npmrc,src=${npmrc}`, ...(authorities === undefined ? [] : ['--secret', `id=ca,src=${authorities}`])],
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
