import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEV } from '../support/line.ts';
import { until } from '../support/until.ts';
import { judgeSuccess, openStage, type Stage } from './stage.ts';

describe('a cluster that goes away, and answers that are lost', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);
  afterEach(() => stage.world.simulated?.cluster.faults.clear());
  const cluster = () => {
    const simulated = stage.world.simulated?.cluster;
    if (simulated === undefined) throw new Error('this needs the simulated cluster');
    return simulated;
  };
  const threadOf = (app: string) => (stage.cards(app)[0]?.replies ?? []).map((reply) => reply.text).join('\n');

  it('an API server that is away for 15 s in the middle: the thread says away and back, once each, and the rollout ends well', async () => {
    await stage.deploy('outage', { replicas: 3, env: { READY_AFTER: '2s' }, spec: { minReadySeconds: 5 } });
    const fresh = await stage.push('outage');
    await stage.say(DEV, '/repull outage staging');
    await until(async () => (await stage.generation('outage')) === 2, { what: 'the patch', withinMs: 30_000, everyMs: 10 });
    await cluster().faults.apiAway();
    const away = Date.now();
    await until(() => /cannot be reached/.test(threadOf('outage')), { what: 'the thread says that the cluster is away', withinMs: 30_000 });
    await until(() => Date.now() - away > 15_000, { what: '15 s', withinMs: 20_000, everyMs: 100 });
    expect(stage.cards('outage')[0]?.text).toMatch(/Rolling out/);
    await cluster().faults.apiBack();
    await judgeSuccess(stage, 'outage', { generation: 2, digest: fresh.digest });
    expect(threadOf('outage').match(/cannot be reached/g)).toHaveLength(1);
    expect(threadOf('outage').match(/answers again/g)).toHaveLength(1);
  });

  it('an API server that is away between the vote and the first write: nothing is guessed, and it goes on when it is back', async () => {
    await stage.deploy('my-app');
    const fresh = await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    await stage.untilCard('my-app', /Waiting for approval/);
    await cluster().faults.apiAway();
    await stage.approve('my-app');
    await until(() => /cannot be reached/.test(threadOf('my-app')), { what: 'the thread says that the cluster is away', withinMs: 30_000 });
    await cluster().faults.apiBack();
    const card = await judgeSuccess(stage, 'my-app', { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it.each([
    ['carried out, and its answer lost', 1],
    ['carried out three times over, as far as anybody can tell', 3],
  ])('a patch that was %s changes the workload once', async (_, times) => {
    const app = `lost-${times}`;
    await stage.deploy(app);
    const fresh = await stage.push(app);
    cluster().faults.loseReply({ verb: 'patch', resource: 'deployments', name: app }, times);
    await stage.say(DEV, `/repull ${app} staging`);
    const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });

  it('a patch that was held up in the network until after a second worker has written it changes nothing more', async () => {
    const app = 'late';
    await stage.deploy(app, { spec: { minReadySeconds: 10 } });
    const fresh = await stage.push(app);
    cluster().requests.clear();
    // Longer than the lock and its sweep (20 s at worst): by then the request is another worker's.
    cluster().faults.delay({ verb: 'patch', resource: 'deployments', name: app }, 40_000);
    await stage.say(DEV, `/repull ${app} staging`);
    const patches = () => cluster().requests.filter((request) => request.verb === 'patch' && request.name === app);
    await until(() => patches().length > 0, { what: 'a patch is on its way', withinMs: 20_000 });
    // Stopped, not killed: its connection stays open, so the answer to its patch can be seen.
    const [stopped] = stage.line.workers.splice(0);
    stopped?.kill('SIGSTOP');
    await stage.line.startWorker();
    await until(async () => (await stage.generation(app)) === 2, { what: 'the second worker writes', withinMs: 39_000 });
    await until(() => patches()[0]?.status !== 0, { what: 'the first patch arrives', withinMs: 45_000, everyMs: 100 });
    await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
    expect(patches()[0]?.status, 'the late one').toBe(409);
    expect(patches().filter((patch) => patch.status === 200)).toHaveLength(1);
    stopped?.kill('SIGKILL');
    await stopped?.exited;
  }, 120_000);

  it('an eviction whose answer is lost removes that pod once, and never two at a time', async () => {
    const app = 'guarded';
    await stage.deploy(app, { replicas: 4 });
    const before = await stage.pods(app);
    const fresh = await stage.push(app);
    let least = 4;
    let sampling = true;
    const sampler = (async () => {
      while (sampling) least = Math.min(least, (await stage.pods(app)).filter((pod) => pod.ready && !pod.deleting).length);
    })();
    cluster().faults.loseReply({ verb: 'create', resource: 'pods/eviction' }, 2);
    await stage.say(DEV, `/repull ${app} staging --via evict`);
    await stage.untilCard(app, /Succeeded/);
    sampling = false;
    await sampler;
    expect(least).toBe(3);
    const after = (await stage.pods(app)).filter((pod) => !pod.deleting);
    expect(after.filter((pod) => before.some((old) => old.uid === pod.uid))).toEqual([]);
    expect([...new Set(after.map((pod) => pod.digest))]).toEqual([fresh.digest]);
  });

  it.each([500, 503, 429])('an API server that answers %i for a while delays a request and does not fail it', async (status) => {
    const app = `busy-${status}`;
    await stage.deploy(app);
    const fresh = await stage.push(app);
    cluster().faults.answer({ namespace: stage.namespace }, { status, ...(status === 429 ? { retryAfter: 1 } : {}) }, 6);
    await stage.say(DEV, `/repull ${app} staging`);
    const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/Succeeded/);
  });

  it('watches that end, expire or break in the middle of a rollout cost nothing but a look', async () => {
    const app = 'watched';
    await stage.deploy(app, { replicas: 3, env: { READY_AFTER: '1s' } });
    const fresh = await stage.push(app);
    await stage.say(DEV, `/repull ${app} staging`);
    await until(async () => (await stage.generation(app)) === 2, { what: 'the patch', withinMs: 30_000, everyMs: 10 });
    for (const how of ['clean', 'mid-line', 'reset', 'expired'] as const) cluster().faults.endWatches({}, how);
    cluster().faults.compact();
    const card = await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
    expect(card.text).toMatch(/pulled new/);
  });
});
