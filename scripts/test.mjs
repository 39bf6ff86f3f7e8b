#!/usr/bin/env node
// `npm test`: sets up what the tests need, runs them, and ends with one plain line.
//   test.mjs           unit, contract, integration, page
//   test.mjs cluster   the real cluster of test/cluster (brought up first), or the one of KUBECONFIG
//   test.mjs faults | bench
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, giveUp, install, requireNode, root } from './prepare.mjs';

const SUITES = {
  '': ['unit', 'contract', 'integration', 'page'],
  cluster: ['cluster', 'cluster-alone'],
  'cluster-shared': ['cluster'],
  'cluster-alone': ['cluster-alone'],
  faults: ['faults'],
  bench: ['bench'],
};
const [suite = '', ...vitestArguments] = process.argv.slice(2);
const projects = SUITES[suite];
if (!projects) giveUp(`There is no suite "${suite}". There are: npm test, and ${Object.keys(SUITES).filter(Boolean).join(', ')}.`);

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version');
const has = (command) => (process.env.PATH ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, command)));

const installer = 'apt-get';
/** True if the command is there in the end. RUNLEVEL=1 keeps Debian's packages from starting services. */
function ensure(command, ...packages) {
  if (has(command)) return true;
  if (!isRootOnDebian) return false;
  console.log(`Installing ${packages.join(', ')} …`);
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } };
  const get = () => spawnSync(installer, ['-qq', 'install', '-y', '--no-install-recommends', ...packages], options).status === 0;
  if (!get()) {
    spawnSync(installer, ['-qq', 'update'], options);
    get();
  }
  return has(command);
}

/** Brings the real cluster up and takes over what its env file exports. */
function clusterEnvironment() {
  if (process.env.KUBECONFIG) return {};
  const state = process.env.STATE ?? '/tmp/repull-cluster';
  const up = spawnSync(path.join(root, 'test', 'cluster', 'up'), { stdio: ['ignore', 'ignore', 'inherit'] });
  if (up.status !== 0)
    giveUp('The test cluster did not come up; test/cluster/README.md says what it needs. Or set KUBECONFIG to one of yours.');
  const printed = spawnSync('bash', ['-c', `set -a; . "${state}/env"; env -0`], { encoding: 'utf8' });
  if (printed.status !== 0) giveUp(`The test cluster left no usable ${state}/env.`);
  return Object.fromEntries(
    printed.stdout
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

requireNode();
install();
build();
if (!process.env.REDIS_URL && !ensure('redis-server', 'redis-server')) {
  giveUp('The tests need a real Redis: install redis-server, or set REDIS_URL.');
}
const notes = [];
if (projects.includes('page') && !process.env.REPULL_CHROMIUM && !ensure('chromium', 'chromium', 'fonts-noto-color-emoji')) {
  notes.push("*** The page was NOT tested: no Chromium here. Install Debian's chromium, or set REPULL_CHROMIUM to its path. ***");
}
const isCluster = suite.startsWith('cluster');
if (isCluster) {
  // The chart's test builds the image and installs the chart.
  if (!ensure('buildah', 'buildah') || !ensure('busybox', 'busybox-static'))
    notes.push('*** buildah or busybox is missing: the chart test fails. ***');
  if (
    spawnSync(path.join(root, 'test', 'cluster', 'helm'), ['version', '--short'], { stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0
  )
    notes.push('*** Helm could not be built: the chart test fails. ***');
}
const environment = { ...process.env, ...(isCluster ? clusterEnvironment() : {}) };

const folder = mkdtempSync(path.join(tmpdir(), 'repull-test-'));
const report = path.join(folder, 'report.json');
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const args = [
  'run',
  ...projects.flatMap((name) => ['--project', name]),
  // Mostly waiting, so more at once than there are cores: 411 s instead of 534 s on two of them.
  ...(suite === '' ? ['--maxWorkers=3'] : []),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
const done = spawnSync(process.execPath, [vitest, ...args, ...vitestArguments], { cwd: root, stdio: 'inherit', env: environment });

let counts = { passed: 0, failed: 0, skipped: 0 };
let isGreen = false;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  counts = { passed: result.numPassedTests, failed: result.numFailedTests, skipped: result.numPendingTests + (result.numTodoTests ?? 0) };
  // A file that could not even be loaded has no failed test in it, but vitest does not call that a success.
  isGreen = result.success === true;
  for (const file of result.testResults) {
    const hasTests = file.assertionResults.length > 0;
    if (file.status === 'failed' && !hasTests) {
      counts.failed += 1;
      notes.push(`not loaded: ${path.relative(root, file.name)}`);
    }
  }
} catch {
  notes.push('vitest ended without a report.');
}
rmSync(folder, { recursive: true, force: true });
for (const note of notes) console.log(note);
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
const isFine = done.status === 0 && isGreen && counts.failed === 0 && counts.passed > 0;
if (counts.passed + counts.failed === 0) console.error('No test ran.');
process.exit(isFine ? 0 : 1);
