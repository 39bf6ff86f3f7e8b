import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageText } from '../../src/playground/slack/render-text.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2 } from '../support/line.ts';
import { until } from '../support/until.ts';

/** What happened, in Slack and on the command line: whole, paged, filtered. */
describe('history', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await stage.deploy('my-app', { replicas: 1 });
    for (let n = 0; n < 11; n++) {
      await stage.say(n % 2 === 0 ? DEV : DEV2, `/repull my-app staging --reason "round ${n}"`);
      await until(async () => (await stage.history('my-app')).filter(({ state }) => state === 'refused').length === n + 1, {
        what: `round ${n} is refused`,
        withinMs: 20_000,
        everyMs: 100,
      });
    }
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app staging --reason "the new build"');
    await stage.untilCard('my-app', /Succeeded/);
  }, 180_000);
  afterAll(async () => stage?.close(), 60_000);

  const ephemeral = () => stage.line.slack.view(DEV, DEPLOYS).messages.filter((message) => message.ephemeral === true);
  const answer = async (text: string) => {
    const before = ephemeral().length;
    await stage.say(DEV, text);
    const last = await stage.line.slack.waitFor(() => (ephemeral().length > before ? ephemeral().at(-1) : undefined), { seconds: 20 });
    return last === undefined ? '' : messageText(last);
  };
  const run = (...args: string[]): Promise<{ code: number; lines: { reason?: string; state: string; requester: string }[] }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '', REDIS_URL: stage.line.redis.url };
      const main = `${process.env['REPULL_TEST_DIST'] ?? 'dist'}/main.js`;
      execFile(process.execPath, [main, 'history', '--json', ...args], { env }, (error, stdout) =>
        resolve({
          code: Number(error?.code ?? 0),
          lines: stdout
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line)),
        }),
      );
    });

  it('is paged: ten requests, newest first, and the line that gives the next page', async () => {
    const first = await answer('/repull history my-app');
    expect(first).toContain('the new build');
    const older = /Older: `([^`]*)`/.exec(first)?.[1] ?? '';
    expect(older).toMatch(/^\/repull history my-app --before \S+$/);
    const second = await answer(older);
    expect(second).toContain('round 0');
    expect(second).not.toContain('the new build');
    expect(second).not.toContain('Older:');
  });

  it('is filtered by who asked and by how it ended, and says so where nothing fits', async () => {
    const mine = await answer('/repull history --user me --result refused');
    expect(mine).toContain('round 10');
    expect(mine).not.toContain('round 9');
    expect(mine).not.toContain('the new build');
    expect(await answer(`/repull history my-app --user <@${DEV2}|dion> --result succeeded`)).toContain('Nothing like that is on record');
  });

  it('on the command line has every attempt, and the same filters', async () => {
    expect((await run()).lines).toHaveLength(12);
    expect((await run('--result', 'succeeded')).lines.map(({ reason }) => reason)).toEqual(['the new build']);
    expect((await run('--user', DEV2, '--app', 'my-app')).lines.every(({ requester }) => requester === DEV2)).toBe(true);
    expect((await run('--since', '2999-01-01')).lines).toEqual([]);
    expect((await run('--until', '2020-01-01')).lines).toEqual([]);
    expect((await run('--result', 'broken')).code).toBe(2);
  });
});
