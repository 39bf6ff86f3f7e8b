#!/usr/bin/env node
// Makes dist/: TypeScript, what TypeScript does not copy, and the playground's page.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

function run(what, command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    console.error(`Building stopped: ${what} failed.`);
    process.exit(1);
  }
}

/** Files of src/ that are read at run time but are not TypeScript; the page is vite's. */
function copyOthers(folder) {
  for (const entry of readdirSync(path.join(root, 'src', folder), { withFileTypes: true })) {
    const relative = path.join(folder, entry.name);
    if (relative === path.join('playground', 'page')) continue;
    if (entry.isDirectory()) copyOthers(relative);
    else if (!/\.tsx?$/.test(entry.name)) {
      mkdirSync(path.join(root, 'dist', folder), { recursive: true });
      cpSync(path.join(root, 'src', relative), path.join(root, 'dist', relative));
    }
  }
}

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
run('TypeScript', bin('tsc'), ['-p', 'tsconfig.json']);
copyOthers('');
run('vite', bin('vite'), ['build', '--logLevel', 'warn']);
const main = path.join(root, 'dist', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
console.log('dist/ is built.');
