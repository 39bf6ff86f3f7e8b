import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, DEV2, RANDOM } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeSuccess, openStage, type Stage } from './stage.ts';

/** Seeded: the same seed strikes at the same moments after the same events. */
const SEED = Number(process.env['REPULL_SEED'] ?? Date.now() % 100_000);
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe(`workers that die, stop and are too many (REPULL_SEED=${SEED})`, () => {
  let stage: Stage;
  const chance = random(SEED);

  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => {
    for (const worker of stage.line.workers) worker.kill('SIGCONT');
    await stage?.close();
  }, 60_000);

  const slowStart = { env: { READY_AFTER: '2s' }, spec: { minReadySeconds: 5 } };
  const killWorkers = async () => {
    const dead = stage.line.workers.splice(0);
    for (const worker of dead) worker.kill('SIGKILL');
    await Promise.all(dead.map((worker) => worker.exited));
  };

  it.each([1, 2, 3])(
    'a worker killed at a random moment of a rollout and started again changes it once and ends it once (%i)',
    async (n) => {
      const app = `killed-${n}`;
      await stage.deploy(app, { replicas: 3, ...slowStart });
      const before = await stage.generation(app);
      const fresh = await stage.push(app);
      await stage.say(DEV, `/repull ${app} staging`);
      // From before the plan to the middle of the rollout.
      const after = Math.round(chance() * 3_000);
      await new Promise((resolve) => setTimeout(resolve, after));
      await killWorkers();
      await stage.line.startWorker();
      expect(await judgeSuccess(stage, app, { generation: before + 1, digest: fresh.digest })).toMatchObject({
        text: expect.stringMatching(/pulled new/),
      });
    },
  );

  it('a worker stopped for longer than its lock, with another one beside it, changes nothing twice when it wakes', async () => {
    const app = 'paused';
    await stage.deploy(app, { replicas: 3, env: { READY_AFTER: '2s' }, spec: { minReadySeconds: 15 } });
    const before = await stage.generation(app);
    const fresh = await stage.push(app);
    const [first] = stage.line.workers;
    await stage.say(DEV, `/repull ${app} staging`);
    await until(async () => (await stage.generation(app)) === before + 1, { what: 'the patch', withinMs: 30_000, everyMs: 10 });
    first?.kill('SIGSTOP');
    const second = await stage.line.startWorker();
    await second.untilReady();
    // The other one takes over (lock 10 s, looked for every 5 s) and brings it to its end, or sees further while the first sleeps.
    await until(() => /taken over|stalled/.test(second.log()) || stage.cards(app).some((card) => /Succeeded/.test(card.text)), {
      what: 'the second worker goes on',
      withinMs: 50_000,
      everyMs: 100,
    });
    first?.kill('SIGCONT');
    expect(await judgeSuccess(stage, app, { generation: before + 1, digest: fresh.digest })).toMatchObject({
      text: expect.stringMatching(/pulled new/),
    });
  });

  it('two workers share the requests, and none is carried out by both', async () => {
    const apps = ['shared-1', 'shared-2', 'shared-3', 'shared-4'];
    expect(stage.line.workers.length).toBeGreaterThan(1);
    await Promise.all(apps.map((app) => stage.deploy(app)));
    const fresh = await Promise.all(apps.map((app) => stage.push(app)));
    await Promise.all(apps.map((app) => stage.say(DEV, `/repull ${app} staging`)));
    for (const [n, app] of apps.entries()) await judgeSuccess(stage, app, { generation: 2, digest: fresh[n]?.digest ?? '' });
  });

  it('no worker keeps watching what has ended on another', async () => {
    const cluster = stage.world.simulated?.cluster;
    await until(
      () => {
        // Ended watches are opened again at once where somebody still wants them.
        const open = cluster?.faults.endWatches({ resource: 'pods' }, 'clean');
        return open === 0;
      },
      { what: 'no watch of pods is open', withinMs: 45_000, everyMs: 3_000 },
    );
    expect(cluster?.faults.endWatches({ resource: 'pods' }, 'clean')).toBe(0);
  });

  it('a worker that dies after it asked for an eviction does not ask for the same pod again, and no pod is removed twice', async () => {
    const app = 'guarded';
    await stage.deploy(app, { replicas: 4, spec: { minReadySeconds: 10 } });
    const before = await stage.pods(app);
    const fresh = await stage.push(app);
    const cluster = stage.world.simulated?.cluster;
    cluster?.requests.clear();
    const dying = new Promise<void>((resolve) => {
      const stop = cluster?.onChange(({ resource, object }) => {
        if (resource !== 'pods' || object.metadata.deletionTimestamp === undefined || !object.metadata.name.startsWith(app)) return;
        stop?.();
        for (const worker of stage.line.workers) worker.kill('SIGKILL');
        resolve();
      });
    });
    await stage.say(DEV, `/repull ${app} staging --via evict`);
    await dying;
    await killWorkers();
    await stage.line.startWorker();
    await stage.untilCard(app, /Succeeded/);
    const after = await stage.pods(app);
    expect(after.filter((pod) => before.some((old) => old.uid === pod.uid))).toEqual([]);
    expect([...new Set(after.map((pod) => pod.digest))]).toEqual([fresh.digest]);
    const evicted = cluster?.requests
      .filter(
        (request) => request.resource === 'pods/eviction' && (request.status === 200 || request.status === 201 || request.status === 0),
      )
      .map((request) => request.name);
    expect(evicted?.toSorted()).toEqual(before.map((pod) => pod.name).toSorted());
    expect(stage.cards(app)).toHaveLength(1);
  });

  it('whoever joins a request while it rolls out hears its end, once', async () => {
    const app = 'joined';
    await stage.deploy(app, { replicas: 3, ...slowStart });
    const fresh = await stage.push(app);
    await stage.say(DEV, `/repull ${app} staging`);
    await stage.untilCard(app, /Rolling out/);
    await stage.say(DEV2, `/repull ${app} staging --reason "me too"`);
    await judgeSuccessOfFirst(app, fresh.digest);
    const told = await stage.line.slack.waitFor(
      () =>
        stage.line.slack
          .view(DEV2, DEPLOYS)
          .messages.filter((message) => message.ephemeral && /which you asked for too, is succeeded/.test(message.text))
          .at(0),
      { seconds: 20, what: 'who joined is told the end' },
    );
    expect(told.ephemeral).toBe(true);
    expect(stage.line.slack.view(DEV, RANDOM).messages).toEqual([]);
  });

  const judgeSuccessOfFirst = async (app: string, digest: string) => {
    await stage.untilCard(app, /Succeeded/);
    expect(await stage.generation(app)).toBe(2);
    expect([...new Set((await stage.pods(app)).filter((pod) => !pod.deleting).map((pod) => pod.digest))]).toEqual([digest]);
    const states = (await stage.history(app)).map((each) => each.state);
    expect(states.toSorted()).toEqual(['succeeded', 'superseded']);
  };
});
