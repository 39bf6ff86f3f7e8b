#!/usr/bin/env node
// Makes dist/: TypeScript, what TypeScript does not copy, and the playground's page. Built beside it and swapped in at the end,
// so that a build that fails leaves the last good one.
import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, run } from './prepare.mjs';

const dist = path.join(root, 'dist');
const next = path.join(root, 'node_modules', `.repull-build-${process.pid}`);
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

/** Files of src/ that are read at run time but are not TypeScript; the page is vite's. */
function copyOthers(folder) {
  for (const entry of readdirSync(path.join(root, 'src', folder), { withFileTypes: true })) {
    const relative = path.join(folder, entry.name);
    if (relative === path.join('playground', 'page')) continue;
    if (entry.isDirectory()) copyOthers(relative);
    else if (!/\.tsx?$/.test(entry.name)) {
      mkdirSync(path.join(next, folder), { recursive: true });
      cpSync(path.join(root, 'src', relative), path.join(next, relative));
    }
  }
}

process.on('exit', () => rmSync(next, { recursive: true, force: true }));
run('TypeScript', bin('tsc'), ['-p', 'tsconfig.json', '--outDir', next]);
copyOthers('');
run('vite', bin('vite'), ['build', '--logLevel', 'warn', '--outDir', path.join(next, 'playground', 'page')]);
chmodSync(path.join(next, 'main.js'), 0o755);
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
console.log('dist/ is built.');
