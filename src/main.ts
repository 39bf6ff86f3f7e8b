#!/usr/bin/env node
import { run } from './compose/run.ts';
import { processEnv } from './config/env.ts';

/** Loaded only when asked for: production never pays for the playground. */
const playground = async (env: Record<string, string | undefined>): Promise<number> => {
  const { runPlayground } = await import('./playground/playground.ts');
  return runPlayground({ env, print: (line) => process.stdout.write(`${line}\n`) });
};

process.exitCode = await run(process.argv.slice(2), processEnv(), playground);
