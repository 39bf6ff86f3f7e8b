#!/usr/bin/env node
// `npm start`: from a fresh clone to the playground, with nothing but Node. PORT=5000 npm start puts the page elsewhere.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
install();
build();

// npm hands a SIGTERM to the shell between us, which dies of it without a word to us; so somebody who ended npm must not leave this behind.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'start') {
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

// In this very process: one signal, one owner, and nothing in between that could be killed alone.
const main = path.join(root, 'dist', 'main.js');
process.argv = [process.argv[0], main, 'playground', ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
