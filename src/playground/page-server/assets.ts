import { readFile } from 'node:fs/promises';
import path from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.map': 'application/json',
};

/** A file of the built page; undefined where there is none. A path that leads out of the folder is none. */
export async function asset(folder: string, urlPath: string): Promise<{ body: Buffer; type: string } | undefined> {
  const root = path.resolve(folder);
  const file = path.resolve(root, `.${urlPath === '/' ? '/index.html' : urlPath}`);
  if (!file.startsWith(root + path.sep)) return undefined;
  const type = TYPES[path.extname(file)];
  if (!type) return undefined;
  try {
    return { body: await readFile(file), type };
  } catch {
    return undefined;
  }
}
