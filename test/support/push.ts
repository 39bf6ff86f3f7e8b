import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('../cluster/push.mjs', import.meta.url));

export interface PushedImage {
  ref: string;
  digest: string;
  manifests: Record<string, string>;
}

/** Builds an image and pushes it to the real registry: a new digest every time. */
export async function pushImage(ref: string, options: { index?: boolean; crash?: boolean; version?: string } = {}): Promise<PushedImage> {
  const flags = [
    ...(options.index ? ['--index'] : []),
    ...(options.crash ? ['--crash'] : []),
    ...(options.version === undefined ? [] : ['--version', options.version]),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ref, ...flags]);
  return JSON.parse(stdout) as PushedImage;
}
