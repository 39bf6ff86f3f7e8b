import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { clusterContract } from '../contract/cluster/suite.ts';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

const run = promisify(execFile);
const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
const PUSH = new URL('push.mjs', import.meta.url).pathname;

clusterContract('the real cluster', async () => {
  const { KUBECONFIG = '', REPULL_TEST_REGISTRY: registry = '' } = process.env;
  if (!KUBECONFIG || !registry) throw new Error('no real cluster: run test/cluster/up, then source the env file that it names');
  const { clusters, users } = parse(readFileSync(KUBECONFIG, 'utf8')) as Kubeconfig;
  const user = users[0]?.user;
  return {
    server: clusters[0]?.cluster.server ?? '',
    ca: decode(clusters[0]?.cluster['certificate-authority-data']),
    cert: decode(user?.['client-certificate-data']),
    key: decode(user?.['client-key-data']),
    registry,
    async push(ref, { version, crash, index } = {}) {
      const flags = [...(version ? ['--version', version] : []), ...(crash ? ['--crash'] : []), ...(index ? ['--index'] : [])];
      const { stdout } = await run(process.execPath, [PUSH, ref, ...flags]);
      return JSON.parse(stdout) as { ref: string; digest: string; manifests: Record<string, string> };
    },
    speed: 1,
    async close() {},
  };
});
