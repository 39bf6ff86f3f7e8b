#!/usr/bin/env node
// `npm run pictures`: draws every card, answer and modal in the real page and writes those that docs/cards.md shows, and two sheets of all of them, to
// docs/images/cards. Needs Chromium, as the tests of the page do. Look at them before you commit them.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { install, requireNode, root } from './prepare.mjs';

requireNode();
install();
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'run', '--project', 'page', 'test/page/pictures.test.ts'];
const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PICTURES: 'write' } });
process.exit(done.status ?? 1);
