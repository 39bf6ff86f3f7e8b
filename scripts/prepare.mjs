// What start and test do first, with nothing but Node: install and build, each only where something changed since the last time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Ends the process with words instead of a stack. */
export function giveUp(words) {
  console.error(`\n${words}`);
  process.exit(1);
}

/** The floor of package.json, said before anything that needs it is loaded. */
export function requireNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const wanted = engines.node
    .replace(/^[^0-9]*/, '')
    .split('.')
    .map(Number);
  const have = process.versions.node.split('.').map(Number);
  const isOld = have[0] < wanted[0] || (have[0] === wanted[0] && have[1] < (wanted[1] ?? 0));
  if (isOld) giveUp(`repull needs Node ${engines.node}; this is ${process.versions.node}. https://nodejs.org has newer ones.`);
}

export function run(what, command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', ...options });
  if (done.error) giveUp(`${what} could not be started: ${done.error.message}`);
  if (done.signal) process.exit(130);
  if (done.status !== 0) giveUp(`${what} failed (exit code ${done.status}); its own words are above.`);
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(file) : [file];
  });
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Does the work unless the stamp says that it was done for the very same files. */
function unlessDone(stamp, now, isThere, work) {
  if (isThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  work();
  writeFileSync(stamp, now);
}

/** `npm ci`, where node_modules is missing or belongs to another lockfile. */
export function install() {
  const modules = path.join(root, 'node_modules');
  const lockfile = path.join(root, 'package-lock.json');
  const stamp = path.join(modules, '.repull-installed');
  const now = fingerprint([lockfile]);
  // npm writes this file last: an install by hand that is newer than the lockfile is as good as ours.
  const byHand = path.join(modules, '.package-lock.json');
  if (!existsSync(stamp) && existsSync(byHand) && statSync(byHand).mtimeMs >= statSync(lockfile).mtimeMs) writeFileSync(stamp, now);
  unlessDone(stamp, now, existsSync(byHand), () => {
    console.log('Installing packages (npm ci) …');
    run('npm ci', 'npm', ['ci', '--no-audit', '--no-fund']);
  });
}

/** `npm run build`, where dist/ is missing or older than what it is made of. */
export function build() {
  const sources = [
    ...filesUnder(path.join(root, 'src')),
    ...['package-lock.json', 'tsconfig.json', 'vite.config.ts', 'scripts/build.mjs'].map((name) => path.join(root, name)),
  ];
  const isThere = existsSync(path.join(root, 'dist', 'main.js')) && existsSync(path.join(root, 'dist', 'playground', 'page', 'index.html'));
  unlessDone(path.join(root, 'dist', '.built'), fingerprint(sources), isThere, () => {
    console.log('Building …');
    run('The build', process.execPath, [path.join(root, 'scripts', 'build.mjs')]);
  });
}
