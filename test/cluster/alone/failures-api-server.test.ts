import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { component } from '../../support/component.ts';
import { failingApp } from '../../support/failing-app.ts';
import { judgeFailures, type Failing } from '../../support/failing.ts';
import { openStage, type Stage } from '../../support/stage.ts';
import { until } from '../../support/until.ts';

/** Not long enough for the nodes to be given up. */
const DEADLINE = '    deadline: 30s';
const LATE = { startupProbe: { exec: { command: ['/app', 'ready'] }, periodSeconds: 1, initialDelaySeconds: 4 } };

describe('an API server that is away, on a real cluster', () => {
  let stage: Stage;
  let failing: Failing;
  const server = component('kube-apiserver');

  beforeAll(async () => {
    stage = await openStage({ staging: DEADLINE });
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    server.thaw();
    await failing?.close();
    await stage?.close();
  }, 60_000);

  /** Goes on until its first write is in the cluster. */
  const begin = async (app: string): Promise<void> => {
    await stage.push(app);
    await stage.apply(failingApp(stage.namespace, app, stage.image(app), { container: LATE }));
    await stage.ready(app, 1);
    await stage.push(app);
    await stage.say(`/repull ${app} staging`);
    await until(async () => (await stage.object('deployment', app)).metadata.generation > 1, {
      what: 'the patch',
      withinMs: 30_000,
      everyMs: 100,
    });
  };
  const times = (app: string, pattern: RegExp): number => stage.thread(app).filter((entry) => pattern.test(entry)).length;

  it('is said once, and forgotten when it answers again', async () => {
    await begin('api-back');
    server.freeze();
    const began = Date.now();
    const text = await failing.shows('api-back', /The cluster has not answered since/, 40);
    expect(Date.now() - began).toBeLessThan(25_000);
    expect(text).toMatch(/^Rolling out/);
    expect(text).toMatch(/Pods go on by themselves; repull keeps trying\./);
    server.thaw();
    const end = await failing.shows('api-back', /^(?:Succeeded|Failed)/, 60);
    expect(end).toMatch(/^Succeeded/);
    expect(end).not.toMatch(/has not answered/);
    for (const entry of [/The cluster cannot be reached/, /The cluster answers again/]) {
      // The thread follows the card.
      await until(() => times('api-back', entry) > 0, { what: `the thread says ${entry}`, withinMs: 15_000, everyMs: 250 });
      expect(times('api-back', entry)).toBe(1);
    }
  });

  it('until the deadline is over: fails, says that what was begun goes on, and that nobody could look', async () => {
    await begin('api-late');
    server.freeze();
    const text = await failing.failed('api-late', 60);
    server.thaw();
    expect(text).toMatch(/The request did not finish in the time that staging gives it\./);
    expect(text).toMatch(/What it began in the cluster goes on by itself; repull stopped following it\./);
    expect(text).toMatch(/the API server could not be reached/);
    expect(text).toMatch(/Next: Look at the pods, then press Retry\./);
  });
});
