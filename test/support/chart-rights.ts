import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Json, World } from './world.ts';

/** What a worker that was installed with the chart may do, no more: a right that is missing there fails a test here. */
export async function chartKubeconfig(world: World, namespace: string, namespaces: string[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'repull-chart-'));
  try {
    const values = {
      policy: 'environments: {}',
      redis: { url: 'redis://redis' },
      bot: { slackSecret: 'slack' },
      worker: { cluster: 'test', namespaces, rights: { cronJobs: true, logs: true, readSecrets: true, deletePods: true, readNodes: true } },
    };
    writeFileSync(join(dir, 'values.yaml'), JSON.stringify(values));
    const yaml = await run('test/cluster/helm', [
      'template',
      'repull',
      'helm/repull',
      '-n',
      namespace,
      '-f',
      join(dir, 'values.yaml'),
      '--kube-version',
      '1.36.0',
    ]);
    const rights = parseAllDocuments(yaml)
      .map((document) => document.toJS() as Json)
      .filter((object) => /^(?:ServiceAccount|(?:Cluster)?Role(?:Binding)?)$/.test(object?.kind ?? ''))
      .map((object) => ({
        ...object,
        metadata: { namespace, ...object.metadata, labels: { ...object.metadata.labels, 'repull-stage': namespace } },
      }));
    await run('kubectl', ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rights }));
    const worker = rights.find(({ kind, metadata }) => kind === 'ServiceAccount' && /worker/.test(metadata.name));
    const token = (await run('kubectl', ['-n', namespace, 'create', 'token', worker?.metadata.name])).trim();
    const admin = parse(world.kubeconfig) as { users: { name: string }[] };
    return JSON.stringify({ ...admin, users: admin.users.map(({ name }) => ({ name, user: { token } })) });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The rights that are not inside a namespace, and so do not go with it. */
export const removeChartRights = (namespace: string): Promise<string> =>
  run('kubectl', ['delete', 'clusterrole,clusterrolebinding', '-l', `repull-stage=${namespace}`]);

/** Throws with the program's own words. */
export function run(file: string, args: string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${file} ${args.join(' ')}: ${stderr}`)),
    );
    if (input !== undefined) child.stdin?.end(input);
  });
}
