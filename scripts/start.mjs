#!/usr/bin/env node
// `npm start`: from a fresh clone to the playground, with nothing but Node. Arguments are handed on: npm start -- --port 5000
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
install();
build();

// In this very process: one signal, one owner, and nothing in between that could be killed alone.
const main = path.join(root, 'dist', 'main.js');
process.argv = [process.argv[0], main, 'playground', ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
