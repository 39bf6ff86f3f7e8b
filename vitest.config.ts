import { defineConfig } from 'vitest/config';

/** One project per folder of test/; `npm test` runs the first four, the others have commands of their own. */
const project = (
  name: string,
  options: { seconds?: number; parallel?: boolean; setup?: string[]; folder?: string; after?: number } = {},
) => ({
  test: {
    name,
    include: [`test/${options.folder ?? name}/**/*.test.ts`],
    ...(name === 'cluster' ? { exclude: ['test/cluster/alone/**'] } : {}),
    sequence: { groupOrder: options.after ?? 0 },
    testTimeout: (options.seconds ?? 5) * 1000,
    hookTimeout: Math.max(30, options.seconds ?? 5) * 1000,
    fileParallelism: options.parallel ?? true,
    // A shared CI machine stalls for seconds; a test that needed its second try is printed as such. Never locally, never for pure code.
    retry: process.env['CI'] === 'true' && name !== 'unit' ? 1 : 0,
    globalSetup: options.setup ?? [],
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', { seconds: 20 }),
      project('contract', { seconds: 60 }),
      project('integration', { seconds: 60 }),
      project('page', { seconds: 90 }),
      project('cluster', { seconds: 180 }),
      // They stop nodes or the API server, or fill the cluster: one file at a time, when nothing else runs there.
      project('cluster-alone', { folder: 'cluster/alone', seconds: 300, parallel: false, after: 1 }),
      project('faults', { seconds: 180 }),
      project('bench', { seconds: 600, parallel: false }),
    ],
  },
});
