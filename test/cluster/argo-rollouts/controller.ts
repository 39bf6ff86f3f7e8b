import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { World } from '../../support/world.ts';
import { playRecording } from './recorded.ts';

const run = promisify(execFile);
const UP = 'test/cluster/argo-rollouts/up';

/** `real`: Argo Rollouts itself; `recorded`: what it did once, played again. */
export interface Controller {
  kind: 'real' | 'recorded';
  stop(): Promise<void>;
}

/** The real one is used where it is built, or with `REPULL_TEST_ARGO=1`, which builds it (minutes); `0`: never. */
export async function isRealBuilt(): Promise<boolean> {
  const wanted = process.env['REPULL_TEST_ARGO'];
  if (wanted === '0' || wanted === '1') return wanted === '1';
  return await run(UP, ['--built']).then(
    () => true,
    () => false,
  );
}

/** Both with the real CRDs. */
export async function startController(world: World, namespace: string): Promise<Controller> {
  const isReal = await isRealBuilt();
  await run(UP, isReal ? [] : ['--crds']);
  // The real one stays where it is: other test files may use it, and `down` stops it.
  return isReal ? { kind: 'real', stop: () => Promise.resolve() } : { kind: 'recorded', ...playRecording(world, namespace) };
}
