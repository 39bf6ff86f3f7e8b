import { execFile } from 'node:child_process';

/** One line of `repull history --json`. */
export interface HistoryLine {
  id: string;
  app: string;
  environment: string;
  requester: string;
  state: string;
  because?: string;
  method: string;
  decisions: { by: string; verdict: string }[];
  containers: { before: string[]; registry?: string; after?: string[]; verdict?: string }[];
  [key: string]: unknown;
}

/** `repull history --json` as a process. */
export function readHistory(redisUrl: string): Promise<HistoryLine[]> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', REDIS_URL: redisUrl };
    execFile(
      process.execPath,
      [`${process.env['REPULL_TEST_DIST'] ?? 'dist'}/main.js`, 'history', '--json'],
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        if (error !== null) reject(error);
        else
          resolve(
            stdout
              .split('\n')
              .filter(Boolean)
              .map((text) => JSON.parse(text) as HistoryLine),
          );
      },
    );
  });
}
