#!/usr/bin/env node
// A fence must be seen to hold: lints a deliberately bad file inside src/domain and fails unless every breach is reported.
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';

const target = `src/domain/zz-fence-probe-${process.pid}.ts`;
const breaches = ['no-restricted-imports', 'no-restricted-globals', 'no-restricted-properties', 'no-process-env'];
copyFileSync('test/lint/bad-fixture.ts', target);
try {
  const run = spawnSync('npx', ['oxlint', '--format', 'json', target], { encoding: 'utf8' });
  const missing = breaches.filter((rule) => !run.stdout.includes(rule));
  if (run.status === 0 || missing.length > 0) {
    console.error(`The lint fences do not hold: not reported: ${missing.join(', ') || '(oxlint exited 0)'}`);
    process.exit(1);
  }
  console.log(`Lint fences hold: ${breaches.length} deliberate breaches were refused.`);
} finally {
  rmSync(target, { force: true });
}
