import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyFilter } from '../../src/compose/history-filter.ts';
import { printHistory } from '../../src/compose/history.ts';
import { RedisRequestStore } from '../../src/store/redis-store.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, SRE, SRE2 } from '../support/line.ts';
import { until } from '../support/until.ts';

type Line = Record<string, unknown> & { id: string };

/** What a compliance person files: everything, once, in an order that stays, and with the means to prove it. */
describe('an export of the history', () => {
  let stage: Stage;
  let redis: Redis;
  beforeAll(async () => {
    stage = await openStage();
    redis = new Redis(stage.line.redis.url);
    const { slack } = stage.line;
    await stage.deploy('my-app', { replicas: 1 });
    const ask = async (): Promise<{ channelId: string; ts: string }> => {
      await stage.push('my-app');
      const known = new Set(stage.cards('my-app').map((card) => card.ts));
      await stage.say(DEV, '/repull my-app prod --reason "new build"');
      const card = await slack.waitFor(() => stage.cards('my-app').find((each) => !known.has(each.ts) && /Waiting/.test(each.text)), {
        seconds: 30,
        what: 'the card',
      });
      return { channelId: DEPLOYS, ts: card.ts };
    };
    const first = await ask();
    await slack.as(DEV2).click(first, 'approve');
    await stage.line.waitFor(DEV2, /not permitted|may not|approver|Denied/i);
    await slack.as(SRE).click(first, 'approve');
    await stage.untilCard('my-app', /Succeeded/);
    const second = await ask();
    await slack.as(SRE2).click(second, 'reject');
    await slack.waitFor(() => slack.as(SRE2).modal(), { what: 'the form' });
    slack.as(SRE2).fill('reason', 'not today');
    await slack.as(SRE2).submit();
    await stage.untilCard('my-app', /Rejected/);
    await stage.say(DEV, '/repull rollback my-app prod');
    await stage.say(SRE, '/repull freeze staging "audit week" --for 1h');
    await stage.line.waitFor(SRE, /is frozen/);
    await stage.say(DEV, '/repull unfreeze staging');
    await stage.line.waitFor(DEV, /Denied/);
    await stage.say(DEV, '/repull my-app staging');
    await until(async () => (await stage.history('my-app')).length === 4, { what: 'four requests', withinMs: 30_000, everyMs: 200 });
  }, 120_000);
  afterAll(async () => {
    redis?.disconnect();
    await stage?.close();
  }, 60_000);

  const parsed = (out: string): Line[] =>
    out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  /** As the command does it, without a process of its own. */
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string; lines: Line[] }> => {
    const filter = historyFilter(['--json', ...args]);
    if ('wrong' in filter) return { code: 2, out: '', err: filter.wrong, lines: [] };
    let [out, err] = ['', ''];
    const code = await printHistory(
      stage.line.redis.url,
      filter,
      (line) => void (out += `${line}\n`),
      (line) => void (err += `${line}\n`),
    );
    return { code, out, err, lines: parsed(out) };
  };
  const command = (...args: string[]): Promise<{ out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '', REDIS_URL: stage.line.redis.url };
      const main = `${process.env['REPULL_TEST_DIST'] ?? 'dist'}/main.js`;
      execFile(process.execPath, [main, 'history', '--json', ...args], { env, maxBuffer: 2 ** 26 }, (_, out, err) => resolve({ out, err }));
    });

  it('holds who asked, why, which rule, who decided, digests before and after, how long it took, and every refusal', async () => {
    const { lines } = await run('--app', 'my-app');
    expect(lines.map(({ state, kind }) => [kind, state])).toEqual([
      ['repull', 'refused'],
      ['rollback', 'denied'],
      ['repull', 'rejected'],
      ['repull', 'succeeded'],
    ]);
    const [refused, denied, rejected, done] = lines;
    expect(done).toMatchObject({
      id: expect.stringMatching(/^[0-9A-Z]{6}-[0-9A-Z]{4}$/),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      environment: 'prod',
      cluster: 'test',
      workloads: [`deployment/${stage.namespace}/my-app`],
      requester: DEV,
      reason: 'new build',
      rule: 'bindings[0], role developer',
      decisions: [{ by: SRE, verdict: 'approve', at: expect.any(String) }],
      method: 'restart',
      endedAt: expect.any(String),
      channel: DEPLOYS,
      votes: 1,
      approvers: ['sre'],
    });
    const [container] = (done?.['containers'] ?? []) as Record<string, unknown>[];
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(container).toMatchObject({ container: 'app', before: [digest], registry: digest, after: [digest], verdict: 'pulled new' });
    expect(container?.['after']).toEqual([container?.['registry']]);
    const { waited, rollout, total } = (done?.['durations'] ?? {}) as Record<string, number>;
    expect(rollout).toBeGreaterThan(0);
    expect((waited ?? 0) + (rollout ?? 0)).toBe(total);
    expect(rejected).toMatchObject({ decisions: [{ by: SRE2, verdict: 'reject', reason: 'not today' }] });
    expect(rejected).not.toHaveProperty('startedAt');
    expect(denied).toMatchObject({ because: 'not-permitted', denied: 'not-permitted', requester: DEV });
    expect(refused).toMatchObject({ because: 'frozen' });
  });

  it('of the audit stream holds every single event, the click that was refused and the freeze among them', async () => {
    const { lines } = await run('--audit');
    expect(lines).toHaveLength(await redis.xlen('{repull}:audit'));
    expect(lines.map(({ entry }) => entry)).toEqual(lines.map(({ entry }) => String(entry)).toSorted(byEntry));
    expect(lines).toContainEqual(expect.objectContaining({ actor: DEV2, because: expect.stringMatching(/^approve denied: /) }));
    expect(lines).toContainEqual(expect.objectContaining({ id: 'staging', to: 'freeze', actor: SRE, because: 'audit week' }));
    expect(lines).toContainEqual(expect.objectContaining({ id: 'staging', actor: DEV, because: 'unfreeze denied: not-permitted' }));
    const [done] = (await run('--result', 'succeeded')).lines;
    const story = lines.filter(({ id }) => id === done?.id).map(({ to }) => to);
    expect(story).toEqual(expect.arrayContaining(['planning', 'awaiting-approval', 'queued', 'rolling-out', 'succeeded']));
    expect((await run('--audit', '--until', '2020-01-01')).lines).toEqual([]);
    const middle = new Date(Number(String(lines[3]?.['entry']).split('-')[0])).toISOString();
    const halves = [await run('--audit', '--until', middle), await run('--audit', '--since', middle)];
    expect(halves.map((half) => half.lines.length).reduce((a, b) => a + b)).toBe(lines.length);
    expect((await run('--audit', '--user', DEV)).code).toBe(2);
  });

  it('is whole over many pages, in the same order each time, and its checksum is that of the file', async () => {
    const store = new RedisRequestStore(redis);
    const ids = Array.from({ length: 450 }, (_, n) => `BULK${String(n).padStart(2, '0')}-${String(n).padStart(4, '0')}`);
    // Many of them in the same millisecond.
    await Promise.all(ids.map((id) => store.create(denied(id), `create-${id}`)));
    const first = await run('--summary');
    expect(await command('--summary')).toEqual({ out: first.out, err: first.err });
    expect(first.lines).toHaveLength(454);
    expect(new Set(first.lines.map(({ id }) => id)).size).toBe(454);
    expect(
      first.lines
        .filter(({ app }) => app === 'bulk')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted());
    const times = first.lines.map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted().toReversed());
    expect(JSON.parse(first.err)).toEqual({
      lines: 454,
      sha256: createHash('sha256').update(first.out).digest('hex'),
      oldest: times.at(-1),
      newest: times[0],
      asked: {},
    });
    const filtered = await run(
      '--summary',
      '--app',
      'bulk',
      '--user',
      DEV2,
      '--result',
      'denied',
      '--environment',
      'prod',
      '--since',
      '2020-01-01',
    );
    expect(JSON.parse(filtered.err)).toMatchObject({
      lines: 450,
      asked: { app: 'bulk', requester: DEV2, status: 'denied', environment: 'prod', since: '2020-01-01T00:00:00.000Z' },
    });
    expect((await run('--app', 'bulk', '--user', DEV)).lines).toEqual([]);
    expect((await run()).err).toBe('');
  });
});

const byEntry = (a: string, b: string): number => {
  const [[x = 0, i = 0], [y = 0, j = 0]] = [a.split('-').map(Number), b.split('-').map(Number)];
  return x - y || i - j;
};

const denied = (id: string) => ({
  id,
  requester: DEV2,
  team: 'T1',
  channel: DEPLOYS,
  ask: {
    kind: 'repull' as const,
    app: 'bulk',
    environment: 'prod',
    cluster: 'test',
    namespaces: [],
    workloads: [],
    via: 'auto' as const,
    dryRun: false,
    force: false,
    forceDelete: false,
  },
  decision: { verdict: 'deny' as const, because: { code: 'not-permitted' as const }, help: [] },
  state: { status: 'denied' as const, because: { code: 'not-permitted' as const } },
});
